"""What a budget bounds, followed along a way through the graph of networks.

The rest of a network adds at least and at most so much to each amount, which says early whether a
way can still come within the budget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeVar

import numpy
from numpy.typing import NDArray

from dse.cost_formulas import needs_training, terms_of
from dse.costs import COSTS
from dse.space.budget import Bound, Budget
from dse.space.costing import NEVER
from dse.space.graph.networks import NetworkGraph, runs_of
from dse.space.tables import Booleans, Integers

UNBOUNDED = 2**62
"""What no amount comes near to."""

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
    floor: int = 0
    """No network has less of it."""
    enough: int = UNBOUNDED
    """Of a sum: what is more than this is no different from it."""

    def after(self, values: Integers, edge: Integers) -> Integers:
        """Return the amounts of ways that go on along edges."""
        return self.joined(values, self.of_edge[edge])

    def joined(self, values: Integers, more: Integers) -> Integers:
        """Return amounts with what comes behind."""
        if self.is_peak:
            return numpy.maximum(values, more)
        total: Integers = values + more
        return total if self.enough == UNBOUNDED else numpy.minimum(total, self.enough)

    def least(self, node: Integers, values: Integers) -> Integers:
        """Return what whole networks have at least that begin with ways to nodes."""
        return self.joined(values, self.rest_least[node])

    def most(self, node: Integers, values: Integers) -> Integers:
        """Return what whole networks have at most that begin with ways to nodes."""
        return self.joined(values, self.rest_most[node])

    def ended(self, node: Integers, values: Integers) -> Integers:
        """Return what networks have that end at nodes."""
        return values if self.is_peak else self.joined(values, self.at_end[node])

    def follows_same(self, other: Amount) -> bool:
        """Return whether another amount is the same along every way."""
        return self.is_peak == other.is_peak and numpy.array_equal(self.of_edge, other.of_edge)


@dataclass(frozen=True)
class Check:
    """Bounds on a cost that is the sum of some amounts, both included."""

    amounts: tuple[int, ...]
    low: int
    high: int
    floor: int = 0
    """No network has less, so a lower bound up to this is none."""

    @property
    def asks_for_some(self) -> bool:
        """Whether a network may have too little."""
        return self.low > self.floor

    @property
    def asks_for_few(self) -> bool:
        """Whether a network may have too much."""
        return self.high < UNBOUNDED

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
    """Whether the budget asks for what is not among the checks, as a bound on `train_memory`."""

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

    def compared(self, node: Integers, values: Sequence[Integers]) -> dict[str, Integers]:
        """Return columns of ways to nodes; where all are no more, no rest breaks a bound earlier.

        What no rest of a network can break is the same for all ways, however much they have.

        Args:
            node: where each way has come to; they may be compared with others to the same node.
            values: of each amount.
        """
        found: dict[str, Integers] = {}
        for number, check in enumerate(self.checks):
            for index in check.amounts:
                amount, value = self.amounts[index], values[index]
                is_alone = len(check.amounts) == 1
                if check.asks_for_few and not (is_alone and amount.is_peak):
                    found[f"{number} most {index}"] = (
                        numpy.maximum(value, check.high - amount.rest_most[node])
                        if is_alone
                        else value
                    )
                if check.asks_for_some:
                    enough = check.low - (0 if amount.is_peak else amount.rest_least[node])
                    found[f"{number} least {index}"] = -(
                        numpy.minimum(value, enough) if is_alone else value
                    )
        return found

    def hold(self, node: Integers, values: Sequence[Integers]) -> Booleans:
        """Return which networks that end at nodes are within the budget."""
        ended = [a.ended(node, value) for a, value in zip(self.amounts, values, strict=True)]
        return _all(node, (check.must_hold(ended, ended) for check in self.checks))

    def may_hold(self, node: Integers, values: Sequence[Integers]) -> Booleans:
        """Return which ways to nodes some rest of a network may bring within the budget."""
        each = list(zip(self.amounts, values, strict=True))
        least = [amount.least(node, value) for amount, value in each]
        most = [amount.most(node, value) for amount, value in each]
        return _all(node, (check.may_hold(least, most) for check in self.checks))


def _all(node: Integers, several: Iterable[Booleans]) -> Booleans:
    kept = numpy.ones(len(node), dtype=numpy.bool_)
    for each in several:
        kept &= each
    return kept


def amounts_of(graph: NetworkGraph, budget: Budget) -> Amounts:
    """Return what a budget asks for along the ways through a graph."""
    sums: list[Terms] = []
    amounts: list[Amount] = []
    checks = []
    for bound in budget.bounds:
        followed = _followed(bound)
        if followed is None:
            continue
        for terms in followed.amounts:
            if terms not in sums:
                sums.append(terms)
                amounts.append(weighted_amount(graph, dict(terms)))
        indices = tuple(map(sums.index, followed.amounts))
        floor = sum(amounts[index].floor for index in indices)
        low, high = followed.ends
        checks.append(
            Check(
                indices,
                floor if low is None else max(low, floor),
                UNBOUNDED if high is None else high,
                floor,
            )
        )
    # Whether a network can be trained is for the exact check as well.
    trained = not graph.can_train and any(needs_training(bound.cost) for bound in budget.bounds)
    return Amounts(tuple(amounts), tuple(checks), trained or bool(checked_afterwards(budget)))


def checked_afterwards(budget: Budget) -> tuple[str, ...]:
    """Return what of a budget no graph follows: it is tried on whole candidates."""
    bounds = tuple(str(bound) for bound in budget.bounds if _followed(bound) is None)
    if len(bounds) + len(budget.conditions) == 1:
        return (*bounds, *map(str, budget.conditions))
    return (*bounds, *(condition.as_part for condition in budget.conditions))


Terms = tuple[tuple[str, int], ...]
"""Fields of parts with the weight of each."""

_FOLLOWED = ("sum", "peak")
_FIELD_OF = {"peak_activations": "peak", "saved_memory": "saved"}


def field_of(base: str) -> str:
    """Return the field of parts that a cost which follows from no others is."""
    return _FIELD_OF.get(base, base)


class _Followed(NamedTuple):
    """A bound on the sum of some amounts."""

    amounts: tuple[Terms, ...]
    ends: tuple[int | None, int | None]


def _followed(bound: Bound) -> _Followed | None:
    """Return a bound as one on amounts; None where it is for the exact check alone."""
    terms = terms_of(bound.cost)
    if any(base not in _FIELD_OF and COSTS[base].composes not in _FOLLOWED for base in terms):
        return None
    times = math.gcd(*terms.values())
    if max(terms.values()) < 0:
        times = -times
    fields = {field_of(base): weight // times for base, weight in terms.items()}
    # A highest value so far can be added, but neither subtracted nor weighed.
    peaks = sorted(filter(_is_peak, fields))
    if any(fields[name] != 1 for name in peaks):
        return None
    sums = tuple(sorted((name, weight) for name, weight in fields.items() if name not in peaks))
    highest = (((name, 1),) for name in peaks)
    ends = [None if end is None else Fraction(end, times) for end in (bound.low, bound.high)]
    low, high = ends if times > 0 else ends[::-1]
    return _Followed(
        (*((sums,) if sums else ()), *highest),
        (None if low is None else math.ceil(low), None if high is None else math.floor(high)),
    )


def _is_peak(field: str) -> bool:
    """Return whether a field of parts is a highest value, of bytes or of what blocks are given."""
    return field == "peak" or (field in COSTS and COSTS[field].composes == "peak")


def weighted_amount(graph: NetworkGraph, terms: Mapping[str, int]) -> Amount:
    """Return a weighted sum of the fields of parts, or their peak, as an amount."""
    is_peak = any(map(_is_peak, terms))
    start = graph.inputs[0] if "peak" in terms else numpy.zeros(len(graph.roots), dtype=numpy.int64)
    at_end = numpy.zeros(graph.nodes, dtype=numpy.int64)
    if is_peak:
        at_end[:] = NEVER
    elif "saved" in terms:
        steps = [graph.space.table.states[state].step for state in graph.states.tolist()]
        saved = [0 if s is None else s.entering.saved_bytes for s in steps]
        at_end += terms["saved"] * numpy.array(saved, dtype=numpy.int64)
    several = [times * graph.parts[name] for name, times in terms.items()]
    values = sum(several[1:], start=several[0])
    least = rest(graph, values, at_end, is_peak, lowest=True)
    most = rest(graph, values, at_end, is_peak, lowest=False)
    # A cost that users declare or measure may be negative of a block.
    is_negative = bool((values < 0).any() or (at_end < 0).any()) and not is_peak
    floor = int(least[graph.roots].min()) if is_negative else 0
    name = " + ".join(terms)
    return Amount(name, is_peak, values, start, at_end, least, most, floor)


def rest(
    graph: NetworkGraph,
    of_edge: NDArray[Scalar],
    at_end: NDArray[Scalar],
    is_peak: bool = False,
    lowest: bool = True,
) -> NDArray[Scalar]:
    """Return the least or the greatest that the rest of a network is behind each node."""
    worst = UNBOUNDED if lowest else -UNBOUNDED
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
