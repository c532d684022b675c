"""A copy of a model that is ready to run, and running it without leaving anything behind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from dse.code import foreign_code
from dse.counting.exported_files import OnnxGraph
from dse.counting.meta_device import (
    WHOLE_ON_META,
    ControlFlow,
    FusedAttention,
    KnownValues,
    functions_of_values,
)
from dse.counting.modules import (
    hold_caches,
    meta_replica,
    modules_within,
    random_state_kept,
    real_replica,
    tensors_held,
    untouched,
)
from dse.counting.running.arguments import (
    Inputs,
    forward_parameters,
    holds_sparse,
    made_arguments,
    made_labels,
    meta_tensor,
    real_tensor,
)
from dse.counting.running.collector import without_collector
from dse.counting.running.inputs import Input, counted_inputs, default_device, default_dtype
from dse.counting.running.other_threads import watching_threads
from dse.counting.running.recorder import NESTED, Recorder
from dse.counting.tensors import LiveStorages, held_tensors, storage_id
from dse.counting.torch_internals import (
    load_dispatch,
    uncompiled_attention,
    whole_on_meta,
    without_fast_paths,
)
from dse.counting.trace_records import Call, counted_in
from dse.errors import DseError, UnseenOperators

AnyRecorder = TypeVar("AnyRecorder", bound=Recorder)
_ONE_VALUE = "Expected more than 1 value per channel"
"""What batch normalisation says in training of a single item without further axes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy of a model, with the arguments of one forward."""

    model: nn.Module
    arguments: list[Any]
    keywords: dict[str, Any]
    real: bool
    counted_as: Mapping[str, torch.dtype] = field(default_factory=dict)
    """As `Trace.counted_as`."""
    mode: contextlib.AbstractContextManager[object] = field(
        default_factory=contextlib.nullcontext[object]
    )
    """What has to be active while it runs."""
    kernels: str = "cpu"
    """Of attention, one of `dse.costs.cost_conditions.KERNELS`."""
    values: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    """Arguments without data, each with what it would hold, as far as that is known."""
    constants: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    """Tensors of the model, likewise."""
    most_bytes: int | None = None
    """That tensors may take at once; None for as many as there are."""
    counted_inputs: tuple[torch.dtype | None, ...] = ()
    """What the elements of each tensor that enters are counted as; None for as what the model
    makes. Empty where all are."""
    labels: list[Any] = field(default_factory=list)
    """What a loss compares the output with."""

    @property
    def is_plain(self) -> bool:
        """Whether it runs without data, on the meta device, and all is counted as what it is."""
        is_as_it_is = not self.counted_as and not any(self.counted_inputs)
        return is_as_it_is and not self.real and isinstance(self.mode, contextlib.nullcontext)

    @property
    def takes_inputs(self) -> bool:
        """Whether its forward has parameters that ask for a value."""
        parameters = forward_parameters(self.model).values()
        return any(each.default is each.empty for each in parameters)

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors among arguments and labels; those that objects such as a cache hold too."""
        return list(held_tensors((self.arguments, self.keywords, self.labels)))

    def recorder(self, functions: bool = False, marked: bool = False) -> Recorder:
        """Return a recorder that watches the model, with its weights and inputs alive."""
        return self.recorder_of(Recorder, functions, marked)

    def recorder_of(
        self, kind: type[AnyRecorder], functions: bool = False, marked: bool = False
    ) -> AnyRecorder:
        """Return a recorder of a class of its own; see `recorder`."""
        weights = tensors_held(modules_within(self.model))
        others = self._counted_otherwise()
        storages = LiveStorages(weights, self.counted_as.get(""), self.most_bytes, others)
        for tensor in self.tensors:
            storages.add(tensor)
        known = KnownValues()
        known.borrow(self.constants)
        while self.values:
            # Nothing but the model may keep a tensor alive.
            known.tell(*self.values.pop(), is_borrowed=True)
        given = {storage_id(tensor) for tensor, _ in self.constants}
        recorder = kind(storages, functions, self.real, marked, known, given)
        recorder.watch(self.model, self.counted_as)
        return recorder

    def _counted_otherwise(self) -> dict[int, torch.dtype] | None:
        """Return what is counted as another dtype than the rest, by the id of each storage."""
        found: dict[int, torch.dtype] = {}
        if self.counted_as.keys() - {""}:
            for name, module in self.model.named_modules():
                counted = counted_in(name, self.counted_as)
                held = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
                found |= {storage_id(tensor): counted or tensor.dtype for tensor in held}
        if any(self.counted_inputs):
            pairs = zip(self.tensors, self.counted_inputs, strict=True)
            found |= {storage_id(tensor): dtype for tensor, dtype in pairs if dtype is not None}
        return found or None

    def attention(self, recorder: Recorder) -> contextlib.AbstractContextManager[object]:
        """Return the mode in which attention runs as it does on a real device, and `torch.cond`."""
        if self.real:
            return ControlFlow()
        others = functions_of_values(recorder.known)
        return FusedAttention(recorder.note_function, self.kernels, others)


def prepare(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None,
    real: bool = False,
    dtype: torch.dtype | None = None,
    training: bool = False,
    kernels: str = "cpu",
    labels: Inputs = None,
    part_dtypes: Mapping[str, torch.dtype] | None = None,
    context: int = 0,
) -> Prepared:
    """Return a copy of a model that is ready to run on these inputs; see `trace`.

    It is in evaluation mode, or for `training` in training mode, where modules of a model that is
    itself in training mode keep theirs (frozen normalisation layers, say).

    Raises:
        DseError: for something that is no module, or inputs that are none.
    """
    if not isinstance(model, nn.Module):
        raise DseError(f"{type(model).__name__} is not a torch.nn.Module")
    load_dispatch()
    real = real or holds_sparse((inputs, kwargs or {}))
    values: list[tuple[Tensor, Tensor]] = []
    constants: list[tuple[Tensor, Tensor]] = []
    if real and any(isinstance(each, OnnxGraph) for _, each in modules_within(model)):
        raise DseError(
            "what an ONNX file holds runs without data alone: it is neither run nor timed"
        )
    without_data = None if real else meta_replica(model, constants)
    real = without_data is None
    replica = real_replica(model) if without_data is None else without_data
    counted_as = dict(part_dtypes or {})
    if dtype is not None and not dtype.is_floating_point:
        counted_as[""] = dtype
    kind = type(model).__name__
    with foreign_code(lambda reason: f"{kind} cannot be made ready to run: {reason}"):
        if not (training and model.training):
            replica.train(training)
        if dtype is not None and dtype.is_floating_point and not _is_of(replica, dtype):
            replica = replica.to(dtype)
        asked = dtype if dtype is not None and dtype.is_floating_point else None
        dtype, device = default_dtype(replica), default_device(replica)
    with (
        foreign_code(lambda reason: f"the input of {kind} cannot be made: {reason}"),
        random_state_kept(),
    ):
        maker = real_tensor(device) if real else meta_tensor(values)

        def make(given: Input | Tensor) -> Tensor:
            if isinstance(given, Tensor) and asked is not None and given.is_floating_point():
                given = given.to(asked)
            return maker(given, dtype)

        made = made_arguments(model, inputs, kwargs, make)
        arguments, keywords = made.positional, made.keywords
        if context:
            hold_caches(replica, arguments, context)
        prepared = Prepared(
            replica,
            arguments,
            keywords,
            real,
            counted_as,
            kernels=kernels,
            counted_inputs=counted_inputs(inputs),
            values=values,
            constants=constants,
            labels=made_labels(labels, make),
        )
        if any(map(is_lazy, replica.parameters())):
            with running(prepared, None), torch.no_grad():
                replica(*arguments, **keywords)
    return prepared


def _is_of(model: nn.Module, dtype: torch.dtype) -> bool:
    """Return whether all that a model holds and computes with is of a dtype."""
    return all(
        tensor.dtype is dtype or not (tensor.is_floating_point() or tensor.is_complex())
        for tensor in tensors_held(modules_within(model))
    )


@contextlib.contextmanager
def running(prepared: Prepared, recorder: Recorder | None) -> Iterator[None]:
    """Leave the random state as it was, and tell a failing forward as one `DseError`."""

    def failure(reason: str) -> str:
        told = _failure(recorder.failed if recorder else None, prepared, reason)
        if _ONE_VALUE not in reason:
            return told
        kind = type(prepared.model).__name__
        return f"{kind} cannot be trained at batch 1: {told}; it can be at batch 2"

    # In inference mode, operators would be dispatched that are composed of others elsewhere.
    # Without data, what a cycle holds on to takes no memory.
    collector = contextlib.nullcontext() if prepared.real else without_collector()
    random, inference = random_state_kept(), torch.inference_mode(False)
    # What is timed runs as it does by itself.
    unfused = without_fast_paths() if recorder else contextlib.nullcontext()
    whole = contextlib.nullcontext() if prepared.real else whole_on_meta(WHOLE_ON_META)
    with (
        foreign_code(failure),
        random,
        inference,
        collector,
        unfused,
        whole,
        uncompiled_attention(),
        _watching_threads(recorder),
        untouched(type(prepared.model).__name__, (tensor for _, tensor in prepared.constants)),
    ):
        try:
            yield
        finally:
            if recorder is not None:
                recorder.end()


@contextlib.contextmanager
def _watching_threads(recorder: Recorder | None) -> Iterator[None]:
    """Refuse a model that runs operators in other threads, whatever else comes of that."""
    if recorder is None:
        yield
        return
    with watching_threads(recorder.storages.holds, recorder.unseen.note):
        try:
            yield
        except Exception as error:
            if recorder.unseen.told is not None:
                raise UnseenOperators(recorder.unseen.told) from error
            raise
    if recorder.unseen.told is not None:
        raise UnseenOperators(recorder.unseen.told)


def _failure(call: Call | None, prepared: Prepared, reason: str) -> str:
    if "Sparse" in reason:
        reason = f"sparse tensors that it makes need data ({reason})"
    if "Nested" in reason:
        reason = NESTED
    given = prepared.tensors
    shapes = [spec.shape for spec in call.inputs] if call else [t.shape for t in given]
    shown = ", ".join(f"({', '.join(map(str, shape))})" for shape in shapes)
    if not given and prepared.takes_inputs:
        shown = ", ".join(f"{each!r:.40}" for each in prepared.arguments) or "nothing"
        reason = (
            f"{reason} (no tensor was given: a shape is a tuple of whole numbers, the batch "
            "first, such as (1, 8))"
        )
    layer = f"layer {call.name!r} ({type(call.module).__name__})" if call and call.name else "model"
    return f"{layer} fails on input {shown}: {reason}"
