"""The two ends of a backward pass: where its gradient starts, and where it comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

from dse.counting.trace import Lifetime, TensorSpec

LifetimeOf = Callable[[Tensor], Lifetime | None]


class GradientSpec(NamedTuple):
    """The layout of a gradient, and the size of the storage that it is a view of."""

    spec: TensorSpec
    storage_bytes: int


class Loss(Function):
    """A loss that takes no memory: nothing is saved, and it is a tensor without elements.

    Its backward makes a gradient of each output, as the losses in use do.
    """

    @staticmethod
    def forward(ctx: Any, gradient: GradientSpec | None, *outputs: Tensor) -> Tensor:
        """Return an empty tensor that depends on the outputs of a model.

        Args:
            ctx: of autograd.
            gradient: layout of that of the first output; None for a contiguous one.
            outputs: and weights that are lent, whose other gradient comes from behind as well.
        """
        device = outputs[0].device
        ctx.gradients = [contiguous_gradient(TensorSpec.of(output)) for output in outputs]
        if gradient is not None:
            ctx.gradients[0] = gradient
        ctx.device = device
        return torch.empty(0, device=device)

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor | None, ...]:
        """Return a gradient for each output."""
        return None, *(_made(gradient, ctx.device) for gradient in ctx.gradients)


class TensorSource(Function):
    """The output of a block before, as far as autograd can tell; its gradient is dropped."""

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, record: SourceRecord) -> Tensor:
        """Return the tensor of a record as something that was computed from an anchor."""
        ctx.record = record
        tensor = record.tensor
        assert tensor is not None
        record.tensor = None
        return tensor

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, None]:
        """Note the gradient's layout."""
        (gradient,) = gradients
        record: SourceRecord = ctx.record
        storage_bytes = gradient.untyped_storage().nbytes()
        record.gradient = GradientSpec(TensorSpec.of(gradient), storage_bytes)
        record.lifetime = record.lifetime_of(gradient)
        return None, None


class SourceRecord:
    """What goes into a source, and what comes back."""

    def __init__(self, tensor: Tensor, lifetime_of: LifetimeOf) -> None:
        self.tensor: Tensor | None = tensor
        self.gradient: GradientSpec | None = None
        self.lifetime: Lifetime | None = None
        """Of the storage of the gradient."""
        self.lifetime_of = lifetime_of


def source_of(tensor: Tensor, lifetime_of: LifetimeOf) -> tuple[SourceRecord, Tensor]:
    """Return a tensor as the output of a source, with the record of its gradient.

    Args:
        tensor: which.
        lifetime_of: returns that of a tensor's storage.
    """
    record = SourceRecord(tensor, lifetime_of)
    anchor = torch.empty(0, device=tensor.device, requires_grad=True)
    with torch.enable_grad():
        output: Tensor = TensorSource.apply(anchor, record)
    return record, output


def contiguous_gradient(spec: TensorSpec) -> GradientSpec:
    """Return the layout of the gradient that a loss makes of an output."""
    # By hand: a recorder would take a tensor that is made to ask it for one of the network's.
    strides: list[int] = []
    following = 1
    for size in reversed(spec.shape):
        strides.insert(0, following)
        following *= max(size, 1)
    return GradientSpec(TensorSpec(spec.shape, tuple(strides), spec.dtype), spec.nbytes)


def _made(gradient: GradientSpec, device: torch.device) -> Tensor:
    shape, stride, dtype = gradient.spec
    made = torch.empty_strided(shape, stride, dtype=dtype, device=device)
    if made.untyped_storage().nbytes() == gradient.storage_bytes:
        return made
    whole = torch.empty(gradient.storage_bytes // dtype.itemsize, dtype=dtype, device=device)
    return whole.as_strided(shape, stride)
