"""The model that `dse count` is pointed at: a dotted path or a file, with its arguments."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from torch import nn

from dse.cli.counted.config_arguments import parameters_of, with_configs
from dse.code import foreign_code
from dse.counting import build_without_weights, is_exported_file, read_exported_file
from dse.errors import DseError, nearest
from dse.project import CONSTANT


def parse_arguments(words: Sequence[str]) -> dict[str, Any]:
    """Return `key=value` words as arguments; values are read as YAML (numbers, lists, true).

    Raises:
        DseError: for a word without `=`.
    """
    arguments: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name.startswith("budget."):
            bound = f"{name.removeprefix('budget.')} <= {value}"
            raise DseError(f"{word!r}: a budget of one model is --budget {bound!r}")
        if not equals or not all(map(str.isidentifier, name.split("."))):
            raise DseError(f"{word!r} is not an argument of the form key=value{_option_for(word)}")
        arguments[name] = _value(word, value)
    return arguments


def _option_for(word: str) -> str:
    """Return with which option a word goes, where that can be seen."""
    is_shape = re.fullmatch(r"\d+([,x×]\d+)*(:\w+.*)?", word)
    return f"; a shape goes with --input {word}" if is_shape else ""


def _value(word: str, value: str) -> Any:
    # The constructors of YAML's tags raise what int() and the like do.
    with foreign_code(lambda reason: f"{word!r}: cannot read the value: {reason}"):
        return yaml.safe_load(value)


@dataclass(frozen=True, slots=True)
class Target:
    """What a word of the command line leads to."""

    path: str
    found: Any
    input: Any
    """The input that its file says, or what gives it; None where it says none."""


def build_model(named: Target, arguments: Mapping[str, Any], weights: bool = False) -> nn.Module:
    """Build the module that a target names.

    Args:
        named: a callable or a module instance.
        arguments: of the callable.
        weights: make real weights; otherwise they take no memory.

    Raises:
        DseError: for an unknown argument, or a callable that builds no `nn.Module`.
    """
    target, found = named.path, named.found
    if isinstance(found, nn.Module):
        if arguments:
            raise DseError(f"{target} is a module already and takes no arguments")
        return found
    if isinstance(found, ModuleType):
        raise DseError(f"{target} is a module; which model of it? {_within(target, found)}")
    if not callable(found):
        raise DseError(f"{target} is not callable")
    with foreign_code(lambda reason: f"{target} cannot be built: {reason}"):
        arguments = with_configs(found, arguments, lambda path: load_target(path).found, _check)
        _check(target, found, arguments)
        model = found(**arguments) if weights else build_without_weights(lambda: found(**arguments))
    if not isinstance(model, nn.Module):
        raise DseError(f"{target} builds no torch.nn.Module but {type(model).__name__}")
    return model


def _within(target: str, module: ModuleType) -> str:
    """Return how to name what a module defines that may be a model."""
    own = [
        name
        for name, value in vars(module).items()
        if callable(value)
        and name[:1] != "_"
        and getattr(value, "__module__", None) == module.__name__
    ]
    separator = ":" if target.endswith(".py") else "."
    named = [f"{target}{separator}{name}" for name in own[:_NAMED]]
    return ", ".join(named) or f"{target}{separator}NAME"


_NAMED = 5
"""Models that a hint names."""


def named_loss(word: str | None) -> Any:
    """Return the loss of a word: a name as it is, or what a path or `FILE.py:NAME` leads to.

    Raises:
        DseError: for a path that leads to nothing that can be called.
    """
    if word is None or not any(mark in word for mark in ".:"):
        return word
    *path, name = word.split(":")
    is_file = bool(path) and path[0].endswith(".py")
    found = load_target(word if is_file else ".".join([*path, name])).found
    if not callable(found):
        raise DseError(f"--loss {word}: not callable")
    return found() if isinstance(found, type) and issubclass(found, nn.Module) else found


def load_target(target: str) -> Target:
    """Return what a word names: a dotted path of a callable or a module instance, `FILE.py:NAME`,
    which are imported, or a file of an exported network, which is read.

    Raises:
        DseError: for a path that leads nowhere, or code that fails.
    """
    if is_exported_file(target):
        read = read_exported_file(Path(target))
        return Target(target, read.module, read.usual_inputs)
    if ":" in target or target.endswith(".py"):
        file, _, name = target.partition(":")
        module, rest = _load_file(Path(file)), name
    else:
        module, rest = _import_prefix(target)
    found: Any = module
    with foreign_code(lambda reason: f"{target}: {reason}"):
        for attribute in filter(None, rest.split(".")):
            if not hasattr(found, attribute):
                names = [name for name in dir(found) if not name.startswith("_")]
                where = getattr(found, "__name__", type(found).__name__)
                raise DseError(f"{where} has no {attribute!r}; {nearest(attribute, names)}")
            found = getattr(found, attribute)
        return Target(target, found, getattr(module, CONSTANT, None))


def _load_file(path: Path) -> ModuleType:
    with foreign_code(lambda reason: f"{path}: {reason}"):
        if path.is_dir():
            raise DseError(f"{path} is a directory, not a Python file")
        if not path.is_file():
            raise DseError(f"{path}: no such file")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise DseError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules.setdefault(path.stem, module)
        spec.loader.exec_module(module)
    return module


def _import_prefix(target: str) -> tuple[ModuleType, str]:
    """Import the longest part before the last name that is a module; return it and what is left.

    The last name is an attribute: `torchvision.models.alexnet` is a module and a function.
    """
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    parts = target.split(".")
    if not all(map(str.isidentifier, parts)):
        raise DseError(f"{target!r} is neither a dotted path nor FILE.py:NAME")
    for length in range(max(len(parts) - 1, 1), 0, -1):
        name = ".".join(parts[:length])
        with foreign_code(lambda reason: f"{target}: {reason}"):
            try:
                return importlib.import_module(name), ".".join(parts[length:])
            except ModuleNotFoundError as error:
                if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                    raise
    raise DseError(f"{target}: no module named {parts[0]!r}{_meant(target)}")


def _meant(target: str) -> str:
    """Return where the models of a name are, where torchvision has one of it; else how to say."""
    # Takes seconds to import, which only a mistake has to.
    from torchvision import models

    if target in models.list_models(models):
        return f"; did you mean torchvision.models.{target}?"
    return "" if "." in target else "; a path such as timm.models.resnet18, or FILE.py:NAME"


def _check(target: str, callee: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    parameters = parameters_of(callee)
    if not parameters or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    for name in arguments:
        if name not in parameters:
            raise DseError(f"{target} takes no argument {name!r}; {nearest(name, parameters)}")
