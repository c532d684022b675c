"""What a grid says of settings of training: of those of the page, and of further ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.errors import DseError
from dse.language import shortened
from dse.space.pages.axes import Axis, value_type
from dse.space.pages.family import Family
from dse.space.pages.grid import Dimension
from dse.space.pages.grid_values import listed_values, without_order
from dse.space.pages.page_axes import check_of, is_of_training


def pop_training(family: Family, content: dict[str, Any], source: str) -> tuple[Dimension, ...]:
    """Take the settings of training out of a grid, and return them; a page's at their defaults.

    Raises:
        DseError: for one that is an axis of the networks, or values of several types.
    """
    found = {each.name: _at_default(each) for each in family.training.values()}
    for name in list(content):
        place = f"{source}.{name}"
        values = content[name]
        if isinstance(values, Mapping) and name not in ("exclude", "zip", "union"):
            check_of(values, f"{place}.of")
        if name in family.training or is_of_training(values):
            del content[name]
            if values is not None:
                found[name] = _training(family, name, values, place)
    return tuple(found.values())


def _at_default(axis: Axis) -> Dimension:
    assert not isinstance(axis.default, tuple), "no axis of training is of a stage or layer"
    return Dimension(axis.name, ({axis.name: axis.default},), _said(axis))


def _training(family: Family, name: str, values: Any, where: str) -> Dimension:
    if name in family.column_axes:
        raise DseError(f"{where}.of: axis {name!r} shapes the network")
    if is_of_training(values):
        values = {key: each for key, each in values.items() if key != "of"}
    content, ordered = without_order(values, where)
    listed = listed_values(content, where)
    axis = family.training.get(name)
    expected = value_type(listed[0]) if axis is None else axis.type
    for value in listed:
        if value_type(value) != expected:
            shown = shortened(value)
            raise DseError(f"{where}: {shown} is not a {expected}, as the others of {name!r} are")
    said = _said(axis) if ordered is None else {name: ordered}
    return Dimension(name, tuple({name: value} for value in dict.fromkeys(listed)), said)


def _said(axis: Axis | None) -> dict[str, bool]:
    """Return what a page says of the order of an axis's values."""
    return {} if axis is None or axis.ordered is None else {axis.name: axis.ordered}
