"""What builds an `nn.Module` at a dotted path: where it may be defined, and what it takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from torch import nn

from dse.errors import DseError
from dse.language import Where
from dse.space.blocks.named_code import check_definition, imported, within
from dse.space.blocks.trusted_names import (
    HUB_MARKS,
    PLACE_ARGUMENTS,
    TRUSTED_MODULES,
    WEIGHT_ARGUMENTS,
)


def find_builder(path: Any, allow: Iterable[str], where: Where) -> Callable[..., Any]:
    """Return what builds an `nn.Module` at a dotted path, for a block or a family of models.

    In `TRUSTED_MODULES` that is a module class that they define, or a builder of models which
    torchvision or timm have registered; in `allow`, any callable that a module there defines.

    Raises:
        DseError: for anything else; it names the nearest callable.
    """
    allow = tuple(allow)
    target = imported(path, (*TRUSTED_MODULES, *allow), allow, where)
    defined_in = getattr(target, "__module__", None) or ""
    if within(f"{defined_in}.", allow):
        return target
    check_definition(path, target, TRUSTED_MODULES, where)
    is_module = inspect.isclass(target) and issubclass(target, nn.Module)
    if not is_module and not _is_model_builder(target):
        raise DseError(f"{where}: {path!r} is neither an nn.Module class nor a builder of models")
    return target


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
    return within(f"{builder.__module__}.", TRUSTED_MODULES)


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
