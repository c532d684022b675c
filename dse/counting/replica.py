"""A copy of a model without its data, so that the model itself is never touched."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.overrides import TorchFunctionMode

from dse.counting.exported_files import with_layers
from dse.counting.module_walks import modules_within
from dse.counting.random_state import random_state_kept
from dse.counting.sparse_macs import is_sparse
from dse.counting.strided_copies import strided_copy, strided_tensor
from dse.counting.torch_internals import (
    uncompiled,
    without_compiled_call,
)
from dse.foreign_code import foreign_code

_SHARED = {
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type,
    BuiltinFunctionType,
    ModuleType,
    torch.dtype,
    torch.device,
    torch.layout,
    torch.memory_format,
    torch.Size,
    # What a model tells a default by is that, and nothing else.
    object,
}
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


def real_replica(model: _Module) -> _Module:
    """Return a deep copy of a model with its data, random where it has none."""
    with random_state_kept():
        return _copied(model, _cloned_tensor)


def has_no_weights(model: nn.Module) -> bool:
    """Return whether a parameter or buffer of a model has no data."""
    return any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))


def copied_value(value: Any, copy_tensor: Callable[[Tensor], Tensor]) -> Any:
    """Return a deep copy of anything, with tensors copied in a way of one's own."""
    with _DeepCopy(copy_tensor) as deep_copy, torch.no_grad():
        return deep_copy.value(value)


def _copied(model: _Module, copy_tensor: Callable[[Tensor], Tensor]) -> _Module:
    with _DeepCopy(copy_tensor) as deep_copy, torch.no_grad():
        with foreign_code(lambda reason: f"{type(model).__name__} cannot be copied: {reason}"):
            replica: _Module = deep_copy.module(model)
        return replica


def _is_of_real_tensors(model: nn.Module) -> bool:
    return any(
        isinstance(module, torch.jit.ScriptModule) or type(module).__module__.startswith(_QUANTIZED)
        for _, module in modules_within(model)
    )


class _DeepCopy(TorchFunctionMode):
    """`copy.deepcopy` with tensors copied in a way of one's own, and quick for modules."""

    def __init__(self, copy_tensor: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.copy_tensor = copy_tensor
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
        original = uncompiled(module)
        if original is None:
            original = with_layers(module)
        if original is not None:
            # A compiled call runs the model itself, not a copy of it, and an exported one no layer.
            self.memo[id(module)] = self.module(original)
            return self.memo[id(module)]
        if hasattr(type(module), "__deepcopy__"):
            if not isinstance(module, torch.jit.ScriptModule):
                # Those of a parametrized module would be cloned.
                for tensor in (*module.parameters(), *module.buffers()):
                    self.tensor(tensor)
            return _with_gradients_of(module, copy.deepcopy(module, self.memo))
        replica = object.__new__(type(module))
        self.memo[id(module)] = replica
        object.__setattr__(replica, "__dict__", self._items(without_compiled_call(module)))
        return replica

    def _items(self, items: Mapping[Any, Any]) -> dict[Any, Any]:
        """Return copied keys and values; most are what a copy may share."""
        return {
            key if type(key) in _SHARED else self.value(key): value
            if type(value) in _SHARED
            else self.value(value)
            for key, value in items.items()
        }

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
                known.update(self._items(value))
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
        if kind is torch.Generator:
            return self.memo.setdefault(id(value), value.clone_state())
        if kind is FunctionType:
            return value if value.__closure__ is None else self.closure(value)
        if kind is partial:
            given = {name: self.value(each) for name, each in value.keywords.items()}
            return partial(self.value(value.func), *map(self.value, value.args), **given)
        if kind is set and not value:
            return set()
        if kind is tuple:
            return tuple(self.value(item) for item in value)
        return self.any_object(value)

    def any_object(self, value: Any) -> Any:
        """Return a copy of any object; what cannot be copied is shared, as a lock or a file."""
        known = len(self.memo)
        try:
            return copy.deepcopy(value, self.memo)
        except (TypeError, SystemError) as error:
            # The latter is how the state of a `torch.Generator` may be refused.
            made = _without_attributes(value)
            if made is None and "cannot pickle" not in str(error):
                raise
        for begun in list(self.memo)[known:]:
            del self.memo[begun]
        if made is None:
            return value
        self.memo[id(value)] = made
        made.__dict__.update(self._items(vars(value)))
        return made

    def closure(self, function: FunctionType) -> FunctionType:
        """Return a function whose variables hold the copies of modules; itself if it has none."""
        known: FunctionType | None = self.memo.get(id(function))
        if known is not None:
            return known
        self.memo[id(function)] = function
        held = [*map(_content, function.__closure__ or ())]
        copied = [self.value(each) if _may_hold_a_module(each) else each for each in held]
        if all(a is b for a, b in zip(held, copied, strict=True)):
            return function
        made = FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            tuple(CellType() if each is _EMPTY else CellType(each) for each in copied),
        )
        made.__kwdefaults__ = function.__kwdefaults__
        made.__dict__.update(function.__dict__)
        self.memo[id(function)] = made
        return made

    def tensor(self, tensor: Tensor) -> Tensor:
        known = self.memo.get(id(tensor))
        if known is None:
            known = self.memo[id(tensor)] = self.copy_tensor(tensor)
        return known


def _without_attributes(value: Any) -> Any:
    """Return an object of the same class; None for one that is more than its attributes."""
    kind = type(value)
    is_plain = vars(object)["__reduce_ex__"] is getattr(kind, "__reduce_ex__", None)
    if not is_plain or hasattr(kind, "__deepcopy__") or not hasattr(value, "__dict__"):
        return None
    try:
        return object.__new__(kind)
    except TypeError:
        # Of a class that C makes.
        return None


_EMPTY = object()


def _content(cell: CellType) -> Any:
    """Return what a variable of a function's surroundings holds."""
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _may_hold_a_module(value: Any) -> bool:
    """Whether calling a value may run a module: one, a method of one, or a function around one."""
    return isinstance(value, (nn.Module, MethodType, FunctionType, partial))


def _with_gradients_of(module: nn.Module, replica: nn.Module) -> nn.Module:
    """Set which parameters require a gradient, which copying a scripted module forgets."""
    for parameter, copied in zip(module.parameters(), replica.parameters(), strict=True):
        copied.requires_grad_(parameter.requires_grad)
    return replica


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
