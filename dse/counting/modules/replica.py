"""A copy of a model without its data, so that the model itself is never touched."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from dse.code import foreign_code
from dse.counting.modules.deep_copies import DeepCopy
from dse.counting.modules.module_walks import modules_within
from dse.counting.modules.random_state import random_state_kept
from dse.counting.tensors import is_sparse, strided_copy, strided_tensor
from dse.counting.torch_internals import times_written
from dse.errors import UnseenOperators

_QUANTIZED = (
    "torch.ao.nn.quantized.",
    "torch.ao.nn.intrinsic.quantized.",
    "torch.nn.quantized.",
    "torch.nn.intrinsic.quantized.",
)
_Module = TypeVar("_Module", bound=nn.Module)


def meta_replica(model: _Module, values: list[tuple[Tensor, Tensor]]) -> _Module | None:
    """Return a deep copy of a model whose tensors lie on the meta device.

    Tied parameters stay tied, hooks and attributes come along, and nothing of the model is shared
    that a forward pass could change. Tensors of a single element that are no parameters (a
    counter, a flag, a temperature) keep their value, so that control flow may read them.

    Args:
        model: it is not touched.
        values: takes each further tensor of the copy that is no parameter, with that of the model.

    Returns:
        The copy; None where PyTorch can run the model on real tensors alone, as it is scripted or
        quantised or holds a sparse tensor, wherever that is.
    """
    if _is_of_real_tensors(model):
        return None
    sparse = []

    def copied(tensor: Tensor) -> Tensor:
        if is_sparse(tensor):
            sparse.append(tensor)
            return tensor
        made = _meta_tensor(tensor)
        if not isinstance(tensor, (nn.Parameter, UninitializedBuffer)):
            values.append((made, tensor))
        return made

    replica = _copied(model, copied)
    if not sparse:
        return replica
    values.clear()
    return None


@contextlib.contextmanager
def untouched(kind: str, tensors: Iterable[Tensor]) -> Iterator[None]:
    """Tell where a run writes to tensors of the model itself, in the place of those of its copy.

    What it reaches by a variable of a module of Python's is not copied with it.

    Args:
        kind: of the model, for the error.
        tensors: of the model.

    Raises:
        UnseenOperators: at the end.
    """
    before = [(tensor, times_written(tensor)) for tensor in tensors]
    yield
    if any(times_written(tensor) != times for tensor, times in before):
        raise UnseenOperators(
            f"{kind} runs parts of the model itself, not of the copy that is counted: a forward "
            "finds them in a variable of its file: let it find them by an attribute of the model"
        )


def real_replica(model: _Module) -> _Module:
    """Return a deep copy of a model with its data, random where it has none."""
    with random_state_kept():
        return _copied(model, _cloned_tensor)


def has_no_weights(model: nn.Module) -> bool:
    """Return whether a parameter or buffer of a model has no data."""
    return any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))


def _copied(model: _Module, copy_tensor: Callable[[Tensor], Tensor]) -> _Module:
    with DeepCopy(copy_tensor) as deep_copy, torch.no_grad():
        with foreign_code(lambda reason: f"{type(model).__name__} cannot be copied: {reason}"):
            replica: _Module = deep_copy.module(model)
        return replica


def _is_of_real_tensors(model: nn.Module) -> bool:
    return any(
        isinstance(module, torch.jit.ScriptModule) or type(module).__module__.startswith(_QUANTIZED)
        for _, module in modules_within(model)
    )


def _meta_tensor(tensor: Tensor) -> Tensor:
    if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
        return _uninitialized(tensor, torch.device("meta"))
    is_parameter = isinstance(tensor, nn.Parameter)
    if not is_parameter and tensor.numel() <= 1 and tensor.device.type == "cpu":
        return tensor.detach().clone()
    empty = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta")
    return nn.Parameter(empty, requires_grad=tensor.requires_grad) if is_parameter else empty


def _cloned_tensor(tensor: Tensor) -> Tensor:
    if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
        return _uninitialized(tensor, tensor.device)
    copied = _random_like(tensor) if tensor.is_meta else strided_copy(tensor)
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(copied, requires_grad=tensor.requires_grad)
    return copied


def _random_like(tensor: Tensor) -> Tensor:
    """Return a tensor on the CPU for one without data: small noise for weights, else ones."""
    made = torch.empty(tensor.size(), dtype=tensor.dtype)
    if not tensor.is_floating_point():
        made.zero_()
    elif isinstance(tensor, nn.Parameter):
        made.normal_(0, 0.02)
    else:
        made.fill_(1)
    return made if made.stride() == tensor.stride() else strided_tensor(made, tensor.stride())


def _uninitialized(tensor: Tensor, device: torch.device) -> Tensor:
    kind: Callable[..., Tensor] = type(tensor)
    return kind(requires_grad=tensor.requires_grad, device=device, dtype=tensor.dtype)
