"""What a budget bounds, followed along a way through the graph of networks.

The rest of a network adds at least and at most so much to each amount, which says early whether a
way can still come within the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy
from numpy.typing import NDArray

from dse.costs import COSTS, TRAINING_COSTS, base_terms
from dse.space.budget import Bound, Budget
from dse.space.costing import NEVER
from dse.space.graph.networks import NetworkGraph, runs_of
from dse.space.tables import Booleans, Integers

_UNBOUNDED = 2**62

Scalar = TypeVar("Scalar", numpy.int64, numpy.float64)


@dataclass(frozen=True)
class Amount:
    """A number that grows along a way: a sum, or a highest value so far."""

    name: str
    is_peak: bool
    of_edge: Integers
    start: Integers
    """At each root."""
    at_end: Integers
    """What an end at each node adds, for a sum."""
    rest_least: Integers
    """What the rest of a network behind each node adds at least, or is at its lowest peak."""
    rest_most: Integers

    def after(self, values: Integers, edge: Integers) -> Integers:
        """Return the amounts of ways that go on along edges."""
        return self.joined(values, self.of_edge[edge])

    def joined(self, values: Integers, more: Integers) -> Integers:
        """Return amounts with what comes behind."""
        joined: Integers = numpy.maximum(values, more) if self.is_peak else values + more
        return joined

    def least(self, node: Integers, values: Integers) -> Integers:
        """Return what whole networks have at least that begin with ways to nodes."""
        return self.joined(values, self.rest_least[node])

    def most(self, node: Integers, values: Integers) -> Integers:
        """Return what whole networks have at most that begin with ways to nodes."""
        return self.joined(values, self.rest_most[node])

    def ended(self, node: Integers, values: Integers) -> Integers:
        """Return what networks have that end at nodes."""
        return values if self.is_peak else values + self.at_end[node]


@dataclass(frozen=True)
class Check:
    """Bounds on a cost that is the sum of some amounts, both included."""

    amounts: tuple[int, ...]
    low: int
    high: int

    def sum(self, values: Sequence[Integers]) -> Integers:
        """Return the cost from what each amount is."""
        total = values[self.amounts[0]]
        for index in self.amounts[1:]:
            total = total + values[index]
        return total

    def may_hold(self, least: Sequence[Integers], most: Sequence[Integers]) -> Booleans:
        """Return whether a cost may be within the bounds, given ranges of the amounts."""
        return (self.sum(least) <= self.high) & (self.sum(most) >= self.low)

    def must_hold(self, least: Sequence[Integers], most: Sequence[Integers]) -> Booleans:
        """Return whether a cost is within the bounds for certain."""
        return (self.sum(most) <= self.high) & (self.sum(least) >= self.low)


@dataclass(frozen=True)
class Amounts:
    """All that a budget asks for."""

    amounts: tuple[Amount, ...]
    checks: tuple[Check, ...]
    is_partial: bool
    """Whether the budget has a bound that is not among the checks: one on `train_memory`."""

    def sums(self) -> list[tuple[Check, int, tuple[int, ...]]]:
        """Return each check with the sum that it bounds, and with the peaks that it adds to that.

        A check of peaks alone bounds no sum, and is left out.
        """
        found = []
        for check in self.checks:
            sums = [i for i in check.amounts if not self.amounts[i].is_peak]
            if not sums:
                continue
            (total,) = sums
            found.append((check, total, tuple(i for i in check.amounts if i != total)))
        return found


def amounts_of(graph: NetworkGraph, budget: Budget) -> Amounts:
    """Return what a budget asks for along the ways through a graph."""
    names: list[str] = []
    checks, is_partial = [], False
    for bound in budget.bounds:
        fields = _fields(bound)
        is_partial |= not fields
        for name in fields:
            if name not in names:
                names.append(name)
        # Whether a network can be trained is for the exact check as well.
        is_partial |= bound.cost in TRAINING_COSTS and not graph.can_train
        if fields:
            low, high = _ends(bound)
            checks.append(Check(tuple(map(names.index, fields)), low, high))
    return Amounts(tuple(amount(graph, name) for name in names), tuple(checks), is_partial)


def _fields(bound: Bound) -> tuple[str, ...]:
    """Return the amounts whose sum a bound is on; none where it is for the exact check alone."""
    terms = base_terms(bound.cost)
    fields = {"peak_activations": "peak", "saved_memory": "saved"}
    is_followed = all(fields.get(base) or COSTS[base].composes == "sum" for base in terms)
    if not is_followed or (len(terms) > 1 and set(terms.values()) != {1}):
        return ()
    return tuple(fields.get(base, base) for base in terms)


def _ends(bound: Bound) -> tuple[int, int]:
    low = 0 if bound.low is None else bound.low
    high = _UNBOUNDED if bound.high is None else bound.high
    times = next(iter(base_terms(bound.cost).values()))
    return -(-low // times), high // times


def amount(graph: NetworkGraph, name: str) -> Amount:
    """Return a field of `dse.space.tables.part_fields` as an amount."""
    is_peak = name == "peak"
    start = graph.inputs[0] if is_peak else numpy.zeros(len(graph.roots), dtype=numpy.int64)
    at_end = numpy.zeros(graph.nodes, dtype=numpy.int64)
    if is_peak:
        at_end[:] = NEVER
    elif name == "saved":
        steps = [graph.space.table.states[state].step for state in graph.states.tolist()]
        at_end[:] = [0 if s is None else s.entering.nbytes * s.entering.is_saved for s in steps]
    values = graph.parts[name]
    least = rest(graph, values, at_end, is_peak, lowest=True)
    most = rest(graph, values, at_end, is_peak, lowest=False)
    return Amount(name, is_peak, values, start, at_end, least, most)


def rest(
    graph: NetworkGraph,
    of_edge: NDArray[Scalar],
    at_end: NDArray[Scalar],
    is_peak: bool = False,
    lowest: bool = True,
) -> NDArray[Scalar]:
    """Return the least or the greatest that the rest of a network is behind each node."""
    worst = _UNBOUNDED if lowest else -_UNBOUNDED
    best = numpy.where(graph.ends, at_end, numpy.asarray(worst, dtype=at_end.dtype))
    better, reduce = (
        (numpy.minimum, numpy.minimum.reduceat)
        if lowest
        else (numpy.maximum, numpy.maximum.reduceat)
    )
    for edges in graph.backwards():
        behind = best[graph.target[edges]]
        values = numpy.maximum(of_edge[edges], behind) if is_peak else of_edge[edges] + behind
        starts, nodes = runs_of(graph.source[edges])
        best[nodes] = better(best[nodes], reduce(values, starts))
    return best
