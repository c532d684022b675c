"""Runs a copy of any model once, on the meta device if it can: the model is left as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.modules import has_no_weights, list_weights
from dse.counting.running.arguments import Inputs
from dse.counting.running.operator_notes import OperatorNotes
from dse.counting.running.preparation import Prepared, running
from dse.counting.running.ways_to_run import Real, Way, first_that_runs
from dse.counting.running.weight_reads import weight_reads
from dse.counting.tensors import (
    COLLECTIONS,
    LiveStorages,
    OutputStorage,
    attributes_of,
    held_tensors,
    spec_of,
    storage_id,
)
from dse.counting.trace_records import Trace


def trace(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    real: Real = False,
    functions: bool = False,
    dtype: torch.dtype | None = None,
    part_dtypes: Mapping[str, torch.dtype] | None = None,
    kernels: str = "cpu",
    context: int = 0,
    notes: list[OperatorNotes] | None = None,
) -> Trace:
    """Run a copy of a model in evaluation mode and record what it does.

    It runs on the meta device, unless it is told to use data or PyTorch can run it on no other
    than real tensors (scripted and int8-quantised models).

    Args:
        model: any module, on any device; it is not touched.
        inputs: its inputs, batch included, such as `(1, 3, 224, 224)`; see `Inputs`.
        kwargs: further keyword arguments of its forward.
        real: run on real tensors: random ones where a shape is given, zeros for integers. `auto`
            for where the model cannot be run without; `Trace.on_data` says why then.
        functions: record also which functions of PyTorch are called, which takes a quarter longer
            and which the conventions of some counters depend on. Attention and
            recurrent layers are then traced as the operators that PyTorch decomposes them into on
            the meta device.
        dtype: of the floating-point weights and activations, instead of the model's own. With
            `torch.int8` the operators are those of the model, and each element takes a byte; with
            `torch.int4` half of one.
        part_dtypes: by the name of a module, what floating-point weights and activations that are
            made within it are counted as; all run in `dtype`.
        kernels: of attention, one of `dse.costs.cost_conditions.KERNELS`.
        context: tokens that the last one attends to, of a model whose layers can hold keys and
            values of those before the input's; 0 for the input's alone.
        notes: takes those of the run, where runs at other sizes may follow from them.

    Raises:
        DseError: where the forward fails; the layer and its input shapes are named.
        NeedsData: where it needs data, and `real` is False.
    """

    def run_in(way: Way) -> tuple[Trace, bool]:
        prepared = way.prepared(
            model,
            inputs,
            kwargs,
            dtype=dtype,
            kernels=kernels,
            part_dtypes=part_dtypes,
            context=context,
        )
        return _run(prepared, functions, notes)

    def attempt(way: Way) -> Trace:
        way = replace(way, composed=way.composed or functions)
        traced, saw_autocast = run_in(way)
        if saw_autocast and not traced.is_real and not way.imitates_cpu:
            traced, _ = run_in(replace(way, imitates_cpu=True))
        return traced

    traced, reason = first_that_runs(attempt, real)
    return replace(traced, on_data=_told(model, reason, traced.is_real, kernels))


def _told(model: nn.Module, reason: str | None, is_real: bool, kernels: str) -> str | None:
    """Say what of a run on data was not asked for: the data, the weights, this CPU's kernels."""
    kind, said = type(model).__name__, []
    has_random_weights = is_real and has_no_weights(model)
    if reason is not None:
        weights = " and random weights" if has_random_weights else ""
        said.append(f"{kind} ran on random data{weights}; without any, {reason}")
    elif has_random_weights:
        said.append(f"{kind} ran with random weights, as it has none")
    if is_real and kernels != "cpu":
        said.append(f"on data attention runs as this CPU runs it, whatever kernels={kernels} says")
    return "; ".join(said) or None


def _run(
    prepared: Prepared, functions: bool, notes: list[OperatorNotes] | None = None
) -> tuple[Trace, bool]:
    """Return the trace of a forward pass, and whether the model turned autocast on."""
    recorder = prepared.recorder(functions)
    if notes is not None:
        notes[:] = [recorder.take_notes(prepared.tensors)] if prepared.is_plain else []
    input_bytes = recorder.storages.alive
    # What the forward appends to a cache is none of its inputs.
    inputs = tuple(map(spec_of, prepared.tensors))
    listening = recorder.function_mode or prepared.attention(recorder)
    with running(prepared, recorder), torch.no_grad(), prepared.mode, listening, recorder:
        output = prepared.model(*prepared.arguments, **prepared.keywords)
    traced = Trace(
        model=prepared.model,
        inputs=inputs,
        input_bytes=input_bytes,
        outputs=_specs(output),
        output_storages=_output_storages(output, prepared.tensors, recorder.storages),
        calls=tuple(recorder.calls),
        operations=tuple(recorder.operations),
        weights=list_weights(prepared.model, prepared.counted_as),
        reads=weight_reads(
            prepared.model, recorder.weights_taken, recorder.calls, prepared.counted_as
        ),
        functions=tuple(seen.functions) if (seen := recorder.function_mode) else None,
        unknown=recorder.unknown,
        lifetimes=tuple(recorder.storages.lifetimes),
        peak_activation_bytes=recorder.storages.peak,
        counted_as=prepared.counted_as,
        is_real=prepared.real,
    )
    return traced, recorder.saw_autocast


def _specs(value: Any, around: tuple[int, ...] = ()) -> Any:
    """Return a value with a spec for each tensor; what holds itself is left where it does.

    Args:
        value: any.
        around: the ids of what it is held by.
    """
    if isinstance(value, Tensor):
        return spec_of(value)
    within = partial(_specs, around=(*around, id(value)))
    if id(value) in around or not any(True for _ in held_tensors(value)):
        return tuple(value) if type(value) is list else value
    if isinstance(value, Mapping):
        return {key: within(item) for key, item in value.items()}
    if isinstance(value, COLLECTIONS):
        return tuple(map(within, value))
    return {name: within(item) for name, item in attributes_of(value).items()}


def _output_storages(
    output: Any, given: list[Tensor], storages: LiveStorages
) -> tuple[OutputStorage, ...]:
    several = output if isinstance(output, tuple) else (output,)
    if not all(isinstance(each, Tensor) for each in several):
        return ()
    inputs, outputs = _first_places(given), _first_places(several)
    found = []
    for each in several:
        number = storage_id(each)
        which = inputs.get(number, outputs[number])
        found.append(OutputStorage(storages.nbytes(each), number in inputs, which))
    return tuple(found)


def _first_places(tensors: Sequence[Tensor]) -> dict[int, int]:
    """Return the number of the first tensor of each storage."""
    return {storage_id(each): place for place, each in reversed([*enumerate(tensors)])}
