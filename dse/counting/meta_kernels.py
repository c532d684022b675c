"""Meta kernels, run once for each distinct combination of shapes.

Many of PyTorch's meta kernels are written in Python and take up to a millisecond. What they
return depends on the shapes, strides, dtypes and plain arguments alone, so the second call with
the same ones needs no kernel: it makes empty tensors of the known layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dse.counting.recurrent_kernels import lstm_layer, lstm_layer_backward
from dse.counting.torch_internals import Operator, memory_format_of, schema_of, storage_key
from dse.counting.trace import TensorSpec

CACHE_LIMIT = 50_000
"""Distinct operator calls to remember, about a kilobyte each."""

_aten = torch.ops.aten
_META = torch.device("meta")


class Replay(NamedTuple):
    """How to make an operator's output without its kernel."""

    returns_first: bool
    """The operator worked in place and returns its first argument."""
    layouts: tuple[TensorSpec, ...] = ()
    is_sequence: bool = False


_UNSEEN = object()
_replays: dict[Any, Replay | None] = {}
"""What is known of a call; None for one whose kernel has to run each time."""


class _Plain(NamedTuple):
    """A plain argument in a key, told apart from an equal one of another type (1 and 1.0)."""

    type: type
    value: Any


class Uncacheable(Exception):
    """An argument on which an output's layout may depend in a way a key cannot tell."""


def _native_batch_norm(
    tensor: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Statistics of the batch are saved in training alone."""
    sizes = [tensor.shape[1] if training else 0]
    return (_like(tensor), *_statistics(tensor, weight, sizes))


def _native_layer_norm(
    tensor: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    kept = tensor.dim() - len(normalized_shape)
    sizes = [*tensor.shape[:kept], *(1 for _ in normalized_shape)]
    output = torch.empty_like(tensor, memory_format=torch.contiguous_format)
    return (output, *_statistics(tensor, weight, sizes))


def _native_layer_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    normalized_shape: Sequence[int],
    mean: Tensor,
    deviation: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """The gradient of the input is contiguous, however the one that arrives is laid out."""
    of_weights = tensor if weight is None else weight
    kept = [torch.empty_like(tensor, memory_format=torch.contiguous_format)]
    kept += [of_weights.new_empty(normalized_shape) for _ in range(2)]
    return tuple(each if is_wanted else None for each, is_wanted in zip(kept, wanted, strict=True))


def _native_group_norm(
    tensor: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    batch: int,
    channels: int,
    positions: int,
    groups: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.empty_like(tensor), *_statistics(tensor, weight, [batch, groups]))


def _native_group_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    mean: Tensor,
    deviation: Tensor,
    weight: Tensor | None,
    batch: int,
    channels: int,
    positions: int,
    groups: int,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """Gradients have the precision of what they are of, also where input and weights differ."""
    scale = tensor.new_empty(channels) if weight is None else torch.empty_like(weight)
    made = (torch.empty_like(tensor), scale, torch.empty_like(scale))
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


def _statistics(
    tensor: Tensor, weight: Tensor | None, sizes: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Return mean and deviation, which have the precision of the weights."""
    dtype = tensor.dtype if weight is None else weight.dtype
    return tensor.new_empty(sizes, dtype=dtype), tensor.new_empty(sizes, dtype=dtype)


def _grouped_mm(
    left: Tensor,
    right: Tensor,
    offs: Tensor | None = None,
    bias: Tensor | None = None,
    out_dtype: torch.dtype | None = None,
) -> Tensor:
    """Of any dtype, as on a CPU; rows of the result are padded to 16 bytes on a GPU alone."""
    shape = [left.shape[-2], right.shape[-1]]
    if left.dim() == right.dim():
        groups = left.shape[0] if left.dim() == 3 or offs is None else offs.shape[0]
        shape = [groups, *shape]
    return left.new_empty(shape, dtype=out_dtype or left.dtype)


def _convolution(tensor: Tensor, weight: Tensor, *args: Any) -> Tensor:
    """Channels lie last where they do in the input or in the weight, as on any device."""
    output: Tensor = _aten.convolution.default(tensor, weight, *args)
    if output.dim() not in (4, 5):
        return output
    formats = {memory_format_of(tensor), memory_format_of(weight)} - {torch.contiguous_format}
    return torch.empty_like(output, memory_format=formats.pop()) if formats else output


def _native_batch_norm_backward(
    gradient: Tensor,
    tensor: Tensor,
    weight: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    mean: Tensor | None,
    deviation: Tensor | None,
    training: bool,
    eps: float,
    wanted: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """The gradient of the input is laid out like the input, not like the one that arrives."""
    of_weights = tensor if weight is None else weight
    made = [_like(tensor), *(of_weights.new_empty(tensor.shape[1]) for _ in range(2))]
    return tuple(each if is_wanted else None for each, is_wanted in zip(made, wanted, strict=True))


def _like(tensor: Tensor) -> Tensor:
    """Return a tensor of the same layout; axes of size 1 leave several to choose from."""
    return tensor.new_empty(tensor.shape) if tensor.is_contiguous() else torch.empty_like(tensor)


def _like_first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return _like(tensor)


def _of_both(gradient: Tensor, tensor: Tensor, *_: Any) -> Tensor:
    """Return a tensor of the layout that PyTorch gives to what it computes element by element."""
    made: Tensor = _aten.add.Tensor(gradient, tensor)
    return made


def _first(tensor: Tensor, *_: Any, **__: Any) -> Tensor:
    return tensor


KERNELS: dict[Operator, Callable[..., Any]] = {
    # PyTorch's meta kernels return statistics of another size or precision than the CPU.
    _aten.native_batch_norm.default: _native_batch_norm,
    _aten.native_batch_norm_backward.default: _native_batch_norm_backward,
    _aten.native_layer_norm.default: _native_layer_norm,
    _aten.native_layer_norm_backward.default: _native_layer_norm_backward,
    _aten.native_group_norm.default: _native_group_norm,
    _aten.native_group_norm_backward.default: _native_group_norm_backward,
    # PyTorch's lay the channels second, whatever is given.
    _aten.convolution.default: _convolution,
    # PyTorch's knows of no workspace.
    _aten.mkldnn_rnn_layer.default: lstm_layer,
    _aten.mkldnn_rnn_layer_backward.default: lstm_layer_backward,
    # PyTorch's are laid out like the input where the gradient is laid out in another way.
    **{getattr(_aten, f"{name}_backward").default: _of_both for name in ("hardtanh", "hardswish")},
    # PyTorch's takes bfloat16 alone.
    _aten._grouped_mm.default: _grouped_mm,
    # The following are only quicker than PyTorch's, which are written in Python.
    **{
        getattr(_aten, name).default: _like_first
        for name in ("relu", "silu", "gelu", "sigmoid", "tanh", "hardtanh", "hardswish")
    },
    **{
        getattr(_aten, f"{name}_").default: _first
        for name in ("relu", "silu", "sigmoid", "tanh", "hardtanh", "hardswish", "hardsigmoid")
    },
}
"""Kernels in place of PyTorch's meta kernels; for floating-point tensors."""


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
        return TensorSpec(value.shape, value.stride(), value.dtype)
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
        return TensorSpec.of(value)
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


def run(
    operator: Operator,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    key: tuple[Any, ...] | None,
) -> Any:
    """Run an operator, or replay what it returned for the same `key`."""
    replay = None if key is None else _replays.get(key, _UNSEEN)
    if isinstance(replay, Replay):
        return _replayed(replay, args)
    kernel = KERNELS.get(operator)
    # Of integers, functions such as the sigmoid are floating-point: those are left to PyTorch.
    if kernel is None or not args[0].is_floating_point():
        kernel = operator
    output = kernel(*args, **kwargs)
    if replay is _UNSEEN:
        if len(_replays) >= CACHE_LIMIT:
            _replays.clear()
        is_replayable = _is_replayable(operator)
        _replays[key] = _observed(operator, args, kwargs, output) if is_replayable else None
    return output


def _replayed(replay: Replay, args: Sequence[Any]) -> Any:
    if replay.returns_first:
        return args[0]
    made = [
        torch.empty_strided(shape, stride, dtype=dtype, device=_META)
        for shape, stride, dtype in replay.layouts
    ]
    return tuple(made) if replay.is_sequence else made[0]


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
        layouts.append(TensorSpec.of(tensor))
    seen = {storage_key(tensor.untyped_storage()) for tensor in _tensors((*args, *kwargs.values()))}
    for tensor, (shape, stride, dtype) in zip(outputs, layouts, strict=True):
        storage = tensor.untyped_storage()
        fresh = torch.empty_strided(shape, stride, dtype=dtype, device=_META)
        if storage_key(storage) in seen or storage.nbytes() != fresh.untyped_storage().nbytes():
            return None
        seen.add(storage_key(storage))
    return Replay(False, tuple(layouts), is_sequence)


def _tensors(values: Sequence[Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple)):
            found += _tensors(value)
    return found
