"""Formulas over names, and conditions on numbers with names, as they are typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dse.errors import nearest
from dse.language.conditions import parse_condition, parse_value
from dse.language.faults import Fault, told
from dse.language.linear_forms import Linear, linear
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
    names_in,
)
from dse.language.truth_values import Booleans, KnownNumbers, reading_of, verdict_of
from dse.language.typed_numbers import UnitOf, unit_in
from dse.language.units import Kind


@dataclass(frozen=True, slots=True)
class Formula:
    """A value such as `macs / params`."""

    text: str
    node: Node = field(compare=False, repr=False)
    unit_of: UnitOf = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once."""
        return names_in(self.node)

    @property
    def unit(self) -> Kind | None:
        """The kind of unit that its value is in; None for a ratio or a product."""
        found = unit_in([self.node], self.unit_of)
        return None if found is None else found.kind

    @property
    def linear(self) -> Linear | None:
        """It as a weighted sum of names; None where it is none."""
        return linear(self.node, self.unit_of)

    def read(self, values: Mapping[str, Any]) -> KnownNumbers:
        """Return its values, given a number or an array of each name; None for a missing one."""
        return reading_of(self.node, values, self.unit_of)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition such as `macs / params > 50 or not params < 1M`."""

    text: str
    node: Node = field(compare=False, repr=False)
    unit_of: UnitOf = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once."""
        return names_in(self.node)

    def holds(self, values: Mapping[str, Any]) -> Booleans:
        """Return where it holds, given a number, an array or a `KnownNumbers` of each name."""
        return verdict_of(self.node, values, self.unit_of).holds

    @property
    def as_part(self) -> str:
        """It as others stand beside it, joined by `and`: in parentheses where it is an `or`."""
        is_either = isinstance(self.node, Junction) and not self.node.every
        return f"({self.text})" if is_either else self.text

    def __str__(self) -> str:
        return self.text


def parse_formula(
    text: str, names: Collection[str], unit_of: UnitOf, what: str = "formula"
) -> Formula:
    """Return the formula that a text is.

    Args:
        text: such as `macs / params`.
        names: what it may refer to.
        unit_of: the kind of unit of each.
        what: how an error names the text.

    Raises:
        DseError: that points at the place of a mistake.
    """
    try:
        node = parse_value(text)
        _check_value(node, names)
        reading_of(node, _Zeros(), unit_of)
    except Fault as fault:
        raise told(text, fault, what) from None
    return Formula(text.strip(), node, unit_of)


def parse_test(
    text: str, names: Collection[str], unit_of: UnitOf, what: str = "condition"
) -> Condition:
    """Return the condition on numbers that a text is; it takes and raises as `parse_formula`."""
    try:
        node = parse_condition(text)
        check_test(node, names, unit_of)
    except Fault as fault:
        raise told(text, fault, what) from None
    return Condition(text.strip(), node, unit_of)


def check_test(node: Node, names: Collection[str], unit_of: UnitOf) -> None:
    """Refuse what is no condition on numbers with these names.

    Raises:
        Fault: at the place of the mistake.
    """
    _check_condition(node, names)
    # Looks at every number, so that a wrong unit is told before anything is read.
    verdict_of(node, _Zeros(), unit_of)


class _Zeros(dict[str, Any]):
    """A value of every name, for looking a text through."""

    def __missing__(self, name: str) -> int:
        return 0


def _check_value(node: Node, names: Collection[str]) -> None:
    match node:
        case Name(at=at, name=name):
            if name not in names:
                raise Fault(at, f"unknown cost {name!r}; {nearest(name, names)}")
        case Number():
            pass
        case Sign(operand=operand):
            _check_value(operand, names)
        case Arithmetic(left=left, right=right):
            _check_value(left, names)
            _check_value(right, names)
        case Text() | Truth():
            raise Fault(node.at, "one can only calculate and compare with numbers here")
        case ReplicateCall(function=function):
            raise Fault(node.at, f"{function} is of what a store has measured; name a cost")
        case _:
            raise Fault(node.at, "a condition is not a value; compare costs or numbers")


def _check_condition(node: Node, names: Collection[str]) -> None:
    match node:
        case Junction(parts=parts):
            for part in parts:
                _check_condition(part, names)
        case Not(operand=operand):
            _check_condition(operand, names)
        case Comparison(operands=operands):
            for operand in operands:
                _check_value(operand, names)
        case Membership(operand=operand, items=items):
            for value in (operand, *items):
                _check_value(value, names)
        case Missing(operand=operand):
            _check_value(operand, names)
        case Truth():
            pass
        case Pattern():
            raise Fault(node.at, "'like' compares texts, and costs are numbers")
        case _:
            _check_value(node, names)
            raise Fault(node.at, "this is a number, not a condition; compare it, as in macs < 300M")
