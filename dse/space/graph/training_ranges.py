"""Bounds on `train_memory`, followed along clusters of ways as ranges of what it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from dse.cost_formulas import terms_of
from dse.space.budget import Bound
from dse.space.costing import costs_of, fields_for, nothings, then
from dse.space.graph.amounts import UNBOUNDED
from dse.space.graph.frontier import Frontier, Labels
from dse.space.graph.networks import NetworkGraph
from dse.space.tables import Booleans, Integers

_FLAGS = ("is_view", "replaces_left")
_COST = "train_memory"


def is_of_training(bound: Bound) -> bool:
    """Return whether a bound is on `train_memory`, or a sum of it and others."""
    terms = terms_of(bound.cost)
    return _COST in terms and min(terms.values()) > 0


class TrainingRanges:
    """Follows the fields of a training step, each with its least and greatest in a cluster.

    No field of a whole network falls where one of its parts rises, so that what follows from the
    least is the least, where flags are the same: those of other flags are other clusters.

    Args:
        graph: whose networks can all be trained.
        bounds: for which `is_of_training` holds.
    """

    def __init__(self, graph: NetworkGraph, bounds: Sequence[Bound]) -> None:
        self._bounds = bounds
        self._names = fields_for([bound.cost for bound in bounds])
        self._parts = {name: graph.parts[name] for name in self._names}

    def __bool__(self) -> bool:
        """Return whether there is anything to follow."""
        return bool(self._bounds)

    def start(self, graph: NetworkGraph) -> Labels:
        """Return the labels of the roots."""
        if not self._bounds:
            return {}
        empty = nothings(self._names, len(graph.roots))
        plain, step = graph.inputs
        found = {f"{end} {name}": v for end in ("low", "high") for name, v in empty.items()}
        return {**found, "low input": plain, "low step input": step}

    def extended(self, labels: Labels, edge: Integers) -> Labels:
        """Return the labels of clusters that go on along edges."""
        if not self._bounds:
            return {}
        more = {name: values[edge] for name, values in self._parts.items()}
        return {
            f"{end} {name}": values
            for end in ("low", "high")
            for name, values in then(self._fields(labels, end), more).items()
        }

    def compared(self, labels: Labels) -> tuple[list[Integers], list[Integers]]:
        """Return the flags that clusters share, and the numbers in which they are to be near."""
        if not self._bounds:
            return [], []
        low = self._fields(labels, "low")
        held = low["fixed"] + low["gradients"]
        peak = numpy.maximum(low["forward_peak"], low["backward_peak"])
        inputs = [labels["low input"], labels["low step input"]]
        return [*(low[name] for name in _FLAGS), *inputs], [held, low["kept_forward"], held + peak]

    def outside(self, ways: Frontier) -> tuple[Booleans, Booleans]:
        """Return which clusters that end are out of bounds for certain, and which may be."""
        surely = numpy.zeros(len(ways), dtype=numpy.bool_)
        perhaps = surely.copy()
        if not self._bounds:
            return surely, perhaps
        inputs = ways.labels["low input"], ways.labels["low step input"]
        for bound in self._bounds:
            least, most = (
                costs_of(self._fields(ways.labels, end), [bound.cost], *inputs)[bound.cost]
                for end in ("low", "high")
            )
            lowest = -UNBOUNDED if bound.low is None else bound.low
            highest = UNBOUNDED if bound.high is None else bound.high
            surely |= (least > highest) | (most < lowest)
            perhaps |= (most > highest) | (least < lowest)
        return surely, perhaps

    def _fields(self, labels: Labels, end: str) -> dict[str, Integers]:
        return {name: labels[f"{end} {name}"] for name in self._names}
