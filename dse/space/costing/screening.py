"""Which networks are beyond a budget by closed forms of their blocks, before anything is traced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dse.cost_formulas import is_weighted_sum, terms_of
from dse.counting import has_own_rules
from dse.errors import DseError
from dse.space.blocks import CLOSED_COSTS, ClosedForm, closed_form
from dse.space.budget import Bound, Budget
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import check_stride
from dse.space.pages import BlockRun

Shape = tuple[int, ...]

_MOST_KNOWN = 200_000


@dataclass(frozen=True, slots=True)
class Screened:
    """What closed forms tell of a network."""

    is_beyond: bool
    """Whether it cannot be built, or costs what the budget does not admit, for certain."""
    sums: Mapping[str, int] | None = None
    """The costs that closed forms tell; None where a block has none, or the network is beyond."""


class Screen:
    """Costs networks by closed forms, as far as it takes to see what is beyond a budget.

    Args:
        budget: of its bounds, those count that are on what closed forms tell.
        batch: of the input.
    """

    def __init__(self, budget: Budget, batch: int) -> None:
        self.batch = batch
        # What a user says of an operator may change what it costs.
        bounds = () if has_own_rules() else budget.bounds
        self.bounds = tuple((bound, terms_of(bound.cost)) for bound in bounds if _is_closed(bound))
        self.tells_all = len(self.bounds) == len(budget.bounds) and not budget.conditions
        """Whether there is nothing else that the budget is about."""
        self._rising = tuple(
            (bound.high, terms)
            for bound, terms in self.bounds
            if bound.high is not None and min(terms.values()) > 0
        )
        self._known: dict[tuple[ResolvedBlock, Shape], ClosedForm | None] = {}

    def screened(self, shape: Shape, runs: Iterable[BlockRun]) -> Screened:
        """Return what closed forms tell of a network.

        Args:
            shape: of its input, without the batch.
            runs: its blocks; none is asked for behind the first that is beyond.
        """
        entering = (self.batch, *shape)
        sums = dict.fromkeys(CLOSED_COSTS, 0)
        for block, number in runs:
            left = number
            while left:
                try:
                    check_stride(block, entering)
                except DseError:
                    return Screened(True)
                form = self._form(block, entering)
                if form is None:
                    return Screened(False)
                same = left if form.leaving == entering else 1
                for name, value in form.sums.items():
                    sums[name] += same * value
                entering, left = form.leaving, left - same
            # Sums of what is never negative only rise.
            if any(_value(sums, terms) > high for high, terms in self._rising):
                return Screened(True)
        beyond = any(not _admits(bound, _value(sums, terms)) for bound, terms in self.bounds)
        return Screened(True) if beyond else Screened(False, sums)

    def _form(self, block: ResolvedBlock, entering: Shape) -> ClosedForm | None:
        key = (block, entering)
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = closed_form(block, entering)
        return self._known[key]


def _is_closed(bound: Bound) -> bool:
    return is_weighted_sum(bound.cost) and {*terms_of(bound.cost)} <= {*CLOSED_COSTS}


def _value(sums: Mapping[str, int], terms: Mapping[str, int]) -> int:
    return sum(weight * sums[name] for name, weight in terms.items())


def _admits(bound: Bound, value: int) -> bool:
    return (bound.low is None or value >= bound.low) and (bound.high is None or value <= bound.high)
