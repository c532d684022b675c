"""Reads the axes and the variants of a family page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dse.errors import DseError, nearest
from dse.space.axes import Axis, Default, Per
from dse.space.expressions import FUNCTIONS, Value, parse_expression
from dse.space.family import BlockLine, Family
from dse.space.page_values import check_keys, is_list, mapping, scalar, sequence

AXIS_KEYS = ("default", "per", "when")
RESERVED = ("layer", "stage")
"""Names that expressions use for something else."""
_PER: dict[str | None, Per | None] = {None: None, "stage": "stage", "layer": "layer"}


def read_axes(
    content: Mapping[str, Any], choices: Mapping[str, Any], source: str
) -> dict[str, Axis]:
    """Return the axes of a page by name.

    Args:
        content: what stands under `axes`.
        choices: what stands under `choices`: for an axis, the words that it may take.
        source: path of the page, for messages.

    Raises:
        DseError: for an unknown key, a name that is taken, or a default of the wrong kind.
    """
    axes: dict[str, Axis] = {}
    for name, value in content.items():
        where = f"{source}: axes.{name}"
        words = tuple(mapping(choices.get(name, {}), f"{source}: choices.{name}"))
        axes[str(name)] = _read_axis(str(name), value, words, axes, where)
    return axes


def _read_axis(
    name: str, value: Any, words: tuple[str, ...], earlier: Mapping[str, Axis], where: str
) -> Axis:
    if not name.isidentifier() or name in FUNCTIONS or name in RESERVED:
        raise DseError(f"{where}: an axis needs a plain name of its own")
    if not isinstance(value, Mapping):
        value = {"default": value}
    check_keys(value, AXIS_KEYS, where)
    if "default" not in value:
        raise DseError(f"{where}: the axis has no 'default'")
    per = value.get("per")
    if per not in _PER:
        raise DseError(f"{where}.per: unknown {per!r}; {nearest(str(per), ['stage', 'layer'])}")
    when = value.get("when")
    condition = None if when is None else parse_expression(when, f"{where}.when", earlier)
    default = read_default(value["default"], _PER[per], words, where)
    return Axis(name, default, default, _PER[per], condition, words)


def read_default(value: Any, per: Per | None, words: tuple[str, ...], where: str) -> Default:
    """Return a default: one value, a list of one a stage, or lists of one a layer."""

    def checked(item: Any) -> Value:
        found = scalar(item, where)
        if words and found not in words:
            raise DseError(f"{where}: unknown choice {found!r}; {nearest(str(found), words)}")
        return found

    if not is_list(value):
        return checked(value)
    if per is None:
        raise DseError(
            f"{where}.default: only an axis 'per: stage' or 'per: layer' has several defaults"
        )
    return tuple(
        tuple(map(checked, sequence(item, where)))
        if per == "layer" and is_list(item)
        else checked(item)
        for item in value
    )


def number_of_stages(lines: Iterable[BlockLine]) -> int:
    """Return how many lines have axes of their own."""
    return max((line.stage or 0 for line in lines), default=0)


def check_defaults(axes: Iterable[Axis], stages: int, source: str) -> None:
    """Raise a `DseError` for a list of defaults that is not as long as there are stages."""
    for axis in axes:
        if isinstance(axis.default, tuple) and len(axis.default) != stages:
            raise DseError(
                f"{source}: axes.{axis.name}: {len(axis.default)} defaults for {stages} stages"
            )


def read_variant(name: str, value: Any, family: Family) -> dict[str, Default]:
    """Return the defaults that a variant sets, by axis.

    Raises:
        DseError: for an unknown axis, or a list that is not as long as there are stages.
    """
    where = f"{family.source}: variants.{name}"
    stages = number_of_stages(family.lines)
    settings: dict[str, Default] = {}
    for axis, setting in mapping(value, where).items():
        if axis not in family.axes:
            raise DseError(f"{where}: unknown axis {axis!r}; {nearest(axis, family.axes)}")
        known = family.axes[axis]
        if is_list(setting) and (known.per is None or len(setting) != stages):
            raise DseError(f"{where}.{axis}: expected {stages} values, one a stage")
        settings[axis] = read_default(setting, known.per, known.choices, f"{where}.{axis}")
    return settings
