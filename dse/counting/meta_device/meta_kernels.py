"""Meta kernels, run once for each distinct combination of shapes.

Many of PyTorch's meta kernels are written in Python and take up to a millisecond. What they
return depends on the shapes, strides, dtypes and plain arguments alone, so the second call with
the same ones needs no kernel: it makes empty tensors of the known layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dse.counting.meta_device.dtype_rules import check_dtypes
from dse.counting.meta_device.layout_kernels import KERNELS, of_one_order
from dse.counting.meta_device.operator_kinds import kind_of
from dse.counting.meta_device.sparse_kernels import check_stored
from dse.counting.tensors import TensorSpec, are_numbers, name_of, spec_of, tensors_in
from dse.counting.torch_internals import Operator, is_known_zero, schema_of, storage_key

CACHE_LIMIT = 50_000
"""Distinct operator calls to remember, about a kilobyte each."""

_META = torch.device("meta")
_AS_THEY_ARE = (int, str)
"""Types of plain arguments that are equal to none of another type in a key."""
_aten = torch.ops.aten
_LIKE_INPUT = (_aten.hardtanh.default, _aten.clone.default, _aten.nan_to_num.default)
"""Operators that make a tensor like their input before they work on it."""


class Replay(NamedTuple):
    """How to make an operator's output without its kernel."""

    returns_first: bool
    """The operator worked in place and returns its first argument."""
    layouts: tuple[tuple[tuple[int, ...], tuple[int, ...], torch.dtype], ...] = ()
    is_sequence: bool = False


@dataclass(slots=True)
class KnownCall:
    """What was found out of an operator call at its first time."""

    replay: Replay | None
    """None where the kernel has to run each time."""
    outputs: tuple[TensorSpec, ...]
    """Of what it returns, where it can be replayed."""
    costs: dict[Any, CallCosts] = field(default_factory=dict)
    """By all that they depend on besides; under the rules that dse comes with."""


class CallCosts(NamedTuple):
    """What an operator call costs, and how `Operation` has its arguments."""

    name: str
    macs: int
    """−1 where they are not known."""
    activations: int
    read: int
    written: int
    arguments: tuple[Any, ...]


_known: dict[Any, KnownCall] = {}


class _Plain(NamedTuple):
    """A plain argument in a key, told apart from an equal one of another type (1 and 1.0)."""

    type: type
    value: Any


class Uncacheable(Exception):
    """An argument on which an output's layout may depend in a way a key cannot tell."""


def call_key(operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return a hashable key of an operator call: the operator, the layouts and the plain arguments.

    Raises:
        Uncacheable: where the result may depend on more than that.
    """
    key = [operator, *map(_key, args)]
    for name, value in kwargs.items():
        key += (name, _key(value))
    return tuple(key)


def _key(value: Any) -> Any:
    if isinstance(value, Tensor):
        if value.dim() == 0 or not value.is_meta or value.layout is not torch.strided:
            raise Uncacheable
        if is_known_zero(value):
            raise Uncacheable
        return spec_of(value)
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    if are_numbers(value):
        return tuple(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    return _Plain(type(value), value)


def described(value: Any) -> Any:
    """Return an argument of an operator, or its entry in a key, as `Operation.arguments` has it."""
    if isinstance(value, _Plain):
        return value.value
    if isinstance(value, TensorSpec):
        return value
    if isinstance(value, Tensor):
        return spec_of(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(described, value))
    return value


def _is_replayable(operator: Operator) -> bool:
    return (
        operator.namespace == "aten"
        and torch.Tag.inplace_view not in operator.tags
        and torch.Tag.dynamic_output_shape not in operator.tags
        and torch.Tag.data_dependent_output not in operator.tags
        and bool(schema_of(operator).returns)
    )


def _writes_first(operator: Operator) -> bool:
    returns, arguments = schema_of(operator).returns, schema_of(operator).arguments
    return (
        len(returns) == 1
        and returns[0].alias_info is not None
        and returns[0].alias_info.is_write
        and arguments[0].alias_info is not None
        and arguments[0].alias_info.is_write
        and str(arguments[0].alias_info.before_set) == str(returns[0].alias_info.before_set)
    )


def run(operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Run an operator by the kernel that lays out what it makes as devices do.

    Raises:
        RuntimeError: for operands that no device takes, in the manner of PyTorch.
        NotImplementedError: where it makes a sparse tensor of which only data tells its size.
    """
    check_dtypes(operator, args)
    kernel = KERNELS.get(operator)
    # Of integers, functions such as the sigmoid are floating-point: those are left to PyTorch.
    if kernel is None or not (args[0].is_floating_point() or args[0].is_complex()):
        kernel = operator
    output = kernel(*args, **kwargs)
    check_stored(operator, args, kwargs, output)
    return _settled(operator, args, output)


def run_known(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Any, KnownCall]:
    """Run an operator, or replay what it returned for the same layouts and plain arguments.

    Raises:
        Uncacheable: before anything has run, where the result may depend on more than that.
    """
    key = call_key(operator, args, kwargs)
    known = _known.get(key)
    if known is not None:
        replay = known.replay
        return (run(operator, args, kwargs) if replay is None else _replayed(replay, args)), known
    output = run(operator, args, kwargs)
    if len(_known) >= CACHE_LIMIT:
        _known.clear()
    replay = _observed(operator, args, kwargs, output) if _is_replayable(operator) else None
    known = _known[key] = KnownCall(replay, () if replay is None else _outputs(replay, args))
    return output, known


def _settled(operator: Operator, args: Sequence[Any], output: Any) -> Any:
    """Return what an operator returns that works element by element as devices lay it out."""
    if torch.Tag.pointwise not in operator.tags or operator in _LIKE_INPUT:
        return output
    if not isinstance(output, Tensor) or kind_of(operator).written:
        return output
    # A number in place of a tensor is one of another shape.
    is_tensor = schema_of(operator).overload_name in ("Tensor", "Scalar")
    if is_tensor and any(isinstance(value, (bool, int, float)) for value in args):
        return output
    return of_one_order(output, tensors_in(args))


def _replayed(replay: Replay, args: Sequence[Any]) -> Any:
    if replay.returns_first:
        return args[0]
    made = [
        torch.empty_strided(shape, stride, dtype=dtype, device=_META)
        for shape, stride, dtype in replay.layouts
    ]
    return tuple(made) if replay.is_sequence else made[0]


def _outputs(replay: Replay, args: Sequence[Any]) -> tuple[TensorSpec, ...]:
    if replay.returns_first:
        return (spec_of(args[0]),)
    return tuple(
        TensorSpec(shape, stride, name_of(dtype)) for shape, stride, dtype in replay.layouts
    )


def _observed(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any
) -> Replay | None:
    """Return how to replay a call from what it returned, or None where that cannot be told."""
    if _writes_first(operator):
        return Replay(returns_first=True) if output is args[0] else None
    if any(result.alias_info is not None for result in schema_of(operator).returns):
        return None
    is_sequence = isinstance(output, tuple)
    outputs = output if is_sequence else (output,)
    layouts = []
    for tensor in outputs:
        if not isinstance(tensor, Tensor) or tensor.device != _META or tensor.dim() == 0:
            return None
        if tensor.layout is not torch.strided or is_known_zero(tensor):
            return None
        layouts.append((tuple(tensor.shape), tensor.stride(), tensor.dtype))
    seen = {storage_key(tensor.untyped_storage()) for tensor in tensors_in((args, dict(kwargs)))}
    for tensor, (shape, stride, dtype) in zip(outputs, layouts, strict=True):
        storage = tensor.untyped_storage()
        fresh = torch.empty_strided(shape, stride, dtype=dtype, device=_META)
        if storage_key(storage) in seen or storage.nbytes() != fresh.untyped_storage().nbytes():
            return None
        seen.add(storage_key(storage))
    return Replay(False, tuple(layouts), is_sequence)
