"""The config group `executor`: where evaluations and traces run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from dse.errors import DseError, nearest
from dse.execution import EXECUTORS, Executor

_KIND = "kind"
_DEFAULT = "local"


def read_executor(name: str, content: Mapping[str, Any]) -> Executor:
    """Return the executor that a page describes.

    Args:
        name: of the page; one that has the name of an executor describes that one.
        content: options by name; `kind` names the executor of a page that has another name.

    Raises:
        DseError: for an unknown executor or option, or a value that it does not take.
    """
    options = {str(key): value for key, value in content.items()}
    kind = options.pop(_KIND, name if name in EXECUTORS else _DEFAULT)
    if kind not in EXECUTORS:
        raise DseError(f"executor.{_KIND}: unknown {kind!r}; {nearest(str(kind), EXECUTORS)}")
    types = option_types(EXECUTORS[kind])
    for key in options:
        if key not in types:
            hint = nearest(key, [*types, _KIND])
            raise DseError(f"executor.{key}: {kind} has no such option; {hint}")
    return EXECUTORS[kind](**{key: _value(key, each, types[key]) for key, each in options.items()})


def option_types(executor: type[Executor]) -> dict[str, Any]:
    """Return the types of an executor's options by their names."""
    hints = get_type_hints(executor)
    return {field.name: hints[field.name] for field in dataclasses.fields(executor)}  # type: ignore[arg-type]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return bool(value) and isinstance(value, list | tuple) and all(map(_is_name, value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


TYPES: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    str: ("a text", _is_name),
    str | None: ("a text or null", lambda value: value is None or _is_name(value)),
    int: ("a whole number", lambda value: _is_number(value) and isinstance(value, int)),
    float: ("a number", _is_number),
    tuple[str, ...]: ("a name or a list of names", lambda v: _is_name(v) or _is_names(v)),
    Mapping[str, Any]: ("keys with values", lambda value: isinstance(value, Mapping)),
}
"""The types that an option may have, in words, and what is of them."""


def _value(key: str, value: Any, expected: Any) -> Any:
    """Return the value of an option; one name of several as a tuple of it.

    Raises:
        DseError: for a value of another type.
    """
    said, holds = TYPES[expected]
    if not holds(value):
        raise DseError(f"executor.{key}: expected {said}, not {value!r}")
    if expected == tuple[str, ...]:
        return (value,) if isinstance(value, str) else tuple(value)
    return value
