"""How memory rises and falls while a model runs, and what is alive when it is highest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Literal

import torch

from dse.counting.tensors import Lifetime, is_floating_point, name_of
from dse.counting.trace_records import Call, Operation, Trace, counted_in
from dse.counting.training import TrainingStep

Phase = Literal["forward", "backward", "optimizer"]


@dataclass(frozen=True, slots=True)
class Moment:
    """The memory while one operator runs."""

    operator: str
    layer: str
    """Qualified name of the module that runs it; empty for the model itself or the optimizer."""
    phase: Phase
    alive: int
    """Bytes of activations, gradients and temporaries."""


@dataclass(frozen=True, slots=True)
class AliveTensor:
    """A storage that is alive at the peak, under the first tensor on it."""

    layer: str
    operator: str
    """What made it; `input` for an input of the model."""
    phase: Phase
    shape: tuple[int, ...]
    dtype: str
    nbytes: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Operators of one layer that run one after the other."""

    layer: str
    phase: Phase
    alive: int
    """Highest number of bytes among them, weights and optimizer state apart."""
    is_peak: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The memory of a run, operator by operator; bytes."""

    weights: int
    state: int
    """Of the optimizer."""
    moments: tuple[Moment, ...]
    peak_index: int
    """Of the moment at which memory is highest."""
    tensors: tuple[AliveTensor, ...]
    """What is alive then, largest first; weights and optimizer state apart."""

    @property
    def peak(self) -> int:
        """Highest number of bytes alive at once, all counted."""
        return self.weights + self.state + self.moments[self.peak_index].alive

    def stretches(self, depth: int | None = None) -> list[Stretch]:
        """Return the run layer by layer.

        Args:
            depth: number of name parts to keep; None for all.
        """
        found = []
        numbered = list(enumerate(self.moments))
        for (layer, phase), group in groupby(numbered, lambda pair: _place(pair[1], depth)):
            members = list(group)
            alive = max(moment.alive for _, moment in members)
            is_peak = any(index == self.peak_index for index, _ in members)
            found.append(Stretch(layer, phase, alive, is_peak))
        return found


def _place(moment: Moment, depth: int | None) -> tuple[str, Phase]:
    parts = moment.layer.split(".")
    return ".".join(parts if depth is None else parts[:depth]), moment.phase


def inference_timeline(trace: Trace) -> Timeline:
    """Return how memory goes in inference."""
    weights = sum(weight.nbytes for weight in trace.weights)
    alive = partial(_alive, counted_as=trace.counted_as)
    return _timeline(trace.operations, trace.calls, trace.lifetimes, weights, 0, alive)


def training_timeline(step: TrainingStep) -> Timeline:
    """Return how memory goes in a training step."""
    return _timeline(
        step.operations,
        step.calls,
        step.lifetimes,
        step.weight_bytes,
        step.state_bytes,
        _alive,
        step.forward_end,
        step.backward_end,
    )


def _timeline(
    operations: Sequence[Operation],
    calls: Sequence[Call],
    lifetimes: Sequence[Lifetime],
    weights: int,
    state: int,
    alive: Callable[[Lifetime, Moment | None], AliveTensor],
    forward_end: int | None = None,
    backward_end: int | None = None,
) -> Timeline:
    def phase(index: int) -> Phase:
        if forward_end is None or index < forward_end:
            return "forward"
        return "backward" if backward_end is None or index < backward_end else "optimizer"

    def layer(index: int) -> str:
        call = operations[index].call
        return calls[call].name if call >= 0 and phase(index) != "optimizer" else ""

    moments = tuple(
        Moment(operation.name, layer(index), phase(index), operation.alive)
        for index, operation in enumerate(operations)
    )
    peak = max(range(len(moments)), key=lambda index: moments[index].alive, default=0)
    tensors = [
        alive(lifetime, moments[lifetime.born] if lifetime.born >= 0 else None)
        for lifetime in lifetimes
        if lifetime.nbytes
        and lifetime.born <= peak
        and (lifetime.died is None or lifetime.died > peak)
    ]
    tensors.sort(key=lambda tensor: -tensor.nbytes)
    return Timeline(weights, state, moments, peak, tuple(tensors))


def _alive(
    lifetime: Lifetime, made: Moment | None, counted_as: Mapping[str, torch.dtype] | None = None
) -> AliveTensor:
    spec, nbytes = lifetime.spec, lifetime.nbytes
    shape, name = tuple(spec.shape), spec.dtype
    if is_floating_point(name):
        counted = counted_in("" if made is None else made.layer, counted_as or {})
        name = name if counted is None else name_of(counted)
    if made is None:
        return AliveTensor("", "input", "forward", shape, name, nbytes)
    return AliveTensor(made.layer, made.operator, made.phase, shape, name, nbytes)
