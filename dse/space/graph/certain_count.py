"""How many networks are within a budget, between bounds that hold for certain and are close.

Ways are followed from the roots as in `within`, and those to one node whose amounts are nearly
the same run together. Besides the range of what ran together, each such cluster has the exact mean
and variance of each sum over the beginnings of networks in it. Whatever comes behind is the same
for all of them, so that mean and variance stay exact to the end. There Cantelli's inequality says
how many at most lie beyond a bound: a share of v / (v + t²) is t or more above the mean of what has
the variance v. Ranges widen with each block, deviations with the root of their number alone.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy

from dse.cost_formulas import needs_training
from dse.limits import limit
from dse.space.budget import Budget
from dse.space.graph.amounts import UNBOUNDED, Amounts, Check, amounts_of
from dse.space.graph.frontier import Frontier, Labels, follow
from dse.space.graph.networks import NetworkGraph, without_edges
from dse.space.graph.training_ranges import TrainingRanges, is_of_training
from dse.space.graph.ways import Floats, NetworkCount
from dse.space.tables import Booleans, Integers

_ROUNDING = 1e-12
"""Relative error of sums in double precision, generously."""
_FINEST, _FINE = 2**30, 2**14
"""Bins of an amount: at first, when nothing has to run together, and when something has."""


def certain_count(graph: NetworkGraph, budget: Budget, clusters: int | None = None) -> NetworkCount:
    """Return bounds on how many networks are within a budget.

    Args:
        graph: of a space.
        budget: what is followed of it in no way makes the lower bound 0.
        clusters: at the nodes of a level at most; None for a number by the limit `budget_ways`. The
            distance of the bounds falls with it: for two sums with its root.
    """
    bounds = budget.bounds
    if any(needs_training(bound.cost) for bound in bounds):
        graph = without_edges(graph, graph.segment == 0)
    training = TrainingRanges(graph, tuple(filter(is_of_training, bounds)))
    rest = replace(budget, bounds=tuple(each for each in bounds if not is_of_training(each)))
    wanted = amounts_of(graph, rest)
    if clusters is None:
        several = sum(not amount.is_peak for amount in wanted.amounts) > 1
        clusters = limit("budget_ways") // (100 if training else 40 if several else 200)
    counter = _Counter(graph, wanted, training, clusters)
    follow(graph, counter.start(), counter)
    least, most = counter.least * (1 - _ROUNDING), counter.most * (1 + _ROUNDING)
    return NetworkCount(0 if wanted.is_partial else math.ceil(least), math.floor(most))


class _Counter:
    """Follows clusters of ways, and counts the networks in them as soon as it is known."""

    def __init__(
        self, graph: NetworkGraph, wanted: Amounts, training: TrainingRanges, clusters: int
    ) -> None:
        self.least = self.most = 0.0
        self._graph, self._wanted, self._amounts = graph, wanted, wanted.amounts
        self._training = training
        self._most, self._bins = clusters, _FINEST
        self._rests = graph.rests()

    def start(self) -> Labels:
        number = len(self._graph.roots)
        labels: dict[str, Integers | Floats] = {"number": numpy.ones(number)}
        for index, amount in enumerate(self._amounts):
            labels |= {f"low {index}": amount.start, f"high {index}": amount.start}
            if not amount.is_peak:
                labels[f"mean {index}"] = amount.start.astype(numpy.float64)
                labels[f"variance {index}"] = numpy.zeros(number)
        return {**labels, **self._training.start(self._graph)}

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        found = dict(labels)
        for index, amount in enumerate(self._amounts):
            for end in ("low", "high"):
                found[f"{end} {index}"] = amount.after(labels[f"{end} {index}"], edge)
            if not amount.is_peak:
                found[f"mean {index}"] = labels[f"mean {index}"] + amount.of_edge[edge]
        return {**found, **self._training.extended(labels, edge)}

    def goes_on(self, ways: Frontier) -> Booleans:
        """Return which clusters are still open; those with all rests within are counted."""
        least, most = self._ends_of_rests(ways)
        may = numpy.ones(len(ways), dtype=numpy.bool_)
        must = may.copy()
        for check in self._wanted.checks:
            may &= check.may_hold(least, most)
            must &= check.must_hold(least, most)
        must &= not self._training
        within = float((ways.labels["number"] * self._rests[ways.node])[must].sum())
        self.least += within
        self.most += within
        return may & ~must

    def arrived(self, ways: Frontier) -> Frontier:
        merged = self._merged(ways)
        self._count(merged.of(self._graph.ends[merged.node]))
        return merged

    def _ends_of_rests(self, ways: Frontier) -> tuple[list[Integers], list[Integers]]:
        """Return what whole networks have at least and at most of each amount."""
        least = [a.least(ways.node, ways.labels[f"low {i}"]) for i, a in enumerate(self._amounts)]
        most = [a.most(ways.node, ways.labels[f"high {i}"]) for i, a in enumerate(self._amounts)]
        return least, most

    def _merged(self, ways: Frontier) -> Frontier:
        """Return clusters of ways to the same node whose amounts are nearly the same."""
        firsts, cluster = self._clustered(ways)
        number = len(firsts)
        order = numpy.argsort(cluster, kind="stable")
        starts = numpy.searchsorted(cluster[order], numpy.arange(number))
        weight = ways.labels["number"]
        total = numpy.bincount(cluster, weight, number)
        merged: dict[str, Integers | Floats] = {"number": total}
        for name, values in ways.labels.items():
            if name.startswith(("low", "high")):
                reduce = numpy.minimum if name.startswith("low") else numpy.maximum
                merged[name] = reduce.reduceat(values[order], starts)
        for index, amount in enumerate(self._amounts):
            if amount.is_peak:
                continue
            mean, variance = ways.labels[f"mean {index}"], ways.labels[f"variance {index}"]
            middle = numpy.bincount(cluster, weight * mean, number) / total
            spread = variance + (mean - middle[cluster]) ** 2
            merged[f"mean {index}"] = middle
            merged[f"variance {index}"] = numpy.bincount(cluster, weight * spread, number) / total
        return replace(ways.of(firsts), labels=merged)

    def _clustered(self, ways: Frontier) -> tuple[Integers, Integers]:
        """Return the first way of each cluster, and the cluster of each way."""
        open_for = self._open_for(ways)
        same, near = self._training.compared(ways.labels)
        shared = ways.node - ways.node.min(initial=0)
        for values in same:
            shared = _paired(shared, values)
        while True:
            code = shared
            for values in near:
                code = _paired(code, _binned(values, self._bins))
            for index, is_open in enumerate(open_for):
                code = _paired(
                    code, numpy.where(is_open, 1 + self._bin_of(ways, index, is_open), 0)
                )
            _, firsts, cluster = numpy.unique(code, return_index=True, return_inverse=True)
            if len(firsts) <= self._most or self._bins <= 1:
                break
            too_many = min((self._most / len(firsts)) ** 0.5, 0.95)
            self._bins = int(min(self._bins * too_many, _FINE))
        if len(firsts) < self._most / 2:
            self._bins = min(self._bins * 3 // 2 + 1, _FINEST)
        return firsts, cluster.reshape(-1)

    def _open_for(self, ways: Frontier) -> list[Booleans]:
        """Return of each amount for which ways it matters, as a rest may break its bounds."""
        least, most = self._ends_of_rests(ways)
        found = [numpy.zeros(len(ways), dtype=numpy.bool_) for _ in self._amounts]
        for check in self._wanted.checks:
            is_open = ~check.must_hold(least, most)
            for index in check.amounts:
                found[index] |= is_open
        return found

    def _bin_of(self, ways: Frontier, index: int, is_open: Booleans) -> Integers:
        amount = self._amounts[index]
        if amount.is_peak:
            # There are few of them, and most of a budget hangs on which it is.
            peaks, rank = numpy.unique(ways.labels[f"low {index}"], return_inverse=True)
            rank = rank.reshape(-1)
            return rank if len(peaks) <= self._bins else rank * self._bins // len(peaks)
        whole = ways.labels[f"mean {index}"] + amount.rest_least[ways.node]
        return _binned(whole, self._bins, is_open)

    def _count(self, ways: Frontier) -> None:
        """Count the networks that end here, as far as it is certain where they are."""
        if not len(ways):
            return
        surely, perhaps = self._training.outside(ways)
        without, within = perhaps.astype(numpy.float64), 1.0 - surely
        for check in self._wanted.checks:
            for sign, bound in ((1, check.high), (-1, -check.low)):
                if check.asks_for_few if sign > 0 else check.asks_for_some:
                    beyond = self._beyond(ways, check, sign, bound)
                    # Of all the checks together no more fail than of each, added up.
                    without += beyond[1]
                    within = numpy.minimum(within, 1 - beyond[0])
        number = ways.labels["number"]
        self.least += float((number * numpy.maximum(1 - without, 0)).sum())
        self.most += float((number * within).sum())

    def _beyond(self, ways: Frontier, check: Check, sign: int, bound: int) -> tuple[Floats, Floats]:
        """Return which share of each cluster is above a bound: at least, and at most.

        Args:
            ways: that end.
            check: whose cost is meant.
            sign: −1 turns the cost round, so that a lower bound is an upper one.
            bound: the cost with its sign is at most this.
        """
        low = numpy.zeros(len(ways), dtype=numpy.int64)
        high, mean, variance = low.copy(), numpy.zeros(len(ways)), numpy.zeros(len(ways))
        width = low.copy()
        for index in check.amounts:
            amount = self._amounts[index]
            ends = [amount.ended(ways.node, ways.labels[f"{e} {index}"]) for e in ("low", "high")]
            low, high = low + ends[0], high + ends[1]
            if amount.is_peak:
                mean, width = mean + ends[0], width + (ends[1] - ends[0])
            else:
                mean = mean + ways.labels[f"mean {index}"] + amount.at_end[ways.node]
                variance = variance + ways.labels[f"variance {index}"]
        if sign < 0:
            low, high, mean = -high, -low, -(mean + width)
        # Amounts are whole numbers: half of one is more than what sums in doubles are wrong by.
        slack = 0.5 - abs(bound) * _ROUNDING
        above = _tail(bound + slack - (mean + width), variance)
        below = _tail(mean - bound - slack, variance)
        return (
            numpy.where(low > bound, 1.0, 1 - below),
            numpy.where(high <= bound, 0.0, above),
        )


def _tail(distance: Floats, variance: Floats) -> Floats:
    """Return which share is at most so far or farther from the mean, on one side (Cantelli)."""
    share = variance / (variance + numpy.maximum(distance, 1e-9) ** 2)
    return numpy.where(distance > 0, share, 1.0)


def _binned(
    values: Integers | Floats, bins: int, among: Booleans | slice = slice(None)
) -> Integers:
    """Return in which of some bins of equal width numbers are, from the least to the greatest.

    Args:
        values: numbers.
        bins: how many.
        among: those that count for the least and the greatest; others are in any bin.
    """
    if not len(counted := values[among]):
        return numpy.zeros(len(values), dtype=numpy.int64)
    least = counted.min()
    span = max(float(counted.max()) - float(least), 1.0)
    return numpy.asarray(numpy.clip((values - least) / span, 0, 1) * bins, dtype=numpy.int64)


def _paired(code: Integers, place: Integers) -> Integers:
    """Return one number for each pair of numbers."""
    size = int(place.max(initial=0)) + 1
    if int(code.max(initial=0)) >= UNBOUNDED // size:
        code = numpy.unique(code, return_inverse=True)[1].reshape(-1)
    return code * size + place
