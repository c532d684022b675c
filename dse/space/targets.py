"""Callables that a config names by a dotted path, limited to modules that the user trusts.

A config may come from someone else, and must not run what it likes. What a path leads to has to be
*defined* in a trusted module, so that `torch.os.system` gets as far as `os.system` does: nowhere.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from torch import nn

from dse.errors import DseError, nearest
from dse.foreign_code import foreign_code
from dse.space.place import Where

TRUSTED_MODULES = (
    "torch.nn",
    "torchvision.models",
    "torchvision.ops",
    "timm",
    "timm.models",
    "timm.layers",
    "dse.space.blocks",
)
"""Packages whose `nn.Module` classes, and builders of models, any page may name."""

_EXTRAS = ("timm",)
"""Packages that an extra of dse installs."""


class MissingExtra(DseError):
    """A page names a package that is not installed, and that an extra of dse would install."""


def find_target(
    path: Any, trusted: Iterable[str], allow: Iterable[str], where: Where
) -> Callable[..., Any]:
    """Return the callable at a dotted path, such as that of an objective.

    Both the path and the module that defines the callable must lie within what is trusted for the
    purpose, or in a module of the user's own that is allowed.

    Raises:
        DseError: for a path outside these modules, or one that leads nowhere.
    """
    allowed = (*trusted, *allow)
    target = _imported(path, allowed, tuple(allow), where)
    _check_definition(path, target, allowed, where)
    return target


def find_builder(path: Any, allow: Iterable[str], where: Where) -> Callable[..., Any]:
    """Return what builds an `nn.Module` at a dotted path, for a block or a family of models.

    In `TRUSTED_MODULES` that is a module class that they define, or a builder of models which
    torchvision or timm have registered; in `allow`, any callable that a module there defines.

    Raises:
        DseError: for anything else; it names the nearest callable.
    """
    allow = tuple(allow)
    target = _imported(path, (*TRUSTED_MODULES, *allow), allow, where)
    defined_in = getattr(target, "__module__", None) or ""
    if _within(f"{defined_in}.", allow):
        return target
    _check_definition(path, target, TRUSTED_MODULES, where)
    is_module = inspect.isclass(target) and issubclass(target, nn.Module)
    if not is_module and not _is_model_builder(target):
        raise DseError(f"{where}: {path!r} is neither an nn.Module class nor a builder of models")
    return target


def _imported(
    path: Any, allowed: tuple[str, ...], own: tuple[str, ...], where: Where
) -> Callable[..., Any]:
    if not isinstance(path, str) or not all(map(str.isidentifier, path.split("."))):
        raise DseError(f"{where}: {path!r} is not the dotted path of a callable")
    module_name, _, attribute = path.rpartition(".")
    if not _within(path, allowed):
        package = path.partition(".")[0]
        mend = f"; allow its module with allow=[{package}], or --allow {package}"
        # Nobody's network is in Python's own library, but what reaches out is.
        hint = "" if package in sys.stdlib_module_names else mend
        raise DseError(f"{where}: {path!r} is not within {', '.join(allowed)}{hint}")
    if _within(path, own) and "" not in sys.path:
        # Where the user stands comes last, so that it hides no installed package.
        sys.path.append("")
    with foreign_code(lambda reason: f"{where}: cannot import {module_name!r}: {reason}"):
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            package = module_name.partition(".")[0]
            if package in _EXTRAS and error.name == package:
                needed = f"{path!r} needs {package}: pip install 'dse[{package}]'"
                raise MissingExtra(f"{where}: {needed}") from error
            raise
        target: Callable[..., Any] | None = getattr(module, attribute, None)
    if target is None or not callable(target):
        public = [name for name, value in vars(module).items() if callable(value)]
        raise DseError(f"{where}: no callable {path!r}; {nearest(attribute, public)}")
    return target


def _check_definition(path: str, target: Any, allowed: Iterable[str], where: Where) -> None:
    defined_in = f"{getattr(target, '__module__', None)}.{path.rpartition('.')[2]}"
    if not _within(defined_in, allowed):
        raise DseError(f"{where}: {path!r} is really {defined_in!r}, which is not allowed")


def _within(path: str, modules: Iterable[str]) -> bool:
    return any(path.startswith(f"{module}.") for module in modules)


def _is_model_builder(target: Any) -> bool:
    """Return whether torchvision or timm list a function among their builders of models."""
    name = getattr(target, "__name__", "")
    package = (getattr(target, "__module__", None) or "").partition(".")[0]
    if package == "torchvision":
        from torchvision import models

        known = {models.get_model, *map(models.get_model_builder, models.list_models())}
        return target in known
    if package == "timm":
        import timm

        is_entrypoint = timm.is_model(name) and timm.model_entrypoint(name) is target
        return target is timm.create_model or is_entrypoint
    return False


WEIGHT_ARGUMENTS = (
    "weights",
    "weights_backbone",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "checkpoint_path",
    "cache_dir",
)
"""Arguments of torchvision's and timm's builders that fetch or read weights, which cost nothing."""


def accepted_arguments(builder: Callable[..., Any]) -> tuple[dict[str, inspect.Parameter], bool]:
    """Return the arguments that a builder takes by name, and whether it takes any other too.

    A function that passes its `**kwargs` on to the class that it is annotated to return takes
    what that class takes.
    """
    named, is_open = _named(builder)
    if is_open and inspect.isfunction(builder):
        returned = _signature(builder).return_annotation
        is_model = inspect.isclass(returned) and issubclass(returned, nn.Module)
        if is_model and returned is not nn.Module:
            further, is_open = _named(returned)
            named = {**further, **named}
    return named, is_open


def own_arguments(builder: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the arguments that a builder itself names, without those that it passes on."""
    return _named(builder)[0]


def takes_words(parameter: inspect.Parameter) -> bool:
    """Return whether an argument may be a word, by its annotation."""
    return parameter.annotation is parameter.empty or _holds_words(parameter.annotation)


def _holds_words(annotation: Any) -> bool:
    """Return whether a type is `str`, a literal word, or a union with one of them."""
    is_word = annotation is str or isinstance(annotation, str)
    return is_word or any(map(_holds_words, get_args(annotation)))


def is_trusted(builder: Callable[..., Any]) -> bool:
    """Return whether a builder is defined in one of the `TRUSTED_MODULES`."""
    return _within(f"{builder.__module__}.", TRUSTED_MODULES)


def _signature(target: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(target, eval_str=True)
    except NameError:
        # Annotations may name what is imported for type checkers alone.
        return inspect.signature(target)


def _named(target: Callable[..., Any]) -> tuple[dict[str, inspect.Parameter], bool]:
    parameters = _signature(target).parameters.values()
    unnamed = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return (
        {p.name: p for p in parameters if p.kind not in unnamed},
        any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters),
    )


def check_arguments(target: Callable[..., Any], arguments: Mapping[str, Any], where: str) -> None:
    """Raise a `DseError` for an argument that a callable does not take."""
    parameters = inspect.signature(target).parameters
    for name in arguments:
        if name not in parameters:
            raise DseError(f"{where}: unknown argument {name!r}; {nearest(name, parameters)}")
