"""Costs of the user's own: what a trace tells of them, or what blocks are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from dse.costs.cost_conditions import CONDITION_NAMES
from dse.costs.cost_list import COSTS, RATIOS, UNITS, Cost, Record, Unit, declared
from dse.errors import DseError, nearest

_RESERVED = ("id", "key", "family", "invalid", "run", "study", "code", "declared")
"""Names of columns that every candidate has."""


def names_of_every_candidate() -> tuple[str, ...]:
    """Return the columns that every candidate has, of what it is or costs."""
    return (*_RESERVED, *COSTS, *RATIOS)


def is_of_every_candidate(name: str) -> bool:
    """Whether every candidate has a column of a name, which differs in case at most."""
    return name.lower() in names_of_every_candidate()


def register_cost(
    name: str, *, unit: Unit = "count", meaning: str, over: Record = "operation"
) -> Callable[[Callable[[Any], int]], Callable[[Any], int]]:
    """Declare a cost that is a sum: over what a model dispatches, its weights or its outputs.

    It is counted with every model from then on, composes over blocks as `macs` does, may be bounded
    by a budget, searched for exactly and asked for in a store.

    Args:
        name: a word of letters, digits and underscores that no cost or condition has.
        unit: of its whole numbers.
        meaning: what it is, exactly, in a sentence.
        over: what the decorated function is called with: each `Operation` of a trace, each
            `Weight`, or the bytes that a layer outputs. It returns what that has of the cost.

    Raises:
        DseError: for a name that is taken or no word, or records that there are not.

    >>> @register_cost("tanhs", meaning="Elements that tanh is taken of.")
    ... def tanhs(operation):
    ...     return operation.outputs[0].elements if operation.name == "aten.tanh" else 0
    """
    _check_declaration(name, unit)
    if over == "block":
        raise DseError(f"cost {name!r}: what blocks are given is declared by `give_cost`")
    if over not in get_args(Record):
        records = [each for each in get_args(Record) if each != "block"]
        raise DseError(f"cost {name!r}: over: unknown {over!r}; {nearest(over, records)}")

    def register(value: Callable[[Any], int]) -> Callable[[Any], int]:
        COSTS[name] = Cost(name, meaning, unit, "sum", over, value, is_declared=True)
        return value

    return register


def give_cost(name: str, *, unit: Unit = "count", meaning: str = "") -> None:
    """Declare a cost that blocks are given: a number each, from a table, of which there is the sum.

    Where it was declared before, it stays as it is.

    Args:
        name: a word of letters, digits and underscores that no cost or condition has.
        unit: of its whole numbers.
        meaning: what it is.

    Raises:
        DseError: for a name that is taken or no word, or one that is declared with another unit.
    """
    known = COSTS.get(name)
    if known is not None and known.is_given:
        if known.unit != unit:
            raise DseError(f"cost {name!r}: it is in {known.unit}, not in {unit}")
        return
    _check_declaration(name, unit)
    meaning = meaning or "A number that blocks are given, summed."
    COSTS[name] = Cost(name, meaning, unit, "sum", "block", is_declared=True)


def _check_declaration(name: str, unit: str) -> None:
    if not name.isidentifier() or not name.isascii():
        raise DseError(f"cost {name!r}: a name is of letters, digits and underscores")
    is_taken = is_of_every_candidate(name) or name in CONDITION_NAMES
    if is_taken and not declared(name):
        raise DseError(f"cost {name!r}: the name is taken")
    if unit not in UNITS:
        raise DseError(f"cost {name!r}: unknown unit {unit!r}; {nearest(unit, UNITS)}")


def unregister_cost(name: str) -> None:
    """Take back a cost that was declared by `register_cost` or `give_cost`.

    Raises:
        DseError: where none was.
    """
    if not declared(name):
        raise DseError(f"{name} is no cost that was registered")
    del COSTS[name]
