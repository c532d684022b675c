"""Reads the text of a condition by lark, and says what is wrong at which place of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dse.costs import RATIOS
from dse.errors import nearest
from dse.language.faults import Fault
from dse.language.grammar import GRAMMAR
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
from dse.language.units import units_of

_WORDS = ("and", "or", "in", "like", "is", "not")
_MENDS = {
    "&": "write 'and' for 'both'",
    "|": "write 'or' for 'either'",
    "!": "write 'not', or != for 'differs from'",
    "'": "the quote is not closed",
    '"': "the quote is not closed",
    "`": "the quote is not closed",
    ";": "one condition is enough",
}


def parsed(text: str) -> Node:
    """Return the parts of a condition or a value.

    Raises:
        Fault: for a text that is none.
    """
    try:
        root: Node = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _fault(text, error) from None
    return root


def _fault(text: str, error: UnexpectedInput) -> Fault:
    if isinstance(error, UnexpectedCharacters):
        place = error.pos_in_stream or 0
        character = text[place]
        mend = _MENDS.get(character, "write a condition such as macs < 300M")
        return Fault(place, f"unexpected {character!r}; {mend}")
    assert isinstance(error, UnexpectedToken)
    token, wanted = error.token, error.accepts or error.expected
    if token.type == "$END":
        more = "a column or a value" if "NAME" in wanted else "something to close or compare with"
        return Fault(len(text.rstrip()), f"the text ends too early; {more} is missing")
    at = token.start_pos or 0
    if token.type == "NULL":
        return Fault(at, "a missing value is found by 'is null', a present one by 'is not null'")
    if "NAME" in wanted:
        return Fault(at, f"a column or a value is expected here, not {str(token)!r}")
    if token.type == "NAME" and str(token) in units_of(None) and text[:at].rstrip()[-1:].isdigit():
        number = re.split(r"[^\d.]", text[:at].rstrip())[-1]
        return Fault(at, f"a unit stands right behind its number: {number}{token}")
    if token.type == "NAME":
        return Fault(at, f"an operator is expected here, not {str(token)!r}; "
                     + nearest(token.lower(), _WORDS))  # fmt: skip
    if token.type == "COMMA" or str(token) == ",":
        return Fault(at, "unexpected ','; write 'and' for 'both'")
    return Fault(at, f"an operator such as <, =, in or and is expected here, not {str(token)!r}")


class _SyntaxBuilder(Transformer[Token, Node]):
    """Builds the parts from the bottom up while lark parses, so that depth costs no recursion."""

    def name(self, found: list[Token]) -> Node:
        formula = RATIOS.get(found[0])
        if formula is not None:
            return parsed(" " * _at(found[0]) + formula)
        return Name(_at(found[0]), str(found[0]))

    def quoted_name(self, found: list[Token]) -> Node:
        return Name(_at(found[0]), found[0][1:-1])

    def call(self, found: list[Any]) -> Node:
        return ReplicateCall(_at(found[0]), str(found[0]), found[1])

    def number(self, found: list[Token]) -> Node:
        return Number(_at(found[0]), str(found[0]))

    def text(self, found: list[Token]) -> Node:
        quote = found[0][0]
        return Text(_at(found[0]), found[0][1:-1].replace(quote * 2, quote))

    def truth(self, found: list[Token]) -> Node:
        return Truth(_at(found[0]), found[0].lower() == "true")

    def sign(self, found: list[Any]) -> Node:
        return Sign(_at(found[0]), str(found[0]), found[1])

    def arithmetic(self, found: list[Any]) -> Node:
        left, operator, right = found
        return Arithmetic(_at(operator), str(operator), left, right)

    def comparison(self, found: list[Any]) -> Node:
        return Comparison(found[0].at, tuple(found[::2]), tuple(str(o) for o in found[1::2]))

    def membership(self, found: list[Any]) -> Node:
        return Membership(found[0].at, found[0], tuple(found[-1]), len(found) == 4)

    def items(self, found: list[Node]) -> Any:
        return found

    def pattern(self, found: list[Any]) -> Node:
        return Pattern(found[0].at, found[0], found[-1], len(found) == 4)

    def missing(self, found: list[Any]) -> Node:
        return Missing(found[0].at, found[0], len(found) == 4)

    def invert(self, found: list[Any]) -> Node:
        return Not(_at(found[0]), found[1])

    def requirements(self, found: list[Node]) -> Node:
        return Junction(found[0].at, tuple(found), every=True)

    def alternatives(self, found: list[Node]) -> Node:
        return Junction(found[0].at, tuple(found), every=False)


def _at(token: Token) -> int:
    return token.start_pos or 0


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_SyntaxBuilder())
