"""With what arguments the parts of a network were constructed, seen while it was built."""

from __future__ import annotations

import sys
from collections import OrderedDict
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

Arguments = tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]
"""By the names of parameters; by position, and by name, of a constructor that takes any."""


@dataclass(frozen=True)
class Constructed:
    """An object, and the arguments of its constructor."""

    made: Any
    arguments: Arguments
    attributes: dict[str, Any]
    """What the constructor left it with, of an object that is no module."""


class ConstructorCalls(AbstractContextManager["ConstructorCalls"]):
    """Watches Python's calls, and keeps the first `__init__` of each object: that of its class."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[Any, Arguments]] = {}
        self._left: dict[int, dict[str, Any]] = {}
        self._running: dict[int, int] = {}

    def __enter__(self) -> ConstructorCalls:
        self._before = sys.getprofile()
        sys.setprofile(self._see)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.setprofile(self._before)

    def find(self, made: Any) -> Constructed | None:
        """Return how an object was constructed; None where no Python code did it."""
        if id(made) not in self._of:
            return None
        _, arguments = self._of[id(made)]
        return Constructed(made, arguments, self._left.get(id(made), {}))

    def _see(self, frame: FrameType, event: str, argument: Any) -> None:
        if frame.f_code.co_name != "__init__" or event not in ("call", "return"):
            return
        if event == "return":
            made = self._running.pop(id(frame), None)
            if made is not None:
                self._left[made] = {**getattr(self._of[made][0], "__dict__", {})}
            return
        names = frame.f_code.co_varnames
        made = frame.f_locals.get(names[0]) if frame.f_code.co_argcount else None
        # The object is kept, so that no other one is given its number.
        if made is not None and id(made) not in self._of:
            self._of[id(made)] = made, _arguments(frame)
            self._running[id(frame)] = id(made)


def _arguments(frame: FrameType) -> Arguments:
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    named = {name: _as_it_is(values[name]) for name in code.co_varnames[1:count]}
    takes_more, takes_names = bool(code.co_flags & 0x04), bool(code.co_flags & 0x08)
    more = tuple(values[code.co_varnames[count]]) if takes_more else ()
    names = dict(values[code.co_varnames[count + takes_more]]) if takes_names else {}
    return named, more, names


def _as_it_is(value: Any) -> Any:
    """Copy a container, which the constructor may change."""
    return type(value)(value) if type(value) in (list, dict, OrderedDict) else value
