"""Reads what a page says of the input of its networks: sizes, or inputs by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dse.counting import Input
from dse.errors import DseError
from dse.language import Expression, Place, parse_expression, shortened
from dse.space.pages.family import Family
from dse.space.pages.family_definition import PageInput
from dse.space.pages.page_values import check_keys, is_list, sequence
from dse.space.pages.problems import Problems

INPUT_KEYS = ("shape", "dtype", "values", "batch")


@dataclass(frozen=True, slots=True)
class PageSizes:
    """What stands under `input` of a page: sizes of one input, or inputs by name."""

    sizes: tuple[Expression, ...] = ()
    named: tuple[PageInput, ...] = ()


def read_page_input(value: Any, family: Family, kind: str, problems: Problems) -> PageSizes:
    """Return what a page says under `input`; only a callable has inputs by name.

    What is wrong is collected as problems.
    """
    where = family.place / "input"
    if kind != "callable" or not isinstance(value, Mapping):
        with problems.collected():
            return PageSizes(_sizes(value, family, where, problems))
        return PageSizes()
    named = []
    for name, content in value.items():
        with problems.collected():
            named.append(_read_named(str(name), content, family, where / str(name), problems))
    with problems.collected():
        if not value:
            raise DseError(f"{where}: expected sizes, or inputs by name")
    return PageSizes(named=tuple(named))


def _read_named(
    name: str, content: Any, family: Family, where: Place, problems: Problems
) -> PageInput:
    if not name.isidentifier():
        raise DseError(f"{where}: {shortened(name)} is no name of an argument")
    if not isinstance(content, Mapping):
        return PageInput(name, where, _sizes(content, family, where, problems))
    check_keys(content, INPUT_KEYS, where)
    if "shape" not in content:
        raise DseError(f"{where}: the input has no 'shape'")
    has_batch = content.get("batch", True)
    if not isinstance(has_batch, bool):
        raise DseError(f"{where / 'batch'}: expected true or false, not {shortened(has_batch)}")
    dtype, values, shape = content.get("dtype"), content.get("values"), content["shape"]
    for key, given in {"dtype": None, "values": None if is_list(values) else values}.items():
        try:
            Input((), None if dtype is None else str(dtype), given)
        except DseError as error:
            raise DseError(f"{where / key}: {error}") from error
    sizes = () if shape == [] else _sizes(shape, family, where / "shape", problems)
    return PageInput(name, where, sizes, dtype and str(dtype), values, has_batch)


def _sizes(value: Any, family: Family, where: Place, problems: Problems) -> tuple[Expression, ...]:
    names = [*family.axes, *family.definitions]
    sizes = []
    for index, text in enumerate(sequence(value, where)):
        with problems.collected():
            size = parse_expression(text, where / index, names)
            for name in size.names:
                if family.levels[name]:
                    raise DseError(
                        f"{size.where}: {name!r} has a value for each stage, not for all"
                    )
            sizes.append(size)
    return tuple(sizes)
