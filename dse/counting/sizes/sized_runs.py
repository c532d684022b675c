"""Runs of one model on inputs of many sizes, of which few have to be traced."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from torch import nn

from dse.costs import Conditions
from dse.counting.operators import has_own_rules
from dse.counting.running import Input, OperatorNotes
from dse.counting.sizes.resizing import SizedRun
from dse.counting.tensors import TensorSpec, contiguous_strides
from dse.counting.trace_records import Trace
from dse.counting.training import TrainingStep
from dse.counting.under_conditions import block_step_under, trace_under

Run = TypeVar("Run", Trace, TrainingStep)

MOST_RUNS = 8
"""That are kept of a model: what differs in more than its sizes, such as its conditions."""


class SizedRuns:
    """Traces and training steps of a model that stays as it is.

    Args:
        model: takes one tensor; it is not touched.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._traces: dict[Hashable, SizedRun[Trace]] = {}
        self._steps: dict[Hashable, SizedRun[TrainingStep]] = {}

    def trace(self, given: Input, conditions: Conditions) -> Trace:
        """Return a trace on an input; see `trace_under`."""

        def traced(notes: list[OperatorNotes] | None) -> Trace:
            return trace_under(self.model, [given], conditions, notes=notes)

        return _found(self._traces, given, conditions, traced)

    def step(
        self, given: Input, conditions: Conditions, needs_gradient: tuple[bool, ...]
    ) -> TrainingStep:
        """Return a training step on an input; see `block_step_under`."""

        def traced(notes: list[OperatorNotes] | None) -> TrainingStep:
            return block_step_under(
                self.model, (given,), conditions, needs_gradient, None, notes=notes
            )

        return _found(self._steps, given, (conditions, needs_gradient), traced)


def _found(
    known: dict[Hashable, SizedRun[Run]],
    given: Input,
    follows_from: Hashable,
    traced: Callable[[list[OperatorNotes] | None], Run],
) -> Run:
    """Return a run that follows from an earlier one, or traces it."""
    if given.counted_as is not None or has_own_rules():
        return traced(None)
    key = (follows_from, len(given.shape), given.dtype)
    earlier = known.get(key)
    if earlier is not None:
        stride = contiguous_strides(given.shape) if given.stride is None else given.stride
        found = earlier.at(TensorSpec(given.shape, stride, earlier.dtype))
        if found is not None:
            return found
    notes: list[OperatorNotes] = []
    run = traced(notes)
    sized = SizedRun(run, notes[0]) if notes else None
    if sized is not None and sized.is_followed:
        if len(known) >= MOST_RUNS:
            known.clear()
        known[key] = sized
    return run
