"""The key `steps` of a search: one cost with evenly spaced upper bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dse.cost_formulas import formula_unit, is_weighted_sum
from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.language import parse_quantity
from dse.search import with_upper
from dse.space import Bound, Budget

_MOST = 1_000
"""Bounds that are gone through."""


def read_steps(content: Mapping[str, Any]) -> tuple[Bound, ...]:
    """Return the bounds that `{macs: [100M, 600M, 20]}` describes, the least first.

    They are whole numbers, evenly spaced from the first to the last, both included.

    Raises:
        DseError: naming the key that does not hold.
    """
    given = {str(cost): ends for cost, ends in content.items() if ends is not None}
    if not given:
        return ()
    if len(given) > 1:
        raise DseError(f"steps: of one cost at a time, and there are {', '.join(given)}")
    ((cost, ends),) = given.items()
    if not is_weighted_sum(cost):
        raise DseError(f"steps: unknown cost {cost!r}; {nearest(cost, COSTS)}")
    where = f"steps.{cost}"
    is_list = isinstance(ends, Sequence) and not isinstance(ends, str)
    if not is_list or len(ends) != 3:
        raise DseError(f"{where}: expected [first, last, number], not {ends!r}")
    first, last = (parse_quantity(end, formula_unit(cost), where) for end in ends[:2])
    number = ends[2]
    if isinstance(number, bool) or not isinstance(number, int) or not 2 <= number <= _MOST:
        raise DseError(f"{where}: {number!r} is no number of bounds from 2 to {_MOST:,}")
    if first >= last:
        raise DseError(f"{where}: the first bound, {ends[0]}, is not below the last, {ends[1]}")
    spaced = (first + (last - first) * place // (number - 1) for place in range(number))
    return tuple(Bound(cost, None, high) for high in dict.fromkeys(spaced))


def within_widest(budget: Budget, steps: Sequence[Bound]) -> Budget:
    """Return a budget with the widest of some bounds, within which all of them are.

    Raises:
        DseError: where the budget has a lower bound above it.
    """
    if not steps:
        return budget
    within = with_upper(budget, steps[-1])
    if within is None:
        raise DseError(f"steps.{steps[-1].cost}: nothing meets both {budget} and {steps[-1]}")
    return within
