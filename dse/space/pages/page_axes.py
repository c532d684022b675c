"""Reads the axes and the variants of a family page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from dse.configs import GRID_WORDS
from dse.costs import is_of_every_candidate
from dse.errors import DseError, nearest
from dse.language import (
    FUNCTIONS,
    Place,
    Value,
    in_order,
    numbered,
    parse_expression,
    shortened,
)
from dse.space.pages.axes import Axis, Default, Per, check_ordered, read_ordered, value_type
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine
from dse.space.pages.page_values import check_keys, is_list, mapping, scalar, sequence
from dse.space.pages.problems import Problems

AXIS_KEYS = ("default", "per", "when", "ordered", "of")
TRAINING_KEYS = ("default", "of", "ordered")
OF_TRAINING = "training"
"""What an axis is `of` that shapes no network, but how one is trained."""
RESERVED = ("layer", "stage")
"""Names that expressions use for something else."""
PER: tuple[Per, ...] = get_args(Per)
_PER: dict[str | None, Per | None] = {None: None, **{each: each for each in PER}}


def read_axes(
    content: Mapping[str, Any], choices: Mapping[str, Any], page: Place, problems: Problems
) -> dict[str, Axis]:
    """Return the axes of a page by name.

    Args:
        content: what stands under `axes`.
        choices: what stands under `choices`: for an axis, the words that it may take.
        page: for messages.
        problems: collects an unknown key, a name that is taken, or a default of the wrong kind.

    Raises:
        DseError: where the conditions of axes refer to each other in a circle.
    """
    axes: dict[str, Axis] = {}
    shaping = [str(name) for name, value in content.items() if not is_of_training(value)]
    for name, value in content.items():
        if not is_of_training(value):
            with problems.collected():
                words = tuple(mapping(choices.get(name, {}), page / "choices" / name))
                axes[str(name)] = _read_axis(str(name), value, words, shaping, page / "axes" / name)
    in_order(axes, lambda axis: axis.when)
    return axes


def read_training_axes(
    content: Mapping[str, Any], page: Place, problems: Problems
) -> dict[str, Axis]:
    """Return the axes of a page that are `of: training`, by name: no network depends on them.

    What is wrong is collected as problems.
    """
    axes: dict[str, Axis] = {}
    for name, value in content.items():
        if is_of_training(value):
            with problems.collected():
                where = page / "axes" / name
                check_keys(value, TRAINING_KEYS, where)
                axes[str(name)] = _read_axis(str(name), value, (), (), where)
    return axes


def check_of(content: Mapping[str, Any], where: Place | str) -> None:
    """Refuse an axis that is `of` something else than training.

    Raises:
        DseError: naming the place.
    """
    if "of" in content and not is_of_training(content):
        hint = nearest(str(content["of"]), [OF_TRAINING])
        raise DseError(f"{where}: unknown {shortened(content['of'])}; {hint}")


def is_of_training(value: Any) -> bool:
    """Return whether what a page or a grid says of an axis is that it is of training."""
    return isinstance(value, Mapping) and value.get("of") == OF_TRAINING


def _read_axis(
    name: str, value: Any, words: tuple[str, ...], axes: Iterable[str], where: Place
) -> Axis:
    if name in GRID_WORDS:
        taken = ", ".join(GRID_WORDS)
        raise DseError(f"{where}: {name!r} is a word of grids ({taken}); no axis may be named so")
    if not (name.isidentifier() and name.isascii()) or name in FUNCTIONS or name in RESERVED:
        raise DseError(f"{where}: an axis needs a plain name of its own, of letters, digits and _")
    if is_of_every_candidate(name):
        raise DseError(f"{where}: every candidate has a {name!r} already; name the axis otherwise")
    if not isinstance(value, Mapping):
        value = {"default": value}
    check_keys(value, AXIS_KEYS, where)
    if "default" not in value:
        raise DseError(f"{where}: the axis has no 'default'")
    per = value.get("per")
    if not isinstance(per, str | None) or per not in _PER:
        hint = nearest(str(per), ["stage", "layer", "edge"])
        raise DseError(f"{where / 'per'}: unknown {shortened(per)}; {hint}")
    check_of(value, where / "of")
    when = value.get("when")
    condition = None if when is None else parse_expression(when, where / "when", axes)
    default = read_default(value["default"], _PER[per], words, where)
    said = value.get("ordered")
    ordered = None if said is None else read_ordered(said, where / "ordered")
    axis = Axis(name, default, default, _PER[per], condition, words, ordered)
    check_ordered(axis, ordered, where / "ordered")
    return axis


def read_default(value: Any, per: Per | None, words: tuple[str, ...], where: Place) -> Default:
    """Return a default: one value, a list of one a stage or edge, or lists of one a layer."""

    def checked(item: Any) -> Value:
        found = scalar(item, where)
        if words and found not in words:
            raise DseError(f"{where}: unknown choice {found!r}; {nearest(str(found), words)}")
        return found

    if not is_list(value):
        return checked(value)
    if per is None:
        raise DseError(
            f"{where}: only an axis 'per: stage' or 'per: layer', or of edges, has several defaults"
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


def check_defaults(axes: Iterable[Axis], stages: int, page: Place, problems: Problems) -> None:
    """Collect lists of defaults that are not as long as there are stages, or edges."""
    for axis in axes:
        with problems.collected():
            number, what = _items(axis, stages)
            if isinstance(axis.default, tuple) and len(axis.default) != number:
                place = page / "axes" / axis.name
                defaults = numbered(len(axis.default), "default")
                raise DseError(f"{place}: {defaults} for {numbered(number, what)}")


def _items(axis: Axis, stages: int) -> tuple[int, str]:
    """Return how many values a list of an axis has, and what each is of."""
    return (len(axis.edges), "edge") if axis.per == "edge" else (stages, "stage")


def check_columns(family: Family, problems: Problems) -> None:
    """Collect axes that are named like a column of another: `depth_1` beside `depth: per stage`.

    Columns that differ in case alone are one to SQL.
    """
    taken: dict[str, str] = {}
    for axis in family.axes.values():
        for column in family.columns(axis.name):
            with problems.collected():
                if column != axis.name and column in family.axes:
                    place = family.place / "axes" / column
                    raise DseError(f"{place}: the name is taken by a column of axis {axis.name!r}")
                other = taken.setdefault(column.lower(), axis.name)
                if other != axis.name:
                    place = family.place / "axes" / axis.name
                    raise DseError(f"{place}: axis {other!r} has a column {column!r} as well")


def read_variant(name: str, value: Any, family: Family) -> dict[str, Default]:
    """Return the defaults that a variant sets, by axis.

    Raises:
        DseError: for an unknown axis, or a list that is not as long as there are stages, or edges.
    """
    where = family.place / "variants" / name
    stages = number_of_stages(family.lines)
    settings: dict[str, Default] = {}
    for axis, setting in mapping(value, where).items():
        place = where / axis
        if axis not in family.axes:
            raise DseError(f"{place}: unknown axis {axis!r}; {nearest(axis, family.axes)}")
        known = family.axes[axis]
        number, what = _items(known, stages)
        if is_list(setting) and (known.per is None or len(setting) != number):
            said = numbered(number, "value")
            raise DseError(f"{place}: expected {said}, one a{'n' * (what == 'edge')} {what}")
        settings[axis] = read_default(setting, known.per, known.choices, place)
        _check_type(settings[axis], known, place)
    return settings


def _check_type(setting: Default, axis: Axis, place: Place) -> None:
    """Refuse a text where an axis has numbers, and the other way round."""
    if isinstance(setting, tuple):
        for each in setting:
            _check_type(each, axis, place)
    elif value_type(setting) != axis.type:
        shown = shortened(setting)
        raise DseError(f"{place}: {shown} is not a {axis.type}, as axis {axis.name!r} takes")
