"""Deep copies of models and what they hold, with tensors copied in a way of one's own."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dse.counting.modules.exported_modules import with_layers
from dse.counting.torch_internals import uncompiled, without_compiled_call

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


def copied_value(value: Any, copy_tensor: Callable[[Tensor], Tensor]) -> Any:
    """Return a deep copy of anything, with tensors copied in a way of one's own."""
    with DeepCopy(copy_tensor) as deep_copy, torch.no_grad():
        return deep_copy.value(value)


class DeepCopy(TorchFunctionMode):
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
        """Return a copy of a module; of a compiled or exported one, a copy of the original."""
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
        """Return a copy of anything that a module may hold; what nobody can change is shared."""
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
            return self.function(value)
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

    def function(self, function: FunctionType) -> FunctionType:
        """Return a function that has the copies of modules in its variables and its defaults.

        Itself if it has none there.
        """
        known: FunctionType | None = self.memo.get(id(function))
        if known is not None:
            return known
        self.memo[id(function)] = function
        cells, defaults = function.__closure__ or (), function.__defaults__ or ()
        named = function.__kwdefaults__ or {}
        held = [*map(_content, cells), *defaults, *named.values()]
        copied = [self.value(each) if _may_hold_a_module(each) else each for each in held]
        if all(a is b for a, b in zip(held, copied, strict=True)):
            return function
        of_cells, of_defaults = copied[: len(cells)], copied[len(cells) :][: len(defaults)]
        made = FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            tuple(of_defaults) or None,
            tuple(CellType() if each is _EMPTY else CellType(each) for each in of_cells),
        )
        made.__kwdefaults__ = dict(zip(named, copied[len(cells) + len(defaults) :], strict=True))
        made.__dict__.update(function.__dict__)
        self.memo[id(function)] = made
        return made

    def tensor(self, tensor: Tensor) -> Tensor:
        """Return the copy of a tensor, the same one each time."""
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
