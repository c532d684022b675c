"""Formulas that are weighted sums of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dse.language.syntax import Arithmetic, Name, Node, Number, Sign
from dse.language.typed_numbers import AskedUnit, UnitOf, exact_number, unit_in


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum of names, and a constant."""

    weights: Mapping[str, Fraction]
    constant: Fraction

    def times(self, factor: Fraction) -> Linear:
        """Return so many times as much."""
        weights = {name: weight * factor for name, weight in self.weights.items() if factor}
        return Linear(weights, self.constant * factor)

    def plus(self, other: Linear) -> Linear:
        """Return the sum; names that cancel each other out are gone."""
        weights = dict(self.weights)
        for name, weight in other.weights.items():
            weights[name] = weights.get(name, Fraction(0)) + weight
        left = {name: weight for name, weight in weights.items() if weight}
        return Linear(left, self.constant + other.constant)


def linear(node: Node, unit_of: UnitOf, unit: AskedUnit | None = None) -> Linear | None:
    """Return a value as a weighted sum of names; None where it is none.

    Raises:
        Fault: for a number with a wrong unit.
    """
    match node:
        case Name(name=name):
            return Linear({name: Fraction(1)}, Fraction(0))
        case Number():
            return Linear({}, exact_number(node, unit))
        case Sign(sign=sign, operand=operand):
            found = linear(operand, unit_of, unit)
            return found and found.times(Fraction(-1 if sign == "-" else 1))
        case Arithmetic(left=left, right=right):
            inner = unit_in((left, right), unit_of) or unit
            a, b = linear(left, unit_of, inner), linear(right, unit_of, inner)
            return None if a is None or b is None else _combined(node.operator, a, b)
        case _:
            return None


def _combined(symbol: str, left: Linear, right: Linear) -> Linear | None:
    if symbol in "+-":
        return left.plus(right if symbol == "+" else right.times(Fraction(-1)))
    if symbol == "*" and not left.weights:
        return right.times(left.constant)
    if not right.weights and (symbol == "*" or right.constant):
        return left.times(right.constant if symbol == "*" else 1 / right.constant)
    return None
