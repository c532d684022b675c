"""Reads what a page of `kind: callable` says of its target: a callable that returns a model.

Its axes are arguments of the target. One that the target names is passed by its own name, as is one
that nothing else on the page uses; `arguments` adds others, computed from the axes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dse.errors import DseError, nearest
from dse.language import Expression, Place, parse_expression
from dse.space import blocks
from dse.space.blocks import (
    PLACE_ARGUMENTS,
    WEIGHT_ARGUMENTS,
    find_block,
)
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine
from dse.space.pages.page_blocks import read_setting
from dse.space.pages.page_values import mapping
from dse.space.pages.problems import Problems

if TYPE_CHECKING:
    from torch import nn


def read_target(page: Mapping[str, Any], family: Family, problems: Problems) -> BlockLine:
    """Return the target of a page as its one line, with the arguments that it gets.

    An argument that the target does not take is collected as a problem.

    Raises:
        DseError: for a target that leads nowhere, or is not allowed.
    """
    where = family.place / "target"
    for axis in family.axes.values():
        with problems.collected():
            if axis.per is not None:
                place = family.place / "axes" / axis.name
                raise DseError(f"{place}: a callable has no stages, so no axis 'per: {axis.per}'")
    target = find_block(_path(page["target"], where), where, family.allow)
    arguments = _written(page, family, target.build, problems)
    used = _names([*arguments.values(), *family.input_sizes, *family.definitions.values()])
    used |= _names(axis.when for axis in family.axes.values() if axis.when is not None)
    named, _ = blocks.accepted_arguments(target.build)
    for name in family.axes:
        if name not in arguments and (name in named or name not in used):
            with problems.collected():
                place = family.place / "axes" / name
                _check_argument(name, target.build, place)
                arguments[name] = parse_expression(name, place, family.axes)
    own = blocks.own_arguments(target.build).values()
    missing = [p.name for p in own if p.default is p.empty and p.name not in arguments]
    with problems.collected():
        if missing:
            raise DseError(f"{where}: {target.name} needs {', '.join(missing)}")
    return BlockLine(where, target.name, parse_expression(1, where, ()), arguments)


def _written(
    page: Mapping[str, Any], family: Family, target: Callable[..., nn.Module], problems: Problems
) -> dict[str, Expression]:
    """Return what stands under `arguments`."""
    where = family.place / "arguments"
    names = [*family.axes, *family.definitions]
    named, _ = blocks.accepted_arguments(target)
    arguments: dict[str, Expression] = {}
    for name, value in mapping(page.get("arguments") or {}, where).items():
        with problems.collected():
            _check_argument(name, target, where / name)
            is_word = name not in named or blocks.takes_words(named[name])
            arguments[str(name)] = read_setting(value, is_word, names, where / name)
    return arguments


def _names(expressions: Iterable[Expression]) -> set[str]:
    return {name for expression in expressions for name in expression.names}


def _path(value: Any, where: Place) -> str:
    if not isinstance(value, str) or "." not in value:
        raise DseError(f"{where}: {value!r} is not the dotted path of a callable")
    return value


def _check_argument(name: str, target: Callable[..., nn.Module], where: Place) -> None:
    named, is_open = blocks.accepted_arguments(target)
    if name in (*WEIGHT_ARGUMENTS, *PLACE_ARGUMENTS) and blocks.is_trusted(target):
        raise DseError(f"{where}: models are built without trained weights, so no {name!r}")
    if name not in named and not is_open:
        hint = nearest(name, set(named) - set(WEIGHT_ARGUMENTS))
        raise DseError(f"{where}: {target.__name__} takes no argument {name!r}; {hint}")
