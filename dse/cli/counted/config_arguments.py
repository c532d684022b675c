"""Arguments that are configurations: a word names their class, and further words its arguments.

`config=package.NetConfig layers=4` calls `package.NetConfig(layers=4)` for the argument `config`,
as does `config=package.NetConfig config.layers=4`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from dse.errors import DseError, nearest

_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+|[^:]+\.py:[^\W\d]\w*")
_SAYS_CONFIG = re.compile(r"conf|cfg", re.IGNORECASE)


def with_configs(
    callee: Callable[..., Any],
    arguments: Mapping[str, Any],
    find: Callable[[str], Any],
    check: Callable[[str, Callable[..., Any], Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Return arguments with an instance in the place of each class of a configuration.

    Args:
        callee: what takes them; the words that it does not take go to its one configuration.
        arguments: as they were typed; `config.layers` is an argument of the class of `config`.
        find: returns what a path leads to.
        check: raises for an argument that a callable, named for messages, does not take.

    Raises:
        DseError: for `config.layers` without a class `config`, or arguments of it that it refuses.
    """
    parameters = parameters_of(callee)
    own = {name: value for name, value in arguments.items() if "." not in name}
    classes = {
        name: str(value)
        for name, value in own.items()
        if _is_path(value) and (_says_config(name, parameters) or _has_words(name, arguments))
    }
    given: dict[str, dict[str, Any]] = {name: {} for name in classes}
    for name, value in arguments.items():
        holder, dot, inner = name.partition(".")
        if dot and holder not in classes:
            hint = nearest(holder, classes)
            raise DseError(f"{name}: {holder!r} is no configuration with a class; {hint}")
        if dot:
            given[holder][inner] = value
        elif len(classes) == 1 and parameters and name not in {*parameters, *classes}:
            given[next(iter(classes))][name] = own.pop(name)
    for name, path in classes.items():
        found = find(path)
        if not callable(found):
            raise DseError(f"{name}={path}: {path} is not a class")
        inner_arguments = with_configs(found, given[name], find, check)
        check(path, found, inner_arguments)
        own[name] = found(**inner_arguments)
    return own


def parameters_of(callee: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the parameters of a callable by name; none where Python cannot tell them."""
    try:
        return dict(inspect.signature(callee).parameters)
    except (TypeError, ValueError):
        return {}


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and _PATH.fullmatch(value) is not None


def _has_words(name: str, arguments: Mapping[str, Any]) -> bool:
    return any(each.startswith(f"{name}.") for each in arguments)


def _says_config(name: str, parameters: Mapping[str, inspect.Parameter]) -> bool:
    annotation = getattr(parameters.get(name), "annotation", inspect.Parameter.empty)
    if annotation in (str, "str"):
        return False
    if annotation is inspect.Parameter.empty:
        return _SAYS_CONFIG.search(name) is not None
    return _SAYS_CONFIG.search(f"{name} {getattr(annotation, '__name__', annotation)}") is not None
