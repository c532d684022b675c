"""The two ends of a backward pass: where its gradient starts, and where it comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from dse.counting.tensors import (
    Gradients,
    GradientSpec,
    Lifetime,
    contiguous_gradient,
    dtype_of_name,
    spec_of,
    storage_id,
)

LifetimeOf = Callable[[Tensor], Lifetime | None]


class Loss(Function):
    """A loss that takes no memory: nothing is saved, and it is a tensor without elements.

    Its backward makes a gradient of each output, as the losses in use do.
    """

    @staticmethod
    def forward(ctx: Any, gradients: Sequence[GradientSpec], *outputs: Tensor) -> Tensor:
        """Return an empty tensor that depends on the outputs of a model.

        Args:
            ctx: of autograd.
            gradients: layouts of those of the first outputs; contiguous ones for the others.
            outputs: and weights that are lent, whose other gradient comes from behind as well.
        """
        device = outputs[0].device
        others = outputs[len(gradients) :]
        contiguous = (contiguous_gradient(spec_of(output)) for output in others)
        ctx.gradients = [*gradients, *contiguous]
        ctx.device = device
        return torch.empty(0, device=device)

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor | None, ...]:
        """Return a gradient for each output."""
        return None, *(_made(gradient, ctx.device) for gradient in ctx.gradients)


class TensorSource(Function):
    """The outputs of a block before, as far as autograd can tell; their gradients are dropped."""

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, record: SourceRecord) -> tuple[Tensor, ...]:
        """Return the tensors of a record as something that was computed from an anchor."""
        ctx.record = record
        ctx.set_materialize_grads(False)
        tensors = tuple(record.tensors)
        record.tensors.clear()
        return tensors

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, None]:
        """Note the layouts of the gradients, which are None where none arrived."""
        record: SourceRecord = ctx.record
        record.gradients = [None if each is None else _spec_of(each) for each in gradients]
        storages = [storage_id(each) for each in gradients if each is not None]
        record.is_apart = len(set(storages)) == len(storages)
        if gradients[0] is not None:
            record.lifetime = record.lifetime_of(gradients[0])
        return None, None


class SourceRecord:
    """What goes into a source, and what comes back."""

    def __init__(self, tensors: Iterable[Tensor], lifetime_of: LifetimeOf) -> None:
        self.tensors = list(tensors)
        self.gradients: list[GradientSpec | None] = [None] * len(self.tensors)
        self.lifetime: Lifetime | None = None
        """Of the storage of the first one's gradient."""
        self.is_apart = True
        """Whether each gradient has a storage of its own."""
        self.lifetime_of = lifetime_of


def source_of(
    tensors: Iterable[Tensor], lifetime_of: LifetimeOf
) -> tuple[SourceRecord, tuple[Tensor, ...]]:
    """Return tensors as the outputs of one source, with the record of their gradients.

    Args:
        tensors: which.
        lifetime_of: returns that of a tensor's storage.
    """
    record = SourceRecord(tensors, lifetime_of)
    anchor = torch.empty(0, device=record.tensors[0].device, requires_grad=True)
    with torch.enable_grad():
        outputs: tuple[Tensor, ...] = TensorSource.apply(anchor, record)
    return record, outputs


def from_source(
    argument: Any, needs_gradient: Sequence[bool], lifetime_of: LifetimeOf
) -> tuple[SourceRecord, Any]:
    """Return a tensor or a tuple of tensors that come from one source where they need a gradient.

    Args:
        argument: of a forward.
        needs_gradient: of each of its tensors, in order.
        lifetime_of: returns that of a tensor's storage.
    """
    tensors = [argument] if isinstance(argument, Tensor) else list(argument)
    places = [place for place, needs in enumerate(needs_gradient) if needs]
    record, sourced = source_of([tensors[place] for place in places], lifetime_of)
    for place, tensor in zip(places, sourced, strict=True):
        tensors[place] = tensor
    return record, tensors[0] if isinstance(argument, Tensor) else tuple(tensors)


def arriving_gradients(
    outputs: Iterable[Tensor], gradient: Gradients | None
) -> tuple[list[Tensor], list[GradientSpec]]:
    """Return the outputs that a gradient arrives at, and those gradients.

    Args:
        outputs: of a model.
        gradient: of them; None for a contiguous one of each that requires it.
    """
    if gradient is None:
        required = [each for each in outputs if each.requires_grad]
        return required, [contiguous_gradient(spec_of(each)) for each in required]
    several = (gradient,) if isinstance(gradient, GradientSpec) else gradient
    pairs = [
        (tensor, arriving)
        for tensor, arriving in zip(outputs, several, strict=True)
        if tensor.requires_grad and arriving is not None
    ]
    return [tensor for tensor, _ in pairs], [arriving for _, arriving in pairs]


def _spec_of(gradient: Tensor) -> GradientSpec:
    return GradientSpec(spec_of(gradient), gradient.untyped_storage().nbytes())


def _made(gradient: GradientSpec, device: torch.device) -> Tensor:
    shape, stride, name = gradient.spec
    dtype = dtype_of_name(name)
    reach = 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if (reach if math.prod(shape) else 0) * dtype.itemsize == gradient.storage_bytes:
        return torch.empty_strided(shape, stride, dtype=dtype, device=device)
    whole = torch.empty(gradient.storage_bytes // dtype.itemsize, dtype=dtype, device=device)
    return whole.as_strided(shape, stride)
