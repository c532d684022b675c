"""The constructor calls of a network as expressions of Python."""

from __future__ import annotations

import functools
import inspect
import keyword
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from dse.errors import DseError
from dse.project.exports.constructor_calls import ConstructorCalls
from dse.project.exports.source_layout import Argument, Written, flat, quoted
from dse.project.exports.source_names import SourceNames

_EXACTLY = '''
def with_attributes(config, **attributes):
    """Return a configuration with attributes as given, which it would have rounded."""
    vars(config).update(attributes)
    return config
'''


_WORTH_REPEATING = 12
"""Characters beyond which a call is not written a second time."""


class ConstructorSource:
    """Writes values as expressions, objects as the calls that constructed them."""

    def __init__(self, calls: ConstructorCalls) -> None:
        self.names = SourceNames()
        self.calls = calls
        self.needs_attributes = False

    @property
    def definitions(self) -> list[str]:
        """The source of what the expressions use and nothing can be imported from."""
        return [*self.names.repeated, *([_EXACTLY.strip()] if self.needs_attributes else [])]

    def write(self, value: Any) -> Written:
        """Return an expression of a value.

        Raises:
            DseError: for an object that was constructed out of sight.
        """
        if isinstance(value, float) and not math.isfinite(value):
            return Written(f'float("{value}")')
        if value is None or type(value) in (bool, int, float):
            return Written(repr(value))
        if type(value) is str:
            return Written(quoted(value))
        if type(value) in (list, tuple):
            open, close = "[]" if type(value) is list else "()"
            return Written(open, tuple(Argument(self.write(each)) for each in value), close)
        if isinstance(value, torch.dtype):
            self.names.module("torch")
            return Written(str(value))
        if isinstance(value, functools.partial):
            what = Argument(Written(self.names.name(value.func)))
            given = self._arguments((), value.args, value.keywords)
            return Written(f"{self.names.name(functools.partial)}(", (what, *given), ")")
        if isinstance(value, Mapping):
            return self._mapping(value)
        if inspect.isclass(value) or inspect.isroutine(value):
            return Written(self.names.name(value))
        return self._constructed(value)

    def call(self, target: Callable[..., Any], arguments: Mapping[str, Any]) -> Written:
        """Return a call of a builder with arguments by name, as short as its defaults allow."""
        return Written(f"{self.names.name(target)}(", self._short(target, arguments), ")")

    def in_a_row(self, values: Sequence[tuple[Written, str]]) -> tuple[Argument, ...]:
        """Return expressions with comments as arguments; calls in a row that are equal once."""
        found: list[Argument] = []
        for written, comment in values:
            is_again = bool(found) and found[-1].value == written and not comment
            if is_again and len(flat(written)) > _WORTH_REPEATING:
                found[-1] = replace(found[-1], repeat=found[-1].repeat + 1)
            else:
                found.append(Argument(written, comment=comment))
        return tuple(found)

    def _mapping(self, value: Mapping[Any, Any]) -> Written:
        if type(value) is OrderedDict and all(str(key).isidentifier() for key in value):
            head = f"{self.names.name(OrderedDict)}("
            return Written(head, self._arguments((), (), value), ")")
        if type(value) is not dict:
            raise DseError(f"a {type(value).__name__} has no literal")
        pairs = tuple(
            Argument(self.write(each), f"{flat(self.write(key))}: ") for key, each in value.items()
        )
        return Written("{", pairs, "}")

    def _constructed(self, value: Any) -> Written:
        found = self.calls.find(value)
        if found is None:
            raise DseError(f"a {type(value).__name__} has no literal")
        named, more, names = found.arguments
        kind = type(value)
        if more or not named:
            given: tuple[Argument, ...] = self._arguments(tuple(named.values()), more, names)
        else:
            given = self._short(kind, {**named, **names})
        written = Written(f"{self.names.name(kind)}(", given, ")")
        changed = {
            name: each
            for name, each in ({} if isinstance(value, nn.Module) else vars(value)).items()
            if name not in found.attributes or found.attributes[name] != each
        }
        if not changed:
            return written
        self.needs_attributes = True
        return Written(
            "with_attributes(", (Argument(written), *self._arguments((), (), changed)), ")"
        )

    def _short(self, target: Callable[..., Any], given: Mapping[str, Any]) -> tuple[Argument, ...]:
        """Return arguments: those that have to be given by position, others by name."""
        parameters = inspect.signature(target).parameters
        first: list[Any] = []
        rest: dict[str, Any] = {}
        for name, value in _in_order(given, parameters):
            parameter = parameters.get(name)
            if parameter is not None and _is_default(value, parameter.default):
                continue
            is_first = (
                parameter is not None
                and parameter.kind is not parameter.KEYWORD_ONLY
                and parameter.default is parameter.empty
                and not rest
            )
            if is_first:
                first.append(value)
            else:
                rest[name] = value
        return self._arguments((), tuple(first), rest)

    def _arguments(
        self, before: Sequence[Any], more: Sequence[Any], named: Mapping[str, Any]
    ) -> tuple[Argument, ...]:
        for name in named:
            # What a page calls an argument becomes code here.
            if not name.isidentifier() or keyword.iskeyword(name):
                raise DseError(f"{name!r} is no name of an argument")
        positional = self.in_a_row([(self.write(each), "") for each in (*before, *more)])
        return (*positional, *(Argument(self.write(v), f"{name}=") for name, v in named.items()))


def _in_order(
    given: Mapping[str, Any], parameters: Mapping[str, inspect.Parameter]
) -> list[tuple[str, Any]]:
    known = [(name, given[name]) for name in parameters if name in given]
    return [*known, *((name, value) for name, value in given.items() if name not in parameters)]


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (
        type(value) is type(default)
        and type(value) in (bool, int, float, str, tuple, list)
        and value == default
    )
