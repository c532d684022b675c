"""From the parts of a text back to a text, one for all that mean the same."""

from __future__ import annotations

import re

from dse.language.syntax import (
    Arithmetic,
    Comparison,
    Junction,
    Membership,
    Missing,
    Name,
    Node,
    Not,
    Number,
    Pattern,
    ReplicateCall,
    Sign,
    Text,
    Truth,
)

_WORD = re.compile(r"[^\W\d][\w.]*")
_INNER = (Junction, Comparison, Membership, Pattern, Missing, Not)


def written(node: Node) -> str:
    """Return a part as a text that is read as the same part."""
    match node:
        case Name(name=name):
            return name if _WORD.fullmatch(name) else f"`{name}`"
        case Number(text=text):
            return text
        case Text(value=value):
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case Truth(value=value):
            return "true" if value else "false"
        case ReplicateCall(function=function, operand=operand):
            return f"{function}({written(operand)})"
        case Sign(sign=sign, operand=operand):
            return f"{sign}{_inner(operand, (Arithmetic, Sign, *_INNER))}"
        case Arithmetic(operator=operator, left=left, right=right):
            grouped = _INNER if operator in "+-" else (Arithmetic, *_INNER)
            return f"{_inner(left, grouped)} {operator} {_inner(right, (Arithmetic, *_INNER))}"
        case Comparison(operands=operands, operators=operators):
            rest = zip(operators, operands[1:], strict=True)
            shown = "".join(f" {operator} {_inner(each, _INNER)}" for operator, each in rest)
            return _inner(operands[0], _INNER) + shown
        case Membership(operand=operand, items=items, negated=negated):
            word = "not in" if negated else "in"
            return f"{_inner(operand, _INNER)} {word} ({', '.join(map(written, items))})"
        case Pattern(operand=operand, pattern=pattern, negated=negated):
            word = "not like" if negated else "like"
            return f"{_inner(operand, _INNER)} {word} {written(pattern)}"
        case Missing(operand=operand, negated=negated):
            return f"{_inner(operand, _INNER)} is {'not ' if negated else ''}null"
        case Not(operand=operand):
            return f"not {_inner(operand, _INNER)}"
        case Junction(parts=parts, every=every):
            return (" and " if every else " or ").join(_inner(part, (Junction,)) for part in parts)
    raise AssertionError(f"a part of another kind: {node}")


def _inner(node: Node, grouped: tuple[type[Node], ...]) -> str:
    return f"({written(node)})" if isinstance(node, grouped) else written(node)
