"""What a Python function depends on that no file says: what it was compiled to, what it reads.

Plain values, what holds plain values, and code of the user's own can be told; of anything else
only the type is, and that it is not told is said.
"""

from __future__ import annotations

import dataclasses
import dis
import functools
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from dse.code.sources import directories_of, is_found, trees_of
from dse.errors import DseError

_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice, type(...), PurePath)
_NAMED = (BuiltinFunctionType, GetSetDescriptorType, MemberDescriptorType)
_OF_PACKAGES = ("site-packages", "dist-packages")
_OF_EVERY_CLASS = frozenset(
    (
        *("__abstractmethods__", "__annotations__", "__dataclass_fields__", "__dataclass_params__"),
        *("__dict__", "__doc__", "__firstlineno__", "__match_args__", "__module__"),
        *("__orig_bases__", "__parameters__", "__slots__", "__static_attributes__"),
        *("__weakref__", "_abc_impl"),
    )
)
"""Attributes of classes that tell nothing of what these do."""


@dataclasses.dataclass(frozen=True)
class HeldValues:
    """What a function was compiled to, and what of values it reads."""

    content: list[Any]
    """As texts, and lists of such; the same where all that can be told is the same."""
    untold: tuple[str, ...]
    """What it reads of which only the type can be told, as in `` `net` (Linear)``."""


def held_by(function: Callable[..., Any] | None) -> HeldValues:
    """Return what a function depends on besides the module that defines it.

    That is its code, its defaults, what it encloses, and the globals that it reads, through all
    functions and classes of the user's own that it leads to. A variable that the function itself
    sets, such as a counter, is none that it depends on.
    """
    if not isinstance(function, FunctionType):
        return HeldValues([], ())
    reader = _Reader()
    content = reader.compiled(function)
    return HeldValues(content, tuple(reader.untold))


class _Reader:
    """Tells values, each function and class once."""

    def __init__(self) -> None:
        self.untold: dict[str, None] = {}
        self._name = ""
        self._number: dict[int, int] = {}
        self._within: list[int] = []

    def compiled(self, function: FunctionType) -> list[Any]:
        """Return what a function was compiled to, with all that it reads."""
        self._number.setdefault(id(function), len(self._number))
        code = function.__code__
        defaults = {"its defaults": [function.__defaults__, function.__kwdefaults__]}
        imported = [self._module(name) for name in _names(code, "IMPORT_NAME")]
        return [*_instructions(code), imported, self._named(defaults | dict(_read_by(function)))]

    def _named(self, values: Mapping[str, Any]) -> list[Any]:
        """Tell variables; what is not told of one is said by the name of the outermost."""
        found, outer = [], self._name
        for name, value in values.items():
            self._name = outer or name
            found.append([name, self._told(value)])
        self._name = outer
        return found

    def _told(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return [self._told(type(value)), value.name]
        if isinstance(value, _PLAIN):
            return repr(value)
        if isinstance(value, ModuleType):
            return self._module(value.__name__) or value.__name__
        if isinstance(value, FunctionType | type):
            return self._code(value)
        if id(value) in self._within:
            return ["within itself", self._within.index(id(value))]
        self._within.append(id(value))
        told = self._composed(value)
        self._within.pop()
        return told

    def _composed(self, value: Any) -> Any:
        """Tell a value by its parts."""
        kind = type(value).__qualname__
        if isinstance(value, dict):
            return [kind, [[self._told(key), self._told(item)] for key, item in value.items()]]
        if isinstance(value, list | tuple):
            return [kind, [self._told(item) for item in value]]
        if isinstance(value, set | frozenset):
            return [kind, sorted(repr(self._told(item)) for item in value)]
        parts = _parts(value)
        if parts is not None:
            return [kind, self._told(parts)]
        if isinstance(value, _NAMED):
            return [kind, value.__qualname__]
        if self._is_own(type(value)) and hasattr(value, "__dict__"):
            return [self._code(type(value)), self._told(vars(value))]
        numbers = _numbers(value)
        if numbers is None:
            self.untold[f"`{self._name}` ({kind})"] = None
        return [kind, numbers]

    def _code(self, value: FunctionType | type) -> Any:
        """Tell a function or a class: by its module, or by all of it where no file has it."""
        if id(value) in self._number:
            return ["again", self._number[id(value)]]
        module = self._module(getattr(value, "__module__", None) or "")
        is_whole = isinstance(value, type) or "<" not in value.__qualname__
        if isinstance(module, str) or (module and is_whole):
            return [module, value.__qualname__]
        self._number[id(value)] = len(self._number)
        if isinstance(value, FunctionType):
            return [module, self.compiled(value)]
        own = {name: each for name, each in vars(value).items() if name not in _OF_EVERY_CLASS}
        return [value.__qualname__, self._told(list(value.__bases__)), self._named(own)]

    def _is_own(self, kind: type) -> bool:
        """Return whether a class is of the user's own, be it in a file or not."""
        return not isinstance(self._module(kind.__module__), str)

    def _module(self, name: str) -> Any:
        """Tell a module: a library by its name, one of the user's own with what its file says.

        None for what no file has, such as a notebook.
        """
        package = name.partition(".")[0]
        if package == "dse" or package in sys.builtin_module_names:
            return name
        if not is_found(name):
            return None
        places = directories_of((package,))
        if all(PurePath(place).name in _OF_PACKAGES for place in places):
            return name
        try:
            return [name, trees_of((name,), (package,))]
        except DseError:
            self.untold[f"`{name}` (module)"] = None
            return [name]


def _parts(value: Any) -> Any:
    """Return what a value consists of, where it is known of its type; None elsewhere."""
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, staticmethod | classmethod):
        return [value.__func__]
    if isinstance(value, property):
        return [value.fget, value.fset]
    if isinstance(value, functools.cached_property):
        return [value.func]
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, functools._lru_cache_wrapper):
        return [value.__wrapped__]
    if dataclasses.is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    return None


def _numbers(value: Any) -> list[Any] | None:
    """Return what tells an array, or another value whose bytes are what it is; None elsewhere."""
    try:
        view = memoryview(value)
    except (TypeError, ValueError):
        return None
    if "O" in view.format:
        return None
    return [view.format, view.shape, hashlib.blake2b(view.tobytes()).hexdigest()]


def _read_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function encloses, and the globals that it reads, by name."""
    code = function.__code__
    is_set = _names(code, "STORE_GLOBAL", "STORE_DEREF")
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        if name not in is_set:
            try:
                yield name, cell.cell_contents
            except ValueError:
                # What is not set yet is not read.
                continue
    for name in _names(code, "LOAD_GLOBAL", "LOAD_NAME"):
        if name not in is_set and name in function.__globals__:
            yield name, function.__globals__[name]


def _names(code: CodeType, *operations: str) -> dict[str, None]:
    """Return the names that some operations of a code, or of one within, are about, in order."""
    found = {
        str(each.argval): None for each in dis.get_instructions(code) if each.opname in operations
    }
    for const in code.co_consts:
        if isinstance(const, CodeType):
            found |= _names(const, *operations)
    return found


def _instructions(code: CodeType) -> list[Any]:
    return [code.co_code, code.co_names, list(map(_const, code.co_consts))]


def _const(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _instructions(value)
    # In what order a set says its texts differs from process to process.
    return sorted(map(repr, value)) if isinstance(value, frozenset) else value
