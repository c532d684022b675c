"""Shorter layer tables: down to a depth of the module tree, or with repeated blocks as one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dse.costs import Costs, summed_costs
from dse.counting.layers import Layer, output_shapes
from dse.counting.trace_records import Trace


def fold(trace: Trace, found: Sequence[Layer], depth: int) -> list[Layer]:
    """Add each layer deeper than `depth` to the module at that depth which contains it.

    Args:
        trace: the trace that the layers were read from.
        found: its layers.
        depth: number of name parts to keep; 0 gives one row for the whole model.
    """
    modules = dict(trace.model.named_modules())
    shapes = output_shapes(trace)
    rows: dict[str, list[Layer]] = {}
    for layer in found:
        name = ".".join(layer.name.split(".")[:depth]) if layer.name and depth else ""
        rows.setdefault(name, []).append(layer)
    return [
        Layer(name, type(modules[name]).__name__, shapes.get(name), _total(layers))
        for name, layers in rows.items()
    ]


def _total(layers: Sequence[Layer]) -> Costs:
    """Add costs up; peaks do not add, the highest counts. Layers have no costs of training."""
    sums = {name: sum(layer.costs[name] or 0 for layer in layers) for name in summed_costs()}
    peak = max(layer.costs.peak_memory for layer in layers)
    return replace(Costs.of(sums), peak_memory=peak)


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of a name, such as `layer1`, with the layers below it, named from there on."""

    part: str
    layers: tuple[Layer, ...]

    @property
    def stem(self) -> str:
        return re.sub(r"\d+$", "", self.part)

    def repeats(self, other: _Branch) -> bool:
        """Return whether another branch costs the same, layer by layer."""
        return self.stem == other.stem != self.part and self._shape() == other._shape()

    def _shape(self) -> list[Layer]:
        return [replace(each, costs=replace(each.costs, peak_memory=0)) for each in self.layers]


def collapse(found: Sequence[Layer]) -> list[Layer]:
    """Put neighbouring blocks that repeat each other into one, named as in `layer1.[0-1]`.

    The costs of the blocks are added up; memory peaks are the highest of theirs.
    """
    collapsed: list[Layer] = []
    for part, group in groupby(found, key=lambda layer: layer.name.partition(".")[0]):
        below = [replace(layer, name=layer.name.partition(".")[2]) for layer in group]
        own = [layer for layer in below if not layer.name]
        deeper = collapse([layer for layer in below if layer.name])
        collapsed += [_named(part, layer) for layer in (*own, *deeper)]
    return _merged(collapsed)


def _named(part: str, layer: Layer) -> Layer:
    return replace(layer, name=f"{part}.{layer.name}" if layer.name else part)


def _merged(found: Sequence[Layer]) -> list[Layer]:
    branches = [
        _Branch(part, tuple(replace(each, name=each.name.partition(".")[2]) for each in group))
        for part, group in groupby(found, key=lambda layer: layer.name.partition(".")[0])
    ]
    rows: list[Layer] = []
    while branches:
        first = branches[0]
        run = [first]
        while len(run) < len(branches) and first.repeats(branches[len(run)]):
            run.append(branches[len(run)])
        branches = branches[len(run) :]
        part = first.part
        if len(run) > 1:
            part = f"{first.stem}[{part[len(first.stem) :]}-{run[-1].part[len(first.stem) :]}]"
        for same in zip(*(branch.layers for branch in run), strict=True):
            rows.append(_named(part, replace(same[0], costs=_total(same))))
    return rows
