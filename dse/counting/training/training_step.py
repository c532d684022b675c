"""One training step of a model, followed storage by storage: what it keeps, and its peak.

Forward in training mode, backward from a loss that keeps nothing itself, then the optimizer's
step. Gradients are freed between steps (`zero_grad(set_to_none=True)`, PyTorch's default), and the
optimizer's state is there from the start, as in every step but the first. The caller holds the
input and the output throughout, as a training loop does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.modules import borrowed_weights, lent_weights
from dse.counting.running import (
    Inputs,
    OperatorNotes,
    Prepared,
    Real,
    Recorder,
    Way,
    first_that_runs,
    running,
)
from dse.counting.tensors import (
    Gradients,
    HandedOn,
    Lifetime,
    LiveStorages,
    handed_on_as,
    held_bytes,
    returned_tensors,
    spec_of,
)
from dse.counting.training.boundaries import Loss, arriving_gradients, from_source
from dse.counting.training.losses import TrainingLoss
from dse.counting.training.optimizer_runs import run_optimizer
from dse.counting.training.step_records import TrainingStep
from dse.errors import DseError


def trace_step(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    optimizer: str = "sgd-momentum",
    mixed: bool = False,
    dtype: torch.dtype | None = None,
    real: Real = False,
    kernels: str = "cpu",
    loss: TrainingLoss | None = None,
) -> TrainingStep:
    """Run a copy of a model through one training step, on the meta device if it can.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included.
        kwargs: further keyword arguments of its forward.
        optimizer: one of `dse.costs.OPTIMIZERS`.
        mixed: run the forward pass under autocast to bfloat16, as on the CPU.
        dtype: of weights and activations, instead of the model's own.
        real: run on real tensors, or `auto`; as for `trace`.
        kernels: of attention, one of `dse.costs.cost_conditions.KERNELS`.
        loss: what the backward pass starts from; None for a loss that keeps nothing.

    Raises:
        DseError: where the model cannot run or cannot be differentiated.
    """
    options: dict[str, Any] = {"mixed": mixed, "dtype": dtype, "real": real, "kernels": kernels}
    loss = labelled(loss, model, inputs, kwargs, **options)

    def run_in(way: Way) -> tuple[TrainingStep, bool]:
        prepared = way.prepared(
            model,
            inputs,
            kwargs,
            dtype=dtype,
            training=True,
            kernels=kernels,
            labels=None if loss is None else loss.labels,
        )
        return run_step(prepared, optimizer, mixed, loss=loss), prepared.real

    def attempt(way: Way) -> TrainingStep:
        # Autocast knows no meta device.
        way = replace(way, imitates_cpu=way.imitates_cpu or mixed)
        step, is_real = run_in(way)
        if step.saw_autocast and not is_real and not way.imitates_cpu:
            step, _ = run_in(replace(way, imitates_cpu=True))
        return step

    step, _ = first_that_runs(attempt, real)
    if not step.has_gradient:
        raise DseError(
            f"{type(model).__name__} cannot be trained: its output depends on no parameter that "
            "requires a gradient"
        )
    return step


def labelled(
    loss: TrainingLoss | None,
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    **options: Any,
) -> TrainingLoss | None:
    """Return a loss with labels: those that suit the model's output where it has none.

    Args:
        loss: any.
        model: whose output it is of.
        inputs: of the model, as for `trace_step`.
        kwargs: further keyword arguments of its forward.
        options: of `trace_step`.

    Raises:
        DseError: where the model cannot run, or labels do not follow from its output.
    """
    if loss is None or loss.is_own or loss.labels is not None:
        return loss
    without = trace_step(model, inputs, kwargs, **options)
    return replace(loss, labels=loss.labels_for(without.output))


def run_step(
    prepared: Prepared,
    optimizer: str,
    mixed: bool = False,
    *,
    as_block: bool = False,
    needs_input_gradient: Sequence[bool] = (),
    gradient: Gradients | None = None,
    marked: bool = False,
    loss: TrainingLoss | None = None,
    notes: list[OperatorNotes] | None = None,
) -> TrainingStep:
    """Run a prepared model through one training step.

    Args:
        prepared: the model and its arguments; on an imitated CPU if it is to run under autocast.
        optimizer: one of `dse.costs.OPTIMIZERS`.
        mixed: run the forward pass under autocast to bfloat16.
        as_block: drop input and output as soon as the model does, as between blocks in a row.
        needs_input_gradient: which tensors of the (only) input require a gradient, in order.
        gradient: layout of the gradient that arrives at the output; None for a contiguous one.
        marked: name each operator's span in a profile by its index.
        loss: of the output; None for one that keeps nothing.
        notes: takes those of the run, where runs at other sizes may follow from them.
    """
    recorder = prepared.recorder(marked=marked)
    if notes is not None:
        notes[:] = [recorder.take_notes(prepared.tensors)] if prepared.is_plain else []
    storages = recorder.storages
    inputs = _lifetimes(storages, prepared.tensors)
    source = None
    arguments = list(prepared.arguments)
    if as_block:
        prepared.arguments.clear()
    with running(prepared, recorder), prepared.mode, torch.enable_grad():
        if any(needs_input_gradient):
            source, arguments[0] = from_source(
                arguments[0], needs_input_gradient, storages.lifetime
            )
        with recorder, _saving(recorder), prepared.attention(recorder):
            with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
                output = prepared.model(*arguments, **prepared.keywords)
                scalar = None if loss is None else loss.of(output, prepared.labels)
                returns_input = any(output is each for each in arguments)
                arguments.clear()
                alive = storages.alive
            cached_bytes = alive - storages.alive
            outputs = _lifetimes(storages, returned_tensors(output))
            require_gradient = tuple(tensor.requires_grad for tensor in returned_tensors(output))
            spec = _handed_on(output)
            ends = output if scalar is None else scalar
            has_gradient = any(tensor.requires_grad for tensor in returned_tensors(ends))
            results, arriving = arriving_gradients(returned_tensors(ends), gradient)
            lent = lent_weights(prepared.model)
            end = Loss.apply(arriving, *results, *lent.values()) if results else None
            results.clear()
            del ends
            if as_block:
                del output
            forward_end = len(recorder.operations)
            recorder.known.stop()
        recorder.again = partial(prepared.attention, recorder)
        with recorder:
            if end is not None:
                torch.autograd.backward([end], [torch.empty_like(end)])
            backward_end = len(recorder.operations)
        end = None
        recorder.fix_gradients(prepared.model)
        state_bytes = run_optimizer(prepared.model, optimizer, recorder)
    borrowed = borrowed_weights(prepared.model)
    weights = {*prepared.model.parameters(), *prepared.model.buffers()} - {*borrowed.values()}
    return TrainingStep(
        operations=tuple(recorder.operations),
        calls=tuple(recorder.calls),
        lifetimes=tuple(storages.lifetimes),
        inputs=inputs,
        outputs=outputs,
        weight_bytes=held_bytes(weights),
        state_bytes=state_bytes,
        is_updated=any(
            each.grad is not None
            for each in prepared.model.parameters()
            if id(each) not in borrowed
        ),
        lent_bytes=held_bytes(each for each in lent.values() if each.grad is not None),
        cached_bytes=cached_bytes,
        forward_end=forward_end,
        backward_end=backward_end,
        output=spec,
        returns_input=returns_input,
        has_gradient=has_gradient,
        require_gradient=require_gradient,
        input_gradients=() if source is None else tuple(source.gradients),
        are_apart=source is None or source.is_apart,
        handed_back=source.lifetime if source is not None else None,
        saw_autocast=recorder.saw_autocast,
    )


def _handed_on(output: Any) -> HandedOn | None:
    if isinstance(output, Tensor):
        return spec_of(output)
    if isinstance(output, tuple) and all(isinstance(each, Tensor) for each in output):
        return handed_on_as(map(spec_of, output))
    return None


def _lifetimes(storages: LiveStorages, tensors: Iterable[Tensor]) -> tuple[Lifetime, ...]:
    return tuple(filter(None, map(storages.lifetime, tensors)))


@contextlib.contextmanager
def _saving(recorder: Recorder) -> Iterator[None]:
    """Mark the storages of tensors that are saved for the backward pass.

    An operator of the backward pass belongs to the layer that saved what it was unpacked for.
    """

    def pack(tensor: Tensor) -> tuple[Tensor, int]:
        lifetime = recorder.storages.lifetime(tensor)
        if lifetime is not None:
            lifetime.saved = True
        return tensor, recorder.call

    def unpack(packed: tuple[Tensor, int]) -> Tensor:
        tensor, recorder.call = packed
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        yield
