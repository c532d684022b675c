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
from dse.extras import install
from dse.foreign_code import foreign_code
from dse.language import Where
from dse.sources import is_found

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

LONGEST_PATH = 200
"""Characters of the path of a callable."""

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
    if not isinstance(path, str) or not _within(path, allow):
        hint = nearest(str(path)[:LONGEST_PATH], known)
        raise DseError(
            f"{where}: {str(path)[:LONGEST_PATH]!r} is none of these{_mend(path)}; {hint}"
        )
    target = _imported(path, allow, allow, where)
    _check_definition(path, target, allow, where)
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


def callable_at(path: str) -> Callable[..., Any]:
    """Return what a dotted path leads to that was found to be trusted."""
    module, _, name = path.rpartition(".")
    target: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return target


def import_own(modules: Iterable[str]) -> None:
    """Import modules of the user's own, which may declare costs; one that is not there is left.

    Raises:
        DseError: for a module that cannot be imported.
    """
    for name in modules:
        if _is_path(f"{name}.x") and "" not in sys.path:
            sys.path.append("")
        if is_found(name):
            _import_own(name)


def _import_own(name: str) -> None:
    with foreign_code(lambda reason: f"allow: cannot import {name!r}: {reason}"):
        importlib.import_module(name)


def _imported(
    path: Any, allowed: tuple[str, ...], own: tuple[str, ...], where: Where
) -> Callable[..., Any]:
    if not _is_path(path):
        raise DseError(
            f"{where}: {str(path)[:LONGEST_PATH]!r} is not the dotted path of a callable"
        )
    module_name, _, attribute = path.rpartition(".")
    if not _within(path, allowed):
        raise DseError(f"{where}: {path!r} is not within {', '.join(allowed)}{_mend(path)}")
    if _within(path, own) and "" not in sys.path:
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


HUB_MARKS = (":", "/")
"""What the name of a model has that is fetched from a hub or read from a directory."""
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
PLACE_ARGUMENTS = ("device", "dtype")
"""Arguments of PyTorch's modules that put weights elsewhere than where a trace needs them."""


def offline(
    builder: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return a call of a builder which fetches and reads nothing, and makes no real weights.

    What is not trusted but allowed is the user's own, and called as it is.

    Raises:
        ValueError: for the name of a model on a hub, and an argument that reads weights.
    """
    given = dict(arguments)
    if not is_trusted(builder):
        return builder, given
    for name, value in given.items():
        if name in (*WEIGHT_ARGUMENTS, *PLACE_ARGUMENTS) and value is not False:
            raise ValueError(f"models are built without trained weights, so no {name!r}")
        if isinstance(value, str) and any(mark in value for mark in HUB_MARKS):
            raise ValueError(f"{name} {value!r}: models are not fetched from a hub")
    if (builder.__module__ or "").startswith("torchvision."):
        from torchvision import models

        if builder is models.get_model:
            builder = models.get_model_builder(given.pop("name"))
    if "weights_backbone" in own_arguments(builder):
        # Segmentation models have trained weights by default.
        given["weights_backbone"] = None
    return builder, given


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
