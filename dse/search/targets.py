"""Callables that a config names by a dotted path, limited to modules that the user trusts."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dse.errors import DseError, nearest

TRUSTED = ("dse", "optuna.samplers")
"""Modules whose callables any config may name."""


def find_target(path: Any, allow: Iterable[str], where: str) -> Callable[..., Any]:
    """Return the callable at a dotted path.

    Both the path and the module that defines the callable must lie within `TRUSTED` or `allow`, so
    that a config cannot reach a foreign function through a trusted module.

    Raises:
        DseError: for a path outside the allowed modules, or one that leads nowhere.
    """
    allowed = (*TRUSTED, *allow)
    if not isinstance(path, str) or not all(map(str.isidentifier, path.split("."))):
        raise DseError(f"{where}: {path!r} is not the dotted path of a callable")
    module_name, _, attribute = path.rpartition(".")
    if not _within(path, allowed):
        raise DseError(
            f"{where}: {path!r} is not within {', '.join(allowed)}; "
            f"allow its module with allow=[{path.partition('.')[0]}]"
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise DseError(f"{where}: cannot import {module_name!r}: {error}") from error
    target: Callable[..., Any] | None = getattr(module, attribute, None)
    if target is None or not callable(target):
        public = [name for name, value in vars(module).items() if callable(value)]
        raise DseError(f"{where}: no callable {path!r}; {nearest(attribute, public)}")
    defined_in = f"{getattr(target, '__module__', None)}.{attribute}"
    if not _within(defined_in, (*allowed, "optuna")):
        raise DseError(f"{where}: {path!r} is really {defined_in!r}, which is not allowed")
    return target


def _within(path: str, modules: Iterable[str]) -> bool:
    return any(path.startswith(f"{module}.") for module in modules)


def check_arguments(target: Callable[..., Any], arguments: Mapping[str, Any], where: str) -> None:
    """Raise a `DseError` for an argument that a callable does not take."""
    parameters = inspect.signature(target).parameters
    for name in arguments:
        if name not in parameters:
            raise DseError(f"{where}: unknown argument {name!r}; {nearest(name, parameters)}")
