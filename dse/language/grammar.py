"""The grammar of conditions such as `macs < 300M and width >= 1`, for lark's LALR parser.

Conditions and values share one chain of rules, so that a parenthesis may hold either; that `and`
joins conditions and `+` joins values is checked where a condition is turned into SQL.
"""

GRAMMAR = r"""
?start: alternatives

?alternatives: requirements (_OR requirements)*
?requirements: inversion (_AND inversion)*
?inversion: NOT inversion -> invert
          | relation

?relation: sum
         | sum (COMPARE sum)+ -> comparison
         | sum IN items -> membership
         | sum NOT IN items -> membership
         | sum LIKE sum -> pattern
         | sum NOT LIKE sum -> pattern
         | sum IS NULL -> missing
         | sum IS NOT NULL -> missing

items: "(" sum ("," sum)* ")"
     | "[" sum ("," sum)* "]"

?sum: product
    | sum SIGN product -> arithmetic
?product: signed
        | product SCALE signed -> arithmetic
?signed: SIGN signed -> sign
       | atom

?atom: NAME -> name
     | NAME "(" alternatives ")" -> call
     | QUOTED_NAME -> quoted_name
     | NUMBER -> number
     | STRING -> text
     | TRUTH -> truth
     | "(" alternatives ")"

_OR.2: /or\b/i
_AND.2: /and\b/i
NOT.2: /not\b/i
IN.2: /in\b/i
LIKE.2: /like\b/i
IS.2: /is\b/i
NULL.2: /null\b/i
TRUTH.2: /(true|false)\b/i
COMPARE: "<=" | ">=" | "<>" | "!=" | "==" | "<" | ">" | "="
SIGN: "+" | "-"
SCALE: "*" | "/"
NAME: /[^\W\d][\w.]*/
QUOTED_NAME: /`[^`]+`/
NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[A-Za-zµμ]*/
STRING: /'([^']|'')*'|"([^"]|"")*"/

%ignore /\s+/
"""
