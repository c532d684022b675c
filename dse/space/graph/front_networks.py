"""The Pareto front of a space within a budget, where each goal is of sums and peaks: exactly.

Ways from a root are followed level by level with what the goals and the budget are made of. A sum
grows by the same behind each of two ways to a node, and a higher peak never becomes the lower one:
so a way is dropped where another to the same node is nowhere worse in any goal and took no more of
what is bounded. What is left at the ends holds every point of the front, with one network of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy

from dse.cost_formulas import is_weighted_sum, terms_of
from dse.costs import COSTS
from dse.dominance import distinct_front
from dse.errors import DseError
from dse.limits import limit, shown_limit
from dse.space.budget import Budget
from dse.space.graph.amounts import Amount, Amounts, amounts_of, field_of, weighted_amount
from dse.space.graph.exact_optimum import followed
from dse.space.graph.frontier import Frontier, Labels, Trail, follow
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Booleans, Integers


@dataclass(frozen=True)
class CostGoal:
    """A cost, or a weighted sum of costs, that is to be large or small."""

    cost: str
    is_large: bool


@dataclass(frozen=True)
class ExactFront:
    """Every point of a front, in the order of the first goal, the best first."""

    paths: Integers
    """The edges of a network that has it, of shape (points, most blocks); −1 behind the end."""
    values: Integers
    """Of each goal, of shape (points, goals)."""


def has_exact_front(graph: NetworkGraph, goals: Sequence[CostGoal], budget: Budget) -> bool:
    """Return whether `exact_front` takes these goals and bounds."""
    return all(is_of_sums_and_peaks(goal.cost) for goal in goals) and not (
        amounts_of(graph, budget).is_partial
    )


def is_of_sums_and_peaks(cost: str) -> bool:
    """Return whether a cost is a weighted sum of sums over blocks and of peaks."""
    laws = {COSTS[base].composes for base in terms_of(cost)} if is_weighted_sum(cost) else {"step"}
    return laws <= {"sum", "peak"}


def exact_front(graph: NetworkGraph, goals: Sequence[CostGoal], budget: Budget) -> ExactFront:
    """Return the values that no network within a budget dominates, each with one that has them.

    Args:
        graph: of a space.
        goals: each a weighted sum of sums over blocks and of peaks.
        budget: bounds on such costs.

    Raises:
        DseError: for a bound that is for whole candidates alone, and where more ways would have to
            be compared than the limit `front_ways`.
    """
    search = _FrontSearch(graph, goals, followed(graph, budget))
    starts = {str(i): amount.start for i, amount in enumerate(search.amounts)}
    follow(graph, starts, search)
    return search.found()


@dataclass(frozen=True)
class _Sum:
    """A goal, of which less is better, as a sum of amounts with a sign each."""

    signs: Mapping[int, int]
    """By the number of the amount; a sign, or the weight of a peak."""

    def value(self, amounts: Sequence[Integers]) -> Integers:
        several = [sign * amounts[index] for index, sign in self.signs.items()]
        total = several[0]
        for each in several[1:]:
            total = total + each
        return total


class _FrontSearch:
    def __init__(self, graph: NetworkGraph, goals: Sequence[CostGoal], wanted: Amounts) -> None:
        self.graph, self.wanted, self.is_large = graph, wanted, [goal.is_large for goal in goals]
        self.amounts: list[Amount] = list(wanted.amounts)
        self.goals = [self._goal(goal) for goal in goals]
        self.trail = Trail()
        self.ended: list[Frontier] = []

    def _goal(self, goal: CostGoal) -> _Sum:
        terms, sign = terms_of(goal.cost), -1 if goal.is_large else 1
        sums = {base: times for base, times in terms.items() if COSTS[base].composes == "sum"}
        signs = {self._number(weighted_amount(self.graph, sums)): sign} if sums else {}
        for base, times in terms.items():
            if base not in sums:
                signs[self._number(weighted_amount(self.graph, {field_of(base): 1}))] = sign * times
        return _Sum(signs)

    def _number(self, amount: Amount) -> int:
        """Return the place of an amount among those that are followed."""
        for index, other in enumerate(self.amounts):
            if amount.follows_same(other):
                return index
        self.amounts.append(amount)
        return len(self.amounts) - 1

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        return {str(i): a.after(labels[str(i)], edge) for i, a in enumerate(self.amounts)}

    def goes_on(self, ways: Frontier) -> Booleans:
        """Return which ways may come within the budget."""
        return self.wanted.may_hold(ways.node, self._values(ways)[: len(self.wanted.amounts)])

    def arrived(self, ways: Frontier) -> Frontier:
        """Keep the ways that no other to the same node beats, and note the networks that end."""
        if len(ways) > limit("front_ways"):
            raise DseError(
                f"the exact front has over {shown_limit('front_ways')} ways to compare; "
                "a tighter budget has fewer, steps= gives the best at each of some budgets, and "
                "exact=false draws candidates"
            )
        ways, pieces = ways.by_node()
        if not pieces:
            return ways
        columns = self._compared(ways)
        kept = [piece.start + distinct_front([c[piece] for c in columns]) for piece in pieces]
        ways = self.trail.numbered(ways.of(numpy.concatenate(kept)))
        ends = ways.of(self.graph.ends[ways.node])
        within = self.wanted.hold(ends.node, self._values(ends)[: len(self.wanted.amounts)])
        self.ended.append(ends.of(within))
        return ways

    def found(self) -> ExactFront:
        """Return the front of what has ended."""
        values = [self._of_goals(ends) for ends in self.ended]
        way = numpy.concatenate([ends.way for ends in self.ended])
        columns = list(numpy.concatenate(values, axis=1))
        best = distinct_front(columns)
        best = best[numpy.lexsort([column[best] for column in reversed(columns)])]
        less = numpy.stack([column[best] for column in columns], axis=1)
        return ExactFront(self.trail.paths(way[best]), numpy.where(self.is_large, -less, less))

    def _values(self, ways: Frontier) -> list[Integers]:
        return [ways.labels[str(i)] for i in range(len(self.amounts))]

    def _of_goals(self, ends: Frontier) -> Integers:
        """Return what networks have of each goal, of which less is better."""
        each = zip(self.amounts, self._values(ends), strict=True)
        values = [amount.ended(ends.node, value) for amount, value in each]
        return numpy.stack([goal.value(values) for goal in self.goals])

    def _compared(self, ways: Frontier) -> list[Integers]:
        """Return columns; a way that is nowhere more than another can take its place."""
        values = self._values(ways)
        budget = self.wanted.compared(ways.node, values[: len(self.wanted.amounts)])
        columns: dict[str, Integers] = {}
        for goal in self.goals:
            # The sum and the peak of one goal are not followed as one: the peak may not grow.
            for index, sign in goal.signs.items():
                columns[f"{index} {sign > 0}"] = values[index] if sign > 0 else -values[index]
        return [*columns.values(), *budget.values()]
