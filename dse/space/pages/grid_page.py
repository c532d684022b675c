"""Reads a grid: axes with lists and ranges, zipped, from files, united, with exclusions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Expression, Value, parse_exclusion, shortened
from dse.space.pages.axes import check_ordered, value_type
from dse.space.pages.family import Family
from dse.space.pages.grid import Dimension, Grid
from dse.space.pages.grid_values import listed_values, without_order
from dse.space.pages.listed import first_fault, read_listed
from dse.space.pages.page_values import is_list
from dse.space.pages.ranges import MOST_VALUES
from dse.space.pages.training_axes import pop_training
from dse.space.pages.united_grids import united

MOST_EXCLUSIONS = 100


def read_grid(family: Family, content: Mapping[str, Any] | None, source: str = "grid") -> Grid:
    """Return the grid that a config describes.

    Its keys are axes (or single columns, such as `depth_3`) with a list of values, one value, or a
    range: `{from: 0.25, to: 1.0, step: 0.25}`, `{from: 16, to: 256, factor: 2}`. Beside a range, or
    a list under `values`, `ordered: false` says that the numbers are names, and `of: training` that
    the name is no axis of the family but a setting of training, for the objective. `zip` maps axes
    to lists of equal length that are run through together; `exclude` lists conditions over the
    columns that remove a point. In place of all lists, `file` (or `from`) names a table (csv, json,
    jsonl or parquet) whose rows are the points, or `union` lists grids whose points are taken
    together, each point once. Axes that are not named, or null, stay at their defaults.

    Raises:
        DseError: for an unknown axis, a value of the wrong type, or lists of unequal length.
    """
    content = dict(content or {})
    training = pop_training(family, content, source)
    exclude = content.pop("exclude", None)
    given = {word: content.pop(word, None) for word in ("file", "from", "union")}
    wholes = [word for word, value in given.items() if value is not None]
    if len(wholes) > 1:
        raise DseError(
            f"{source}: {' and '.join(map(repr, wholes))} are each a whole grid; join them, as in "
            "union: [{file: points.csv}, a_page]"
        )
    if wholes:
        for name in content.keys() - {"zip"}:
            family.columns_of(str(name), f"{source}.{name}")
    if given["union"] is not None:
        dimensions = _united(family, given["union"], f"{source}.union")
    elif wholes:
        (word,) = wholes
        dimensions = [_listed(family, Path(str(given[word])), word, f"{source}.{word}")]
    else:
        dimensions = _of_axes(family, content, source)
    found = Grid(family, tuple(dimensions), training=training)
    if sum(found.sizes) > MOST_VALUES:
        raise DseError(f"{source}: more than {MOST_VALUES:,} values of all axes together")
    return replace(found, exclusions=_exclusions(family, exclude, f"{source}.exclude"))


def _of_axes(family: Family, content: dict[str, Any], source: str) -> list[Dimension]:
    zipped = content.pop("zip", None)
    named: dict[str, tuple[Sequence[Value], bool | None]] = {}
    for name, values in content.items():
        place = f"{source}.{name}"
        columns = family.columns_of(str(name), place)
        if values is None:
            continue
        values, ordered = without_order(values, place)
        listed = listed_values(values, place)
        for column in columns:
            named[str(name)] = _values(family, column, listed, place), ordered
            check_ordered(family.column_axes[column], ordered, f"{place}.ordered")
    dimensions = {
        column: Dimension(
            column,
            tuple({column: value} for value in choices),
            _said(family, [column]) if ordered is None else {column: ordered},
        )
        for column, (choices, ordered) in family.by_column(named).items()
    }
    run_through: dict[str, str] = {}
    for dimension in _zipped(family, zipped or {}, f"{source}.zip"):
        for column in dimension.choices[0]:
            if column in run_through:
                raise DseError(f"{source}.zip: {column} is in two of the lists; leave one out")
            run_through[column] = dimension.name
            dimensions.pop(column, None)
        dimensions[dimension.name] = dimension
    for name, values in content.items():
        # Values of all columns of an axis may stand beside others of one of them.
        columns = family.columns_of(str(name))
        if values is not None and all(column in run_through for column in columns):
            zips = run_through[columns[0]]
            raise DseError(
                f"{source}.{name}: {source}.zip has it as well ({zips}); leave one of them out, "
                f"as in {source}.zip=null"
            )
    return list(dimensions.values())


def _united(family: Family, content: Any, where: str) -> list[Dimension]:
    parts = content if is_list(content) else [content]
    if not parts:
        raise DseError(f"{where}: expected a list of grids, not {shortened(content)}")
    grids = []
    for index, part in enumerate(parts):
        place = f"{where}[{index}]"
        if not isinstance(part, Mapping):
            raise DseError(f"{place}: expected a grid, not {shortened(part)}")
        grids.append(read_grid(family, part, place))
    alike, rows = united(grids, where)
    chosen = [Dimension("union", rows, _said(family, rows[0]))] if rows[0] else []
    return [*alike, *chosen]


def _exclusions(family: Family, content: Any, where: str) -> tuple[Expression, ...]:
    texts = [content] if isinstance(content, str) else [] if content is None else content
    if not isinstance(texts, Sequence) or len(texts) > MOST_EXCLUSIONS:
        shown = shortened(content)
        raise DseError(
            f"{where}: expected a list of {MOST_EXCLUSIONS} conditions at most, not {shown}"
        )
    return tuple(
        parse_exclusion(text, f"{where}[{index}]", family.defaults)
        for index, text in enumerate(texts)
    )


def _listed(family: Family, file: Path, word: str, where: str) -> Dimension:
    points = read_listed(family, file)
    is_faulty = {}
    for name, column in points.columns.items():
        place = f"{where}: {file}: {name}"
        told = [_fault(family, name, value, place) for value in column.values]
        is_faulty[name] = [error is not None for error in told]
    first = first_fault(points.columns, is_faulty)
    if first is not None:
        row, name = first
        assert points.rows is not None, "they are of a file"
        place = f"{where}: {file}: row {points.rows[row]}: {name}"
        error = _fault(family, name, points[row][name], place)
        assert error is not None, "the value was found to be faulty"
        raise error
    return Dimension(word, points, _said(family, points.columns))


def _fault(family: Family, column: str, value: Value, place: str) -> DseError | None:
    """Return the error of a value that a column does not take; None if it does."""
    try:
        _values(family, column, listed_values(value, place), place)
    except DseError as error:
        return error
    return None


def _said(family: Family, columns: Iterable[str]) -> dict[str, bool]:
    """Return what the page says of the order of columns."""
    said = {column: family.column_axes[column].ordered for column in columns}
    return {column: ordered for column, ordered in said.items() if ordered is not None}


def _values(family: Family, column: str, values: Iterable[Value], where: str) -> list[Value]:
    """Return values that an axis takes, each once."""
    expected = family.column_types[column]
    choices = family.column_axes[column].choices
    values = list(values)
    for value in values:
        if value_type(value) != expected:
            shown = shortened(value)
            raise DseError(f"{where}: {shown} is not a {expected}, as axis {column!r} takes")
        if choices and value not in choices:
            raise DseError(f"{where}: unknown choice {value!r}; {nearest(str(value), choices)}")
    return list(dict.fromkeys(values))


def _zipped(family: Family, content: Any, where: str) -> list[Dimension]:
    groups = content if is_list(content) else [content]
    dimensions = []
    for group in groups:
        if not isinstance(group, Mapping):
            raise DseError(f"{where}: expected axes with lists of values, not {shortened(group)}")
        named: dict[str, Sequence[Any]] = {}
        for name, values in group.items():
            named[str(name)] = listed_values(values, f"{where}.{name}")
            for column in family.columns_of(str(name), f"{where}.{name}"):
                _values(family, column, named[str(name)], f"{where}.{name}")
        lists = family.by_column(named)
        lengths = {len(values) for values in lists.values()}
        if len(lengths) > 1:
            shown = ", ".join(f"{name} {len(values)}" for name, values in lists.items())
            raise DseError(f"{where}: lists of unequal length: {shown}")
        if lists:
            choices = [
                dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)
            ]
            said = _said(family, lists)
            dimensions.append(Dimension("+".join(lists), tuple(choices), said))
    return dimensions
