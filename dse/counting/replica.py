"""A copy of a model without its data, so that the model itself is never touched."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.overrides import TorchFunctionMode

_SHARED = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type,
    FunctionType,
    BuiltinFunctionType,
    ModuleType,
    torch.dtype,
    torch.device,
    torch.layout,
    torch.memory_format,
    torch.Size,
)
_Module = TypeVar("_Module", bound=nn.Module)


def meta_replica(model: _Module) -> _Module:
    """Return a deep copy of a model whose tensors lie on the meta device.

    Tied parameters stay tied, hooks and attributes come along, and nothing of the model is shared
    that a forward pass could change. Tensors of a single element that are no parameters (a
    counter, a flag, a temperature) keep their value, so that control flow may read them.
    """
    with _MetaDeepCopy() as deep_copy, torch.no_grad():
        replica: _Module = deep_copy.module(model)
        return replica


class _MetaDeepCopy(TorchFunctionMode):
    """`copy.deepcopy` with meta tensors, and a quick path for what modules are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.memo: dict[int, Any] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is Tensor.__deepcopy__ or getattr(func, "__name__", "") == "__deepcopy__":
            return self.tensor(args[0])
        return func(*args, **(kwargs or {}))

    def module(self, module: Any) -> Any:
        known = self.memo.get(id(module))
        if known is not None:
            return known
        if hasattr(type(module), "__deepcopy__"):
            return copy.deepcopy(module, self.memo)
        replica = object.__new__(type(module))
        self.memo[id(module)] = replica
        contents = {key: self.value(value) for key, value in module.__dict__.items()}
        object.__setattr__(replica, "__dict__", contents)
        return replica

    def value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SHARED:
            return value
        if kind is dict or kind is OrderedDict:
            if not value:
                return kind()
            known = self.memo.get(id(value))
            if known is None:
                known = self.memo[id(value)] = kind()
                known.update((self.value(key), self.value(item)) for key, item in value.items())
            return known
        if isinstance(value, Tensor):
            return self.tensor(value)
        if isinstance(value, nn.Module):
            return self.module(value)
        if kind is list:
            known = self.memo.get(id(value))
            if known is None:
                known = self.memo[id(value)] = []
                known.extend(self.value(item) for item in value)
            return known
        if kind is tuple:
            return tuple(self.value(item) for item in value)
        return copy.deepcopy(value, self.memo)

    def tensor(self, tensor: Tensor) -> Tensor:
        known = self.memo.get(id(tensor))
        if known is None:
            known = self.memo[id(tensor)] = _meta_tensor(tensor)
        return known


def _meta_tensor(tensor: Tensor) -> Tensor:
    if isinstance(tensor, UninitializedParameter):
        return _uninitialized(UninitializedParameter, tensor, tensor.requires_grad)
    if isinstance(tensor, UninitializedBuffer):
        return _uninitialized(UninitializedBuffer, tensor, False)
    is_parameter = isinstance(tensor, nn.Parameter)
    if not is_parameter and tensor.numel() <= 1 and tensor.device.type == "cpu":
        return tensor.detach().clone()
    empty = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta")
    return nn.Parameter(empty, requires_grad=tensor.requires_grad) if is_parameter else empty


def _uninitialized(kind: Callable[..., Tensor], tensor: Tensor, requires_grad: bool) -> Tensor:
    return kind(requires_grad=requires_grad, device="meta", dtype=tensor.dtype)
