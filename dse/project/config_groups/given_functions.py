"""Objectives that are Python functions, given to a search in place of a dotted path."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dse.code import is_found, untold_by
from dse.errors import DseError, UnnoticedChange

RECORDED_AS = "_function_"
"""What stands in a record in place of `_target_`: such a search is not repeated from it."""


def name_of(function: Callable[..., Any]) -> str:
    """Return under which name the numbers of a function are stored."""
    name = str(getattr(function, "__name__", ""))
    return name if name.isidentifier() else "objective"


def checked_function(target: Callable[..., Any], where: str) -> Callable[..., Any]:
    """Return a function; a warning says what it reads whose changes will not be noticed.

    Raises:
        DseError: for another callable, whose code does not tell what it returns.
    """
    if not inspect.isfunction(target):
        raise DseError(f"{where}: {target!r} is no Python function; a lambda may call it")
    for value in untold_by(target):
        warnings.warn(
            f"{where}: {name_of(target)} reads {value}, which is no plain value: where it changes, "
            "numbers that are stored count as known; retry='all' measures anew",
            UnnoticedChange,
            stacklevel=2,
        )
    return target


def recorded_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a page as plain values, with functions by their dotted names."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            found[key] = recorded_content(value)
        elif key == "_target_" and callable(value):
            found[RECORDED_AS] = _dotted(value)
        else:
            found[key] = value
    return found


def recorded_functions(content: Any) -> Iterator[str]:
    """Yield the dotted names of the functions in what was recorded of a page."""
    for key, value in content.items() if isinstance(content, Mapping) else ():
        if key == RECORDED_AS:
            yield str(value)
        else:
            yield from recorded_functions(value)


def check_importable(content: Mapping[str, Any]) -> None:
    """Refuse a function that another process would not find.

    Raises:
        DseError: for a lambda, a local function, or one of a notebook.
    """
    for key, value in content.items():
        if isinstance(value, Mapping):
            check_importable(value)
        elif key == "_target_" and callable(value) and not _is_importable(value):
            raise DseError(
                f"objective: {_dotted(value)} cannot be imported by name, as other processes do;"
                " use workers=1 and no time_limit, or define it in a module"
            )


def _is_importable(function: Callable[..., Any]) -> bool:
    module = _module_of(function)
    found: Any = sys.modules.get(module)
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is function and is_found(module)


def _module_of(function: Callable[..., Any]) -> str:
    # What `exec` makes without a `__name__` has no module.
    return function.__module__ or "__main__"


def _dotted(function: Callable[..., Any]) -> str:
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{_module_of(function)}.{name}"
