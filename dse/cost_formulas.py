"""Costs by a formula over others, such as `memory_read + memory_written`, beside those with a name.

Wherever a cost is asked for by its name, a weighted sum of costs may stand as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from dse.costs import (
    COSTS,
    RATIOS,
    TRAINING_COSTS,
    Costs,
    Unit,
    base_terms,
    terms_shown,
    unit_of,
)
from dse.errors import DseError
from dse.language import Formula, KnownNumbers, parse_formula

_LARGEST_WEIGHT = 10**6


def kind_of(name: str) -> Unit | None:
    """Return the kind of unit of what has a name; None where it is no cost."""
    return unit_of(name) if name in COSTS else None


def find_formula(text: str, where: str = "cost") -> Formula:
    """Return a cost, or a formula over costs, as a formula.

    Raises:
        DseError: that points at a mistake in the text; `where` names what it was given for.
    """
    return parse_formula(text, {**COSTS, **RATIOS}, kind_of, where)


def terms_of(cost: str) -> dict[str, int]:
    """Return a cost, or a weighted sum of costs, by costs that follow from no others.

    Raises:
        DseError: for a text that is neither.
    """
    if cost in COSTS:
        return base_terms(cost)
    weights = _weights(cost)
    if weights is None:
        raise DseError(f"{cost} is no weighted sum of costs")
    return expanded(dict(weights))


def expanded(terms: Mapping[str, int]) -> dict[str, int]:
    """Return a weighted sum of costs as one of costs that follow from no others."""
    found: dict[str, int] = {}
    for name, weight in terms.items():
        for base, times in base_terms(name).items():
            found[base] = found.get(base, 0) + weight * times
    return {base: weight for base, weight in found.items() if weight}


def is_safe(terms: Mapping[str, int]) -> bool:
    """Return whether a weighted sum of costs stays within 64 bits."""
    return all(abs(weight) <= _LARGEST_WEIGHT for weight in terms.values())


def shown_terms(cost: str) -> dict[str, int]:
    """Return a cost, or a weighted sum of costs, by costs that every table and row shows.

    Raises:
        DseError: for a text that is neither.
    """
    if cost in COSTS:
        return terms_shown(cost)
    found: dict[str, int] = {}
    for name, weight in _weights(cost) or tuple(terms_of(cost).items()):
        for term, times in terms_shown(name).items():
            found[term] = found.get(term, 0) + weight * times
    return {term: weight for term, weight in found.items() if weight}


def cost_of_terms(terms: Mapping[str, int]) -> str:
    """Return the name of a weighted sum of costs: that of a cost where it is one."""
    bases = expanded(terms)
    if len(terms) > 1 and list(bases.values()) == [1]:
        return next(iter(bases))
    shown = ""
    for name, weight in terms.items():
        sign = (" - " if weight < 0 else " + ") if shown else ("-" if weight < 0 else "")
        shown += sign + (name if abs(weight) == 1 else f"{abs(weight)} * {name}")
    return shown


def is_weighted_sum(cost: str) -> bool:
    """Return whether `terms_of` takes a cost."""
    return cost in COSTS or _weights(cost) is not None


def is_sum_over_blocks(cost: str) -> bool:
    """Return whether a cost is a sum over blocks, or a weighted sum of such."""
    return is_weighted_sum(cost) and all(COSTS[base].composes == "sum" for base in terms_of(cost))


def needs_training(cost: str) -> bool:
    """Return whether a network that cannot be trained does not have a cost."""
    return any(base in TRAINING_COSTS for base in terms_of(cost))


def given_terms(cost: str) -> tuple[str, ...]:
    """Return the costs that blocks are given which a cost, or a formula over such, follows from."""
    if cost in COSTS:
        return (cost,) if COSTS[cost].is_given else ()
    return tuple(name for name in find_formula(cost).names if COSTS[name].is_given)


def formula_unit(cost: str) -> Unit:
    """Return whether a cost or a formula is in bytes or a plain count."""
    if cost in COSTS:
        return unit_of(cost)
    unit = find_formula(cost).unit
    return "count" if unit is None or unit == "number" else unit


def cost_value(costs: Costs, cost: str) -> int | None:
    """Return a cost, or a weighted sum of costs, of an architecture; None where it has none."""
    if cost in COSTS:
        return costs[cost]
    total = 0
    for base, weight in terms_of(cost).items():
        value = costs[base]
        if value is None:
            return None
        total += weight * value
    return total


def formula_value(costs: Costs, cost: str) -> float | None:
    """Return the value of any formula over costs; None where it has none, as a ratio to 0."""
    formula = find_formula(cost)
    numbers, known = formula.read({name: costs[name] for name in formula.names})
    return float(numbers) if known else None


def formula_values(cost: str, columns: Mapping[str, KnownNumbers]) -> KnownNumbers:
    """Return the values of any formula over columns of costs."""
    return find_formula(cost).read(columns)


@lru_cache(maxsize=256)
def _weights(text: str) -> tuple[tuple[str, int], ...] | None:
    """Return the whole weights of a formula; None where it is no sum of such and nothing else."""
    try:
        found = find_formula(text).linear
    except DseError:
        return None
    if found is None or found.constant or not found.weights:
        return None
    if math.lcm(*(weight.denominator for weight in found.weights.values())) != 1:
        return None
    terms = {name: int(weight) for name, weight in found.weights.items()}
    return tuple(terms.items()) if is_safe(terms) else None
