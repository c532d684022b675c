"""Reads what a page says of the input of its networks: sizes, or inputs by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dse.counting import canonical_dtype, is_of_integers
from dse.errors import DseError
from dse.language import Expression, Place, parse_expression, shortened
from dse.space.pages.family import Family
from dse.space.pages.family_definition import PageInput
from dse.space.pages.page_values import check_keys, checked_values, is_list, sequence
from dse.space.pages.problems import Problems

INPUT_KEYS = {
    "callable": ("shape", "dtype", "values", "batch", "below"),
    "blocks": ("shape", "dtype", "below"),
}
"""What a page says of an input by name, by the kind of the page."""


@dataclass(frozen=True, slots=True)
class PageSizes:
    """What stands under `input` of a page: sizes of one input, or inputs by name."""

    sizes: tuple[Expression, ...] = ()
    named: tuple[PageInput, ...] = ()


def read_page_input(value: Any, family: Family, kind: str, problems: Problems) -> PageSizes:
    """Return what a page says under `input`; a network of blocks has one input, named or not.

    What is wrong is collected as problems.
    """
    where = family.place / "input"
    if not isinstance(value, Mapping):
        with problems.collected():
            return PageSizes(_sizes(value, family, where, problems))
        return PageSizes()
    named = []
    for name, content in value.items():
        with problems.collected():
            place = where / str(name)
            named.append(_read_named(str(name), content, family, kind, place, problems))
    with problems.collected():
        if not value:
            raise DseError(f"{where}: expected sizes, or inputs by name")
        if kind == "blocks" and len(value) > 1:
            names = ", ".join(map(str, value))
            raise DseError(f"{where}: a network of blocks has one input, not {names}")
    if kind == "blocks":
        return PageSizes(named[0].shape if named else (), tuple(named))
    return PageSizes(named=tuple(named))


def _read_named(
    name: str, content: Any, family: Family, kind: str, where: Place, problems: Problems
) -> PageInput:
    if not name.isidentifier():
        raise DseError(f"{where}: {shortened(name)} is no name of an argument")
    if not isinstance(content, Mapping):
        return PageInput(name, where, _sizes(content, family, where, problems))
    check_keys(content, INPUT_KEYS[kind], where)
    if "shape" not in content:
        raise DseError(f"{where}: the input has no 'shape'")
    has_batch = content.get("batch", True)
    if not isinstance(has_batch, bool):
        raise DseError(f"{where / 'batch'}: expected true or false, not {shortened(has_batch)}")
    dtype, values, shape = content.get("dtype"), content.get("values"), content["shape"]
    for key, given in {"dtype": None, "values": None if is_list(values) else values}.items():
        try:
            checked_values((), None if dtype is None else str(dtype), given)
        except DseError as error:
            raise DseError(f"{where / key}: {error}") from error
    sizes = () if shape == [] else _sizes(shape, family, where / "shape", problems)
    below = _read_below(content, dtype, family, where / "below")
    return PageInput(name, where, sizes, dtype and str(dtype), values, has_batch, below)


def _read_below(
    content: Mapping[str, Any], dtype: Any, family: Family, where: Place
) -> Expression | None:
    """Return what whole numbers are drawn below; None where the page does not say."""
    if "below" not in content:
        return None
    if dtype is None or not is_of_integers(canonical_dtype(str(dtype))):
        raise DseError(f"{where}: is of inputs of whole numbers, such as of dtype int64")
    if content.get("values") is not None:
        raise DseError(f"{where}: the input has values already")
    return _of_all(content["below"], family, where)


def _sizes(value: Any, family: Family, where: Place, problems: Problems) -> tuple[Expression, ...]:
    sizes = []
    for index, text in enumerate(sequence(value, where)):
        with problems.collected():
            sizes.append(_of_all(text, family, where / index))
    return tuple(sizes)


def _of_all(text: Any, family: Family, where: Place) -> Expression:
    """Return an expression whose value is that of the whole network."""
    read = parse_expression(text, where, [*family.axes, *family.definitions])
    for name in read.names:
        if family.levels[name]:
            raise DseError(f"{where}: {name!r} has a value for each stage, not for all")
    return read
