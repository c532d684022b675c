"""Callables that a config names by a dotted path, limited to modules that the user trusts.

A config may come from someone else, and must not run what it likes. What a path leads to has to be
*defined* in a trusted module, so that `torch.os.system` gets as far as `os.system` does: nowhere.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from dse.code import foreign_code, is_found
from dse.errors import DseError, closest, nearest
from dse.extras import install
from dse.language import Where
from dse.space.blocks.trusted_names import (
    LONGEST_PATH,
)

_LIBRARIES = ("dse", "optuna", "torch", "torchvision", "timm")
"""Packages that hold more than networks, and are not allowed as a whole."""

_EXTRAS = ("timm",)
"""Packages that an extra of dse installs."""


class MissingExtra(DseError):
    """A page names a package that is not installed, and that an extra of dse would install."""


def find_target(
    path: Any, known: Mapping[str, Callable[..., Any]], allow: Iterable[str], where: Where
) -> Callable[..., Any]:
    """Return the callable at a dotted path, such as that of an objective.

    It is one of those that are meant for the purpose, or one that a module of the user's own
    defines which is allowed.

    Args:
        path: what a config names.
        known: what is meant for the purpose, by its path.
        allow: modules of the user's own.
        where: it is named, for messages.

    Raises:
        DseError: for any other path, or one that leads nowhere.
    """
    allow = tuple(allow)
    if isinstance(path, str) and path in known:
        return known[path]
    if path is None:
        raise DseError(f"{where}: it names no callable; {nearest('', known)}")
    if not isinstance(path, str) or not within(path, allow):
        hint = nearest(str(path)[:LONGEST_PATH], known)
        raise DseError(
            f"{where}: {str(path)[:LONGEST_PATH]!r} is none of these{_mend(path)}; {hint}"
        )
    target = imported(path, allow, allow, where)
    check_definition(path, target, allow, where)
    return target


def callable_at(path: str) -> Callable[..., Any]:
    """Return what a dotted path leads to that was found to be trusted."""
    module, _, name = path.rpartition(".")
    target: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return target


def import_own(modules: Iterable[str]) -> None:
    """Import modules of the user's own, which may declare costs.

    Raises:
        DseError: for a module that is not there, or that cannot be imported.
    """
    for name in modules:
        if _is_path(f"{name}.x") and "" not in sys.path:
            sys.path.append("")
        _import_own(name)


def _import_own(name: str) -> None:
    if not is_found(name):
        near = closest(name, [path.stem for path in sorted(Path().glob("*.py"))])
        hint = "" if near is None else f"; did you mean {near!r}?"
        raise DseError(f"allow: there is no module {name!r}{hint}")
    with foreign_code(lambda reason: f"allow: cannot import {name!r}: {reason}"):
        importlib.import_module(name)


def imported(
    path: Any, allowed: tuple[str, ...], own: tuple[str, ...], where: Where
) -> Callable[..., Any]:
    """Return what is at a dotted path within allowed modules, of which some are the user's own.

    Raises:
        DseError: for a path outside of them, or one that leads nowhere.
    """
    if not _is_path(path):
        raise DseError(
            f"{where}: {str(path)[:LONGEST_PATH]!r} is not the dotted path of a callable"
        )
    module_name, _, attribute = path.rpartition(".")
    if not within(path, allowed):
        raise DseError(f"{where}: {path!r} is not within {', '.join(allowed)}{_mend(path)}")
    if within(path, own) and "" not in sys.path:
        # Where the user stands comes last, so that it hides no installed package.
        sys.path.append("")
    with foreign_code(lambda reason: f"{where}: cannot import {module_name!r}: {reason}"):
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            package = module_name.partition(".")[0]
            if package in _EXTRAS and error.name == package:
                needed = f"{path!r} needs {package}: {install(package)}"
                raise MissingExtra(f"{where}: {needed}") from error
            raise
        target: Callable[..., Any] | None = getattr(module, attribute, None)
    if target is None or not callable(target):
        public = [name for name, value in vars(module).items() if callable(value)]
        raise DseError(f"{where}: no callable {path!r}; {nearest(attribute, public)}")
    return target


def _is_path(path: Any) -> bool:
    is_text = isinstance(path, str) and len(path) <= LONGEST_PATH
    return is_text and all(map(str.isidentifier, path.split(".")))


def _mend(path: Any) -> str:
    """Say how the module of a path is allowed, where that may be what was meant."""
    package = path.partition(".")[0] if _is_path(path) and "." in path else ""
    # Nobody's network is in Python's own library, but what reaches out is.
    if not package or package in (*sys.stdlib_module_names, *_LIBRARIES):
        return ""
    return f"; allow its module with allow=[{package}], or --allow {package}"


def check_definition(path: str, target: Any, allowed: Iterable[str], where: Where) -> None:
    """Raise a `DseError` for what is defined elsewhere than in allowed modules."""
    defined_in = f"{getattr(target, '__module__', None)}.{path.rpartition('.')[2]}"
    if not within(defined_in, allowed):
        raise DseError(f"{where}: {path!r} is really {defined_in!r}, which is not allowed")


def within(path: str, modules: Iterable[str]) -> bool:
    """Return whether a dotted path lies in one of some modules."""
    return any(path.startswith(f"{module}.") for module in modules)


def check_arguments(
    target: Callable[..., Any],
    arguments: Mapping[str, Any],
    where: str,
    given: Iterable[str] = (),
) -> None:
    """Raise a `DseError` for an argument that a callable does not take, or is given anyway."""
    parameters = inspect.signature(target).parameters.keys() - {*given}
    for name in arguments:
        if name not in parameters:
            raise DseError(f"{where}: unknown argument {name!r}; {nearest(name, parameters)}")
