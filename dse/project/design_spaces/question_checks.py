"""What a question about a space gives, checked before anything is traced.

That is budgets, names of costs, draws and their seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dse.checked_numbers import check_counts, checked_seed
from dse.cost_formulas import is_weighted_sum
from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.space import Budget, read_budget

Bounds = Mapping[str, Any] | str | None
"""Bounds by cost, as on a page of `conf/budget/`, or a text such as `macs <= 200M`."""


def bounds(budget: Bounds) -> Budget:
    """Return the budget that bounds by cost, or a text, describe.

    Raises:
        DseError: for anything else, or what is no budget.
    """
    return read_budget(bounds_by_cost(budget))


def bounds_by_cost(budget: Bounds) -> dict[str, Any]:
    """Return a budget as a page has it.

    Raises:
        DseError: for what is neither a text nor bounds by cost.
    """
    if not isinstance(budget, str | Mapping | None):
        raise DseError(
            f"budget: expected a text such as 'macs <= 200M' or bounds by cost, not {budget!r}"
        )
    return {"where": budget} if isinstance(budget, str) else dict(budget or {})


def check_draws(number: int, stratify: str | None, strata: int, seed: int) -> None:
    """Refuse draws that there are not, before anything is traced.

    Raises:
        DseError: for a number that is not positive, an unknown cost, or a negative seed.
    """
    checked_seed(seed)
    check_counts({"sample": number, "strata": strata})
    if stratify is not None and not is_weighted_sum(stratify):
        raise DseError(f"stratify: unknown cost {stratify!r}; {nearest(stratify, COSTS)}")


def checked_costs(costs: Iterable[str]) -> tuple[str, ...]:
    """Return names of costs as they are.

    Raises:
        DseError: for one that there is not.
    """
    names = tuple(costs)
    for name in names:
        if name not in COSTS:
            raise DseError(f"costs: unknown cost {name!r}; {nearest(name, COSTS)}")
    return names


def refuse_strata(stratify: str | None) -> None:
    """Refuse strata of a space whose networks cannot be listed.

    Raises:
        DseError: where a cost is named.
    """
    if stratify is not None:
        raise DseError(
            f"stratify: the range of {stratify} is unknown where settings are drawn; draw from "
            f"each range by itself, as in 'budget.{stratify}=[…,…]'"
        )
