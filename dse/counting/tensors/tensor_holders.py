"""The tensors that any value holds: in collections, and in the attributes of objects."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

_WITHOUT = {
    *(type(None), int, float, bool, str),
    *(torch.dtype, torch.device, torch.layout, torch.memory_format),
}
_PLAIN = (type, FunctionType, BuiltinFunctionType, ModuleType, nn.Module, str, bytes, int, float)
COLLECTIONS = (list, tuple, set, frozenset, deque)
"""What is taken by its items. What a class of somebody else's does when it is iterated over is its
own affair: that is taken by its attributes."""


def operands_among(arguments: Iterable[Any]) -> list[Tensor]:
    """Return the tensors among arguments of an operator, as `tensors_in` yields them."""
    found: list[Tensor] = []
    for value in arguments:
        if isinstance(value, Tensor):
            found.append(value)
        elif type(value) not in _WITHOUT and not are_numbers(value):
            found.extend(tensors_in(value))
    return found


def are_numbers(value: Any) -> bool:
    """Return whether an argument of an operator is a list of whole numbers, and none of tensors."""
    return type(value) in (list, tuple) and len(value) > 0 and type(value[0]) is int


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested tuples, lists and dicts."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif hasattr(value, "__dataclass_fields__"):
        yield from tensors_in(attributes_of(value))


def returned_tensors(value: Any) -> list[Tensor]:
    """Return the tensors that a forward returns; where there are none, those that objects hold."""
    return list(tensors_in(value)) or list(held_tensors(value))


def held_tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors that a value holds, each once, in order.

    It may be a tensor, a collection, a dataclass, or an object such as a cache of keys and values.
    """
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _PLAIN):
            continue
        seen.add(id(each))
        if isinstance(each, Tensor):
            yield each
        else:
            waiting.extend(reversed(_parts(each)))


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, COLLECTIONS):
        return list(value)
    return list(attributes_of(value).values())


def attributes_of(value: Any) -> dict[str, Any]:
    """Return what an object holds, by name: in slots, and in its own dictionary."""
    kinds = (vars(kind).get("__slots__", ()) for kind in type(value).__mro__)
    slots = (name for names in kinds for name in ((names,) if isinstance(names, str) else names))
    return {name: getattr(value, name, None) for name in slots} | getattr(value, "__dict__", {})


def is_sparse(value: Any) -> bool:
    """Return whether a value is a tensor that stores some of its elements alone."""
    return isinstance(value, Tensor) and value.layout in _SPARSE


_SPARSE = (
    *(torch.sparse_coo, torch.sparse_csr, torch.sparse_csc),
    *(torch.sparse_bsr, torch.sparse_bsc),
)
