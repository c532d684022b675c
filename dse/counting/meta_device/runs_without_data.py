"""Operators on tensors without data: by what is known of values, by a replay, or by a kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.meta_device import meta_kernels as kernels
from dse.counting.meta_device.known_values import KnownValues, Unknown, has_data
from dse.counting.meta_device.operator_kinds import LIFT, TO_COPY, asks_for_values, kind_of
from dse.counting.tensors import tensors_in
from dse.counting.torch_internals import PACK_PADDED, Operator, without_modes


def run_without_data(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any], known: KnownValues
) -> tuple[Any, kernels.KnownCall | None]:
    """Return the output of an operator, and what is known of such calls if they are alike.

    Args:
        operator: to run.
        args: its arguments.
        kwargs: its keyword arguments.
        known: what is known of tensors without data.
    """
    if operator is PACK_PADDED:
        args = known.with_lengths(args)
    elif asks_for_values(operator, args, kwargs):
        args = known.without_masks(operator, args)
        try:
            return known.answer(operator, args, kwargs), None
        except Unknown:
            if operator is TO_COPY and args[0].is_meta:
                # What is not known stays where it is, whatever device it is asked to be on.
                kwargs = {**kwargs, "device": args[0].device}
                if _changes_nothing(args[0], kwargs):
                    return torch.ops.aten.alias.default(args[0]), None
    try:
        return kernels.run_known(operator, args, kwargs)
    except kernels.Uncacheable:
        return _run_mixed(operator, args, kwargs), None


def _changes_nothing(tensor: Tensor, kwargs: Mapping[str, Any]) -> bool:
    """Return whether a tensor that is to be somewhere in some form is so, and need not be copied.

    A copy that is asked for all the same (`copy=True`) cannot be told apart from that.
    """
    order = kwargs.get("memory_format") or torch.preserve_format
    return (
        kwargs.get("dtype") in (None, tensor.dtype)
        and kwargs.get("layout") in (None, tensor.layout)
        and (order is torch.preserve_format or tensor.is_contiguous(memory_format=order))
    )


def _run_mixed(operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Run an operator, all on the meta device where it refuses to mix that with the CPU."""
    # How many sequences are that long is real, also where all else passes for the CPU's.
    if operator is not LIFT and all(map(has_data, tensors_in((args, kwargs)))):
        with without_modes():
            return operator(*args, **kwargs)
    if any(map(has_data, _written(operator, args, kwargs))):
        # It would go on to hold what it held before. What passes for the CPU's can be written to.
        raise RuntimeError(f"{operator} writes what is on the meta device to what is on the CPU")
    try:
        return kernels.run(operator, args, kwargs)
    except (RuntimeError, NotImplementedError):
        tensors = list(tensors_in((args, kwargs)))
        on_meta = [tensor for tensor in tensors if tensor.is_meta]
        if not on_meta or all(tensor.is_meta or not tensor.dim() for tensor in tensors):
            raise
        return kernels.run(
            operator,
            tuple(map(_on_meta, args)),
            {name: _on_meta(value) for name, value in kwargs.items()},
        )


def _written(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[Tensor]:
    """Yield the tensors that an operator writes to."""
    for place in kind_of(operator).written:
        if isinstance(place, str):
            yield from tensors_in(kwargs.get(place))
        else:
            yield from tensors_in(args[place : place + 1])


def _on_meta(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.to("meta") if value.dim() else value
    if isinstance(value, (list, tuple)):
        return type(value)(map(_on_meta, value))
    return value
