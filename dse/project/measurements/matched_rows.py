"""Which network each row of a table is about: that of its id, its key or its axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from dse.errors import DseError, nearest
from dse.files import Table, telling_row
from dse.store import (
    Network,
    keys_by_settings,
    latest_page,
    networks_of_ids,
    networks_of_keys,
    registered_families,
)

if TYPE_CHECKING:
    from dse.space import Family, Grid, ListedPoints

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TableImport:
    """What is imported, and how."""

    file: Path
    name: str | None = None
    """The one measurement to import, and the name to store it under."""
    source: str | None = None
    """What the numbers are known by when they come again; by default the file's name."""
    replace: bool = False
    """Whether replicates go that the source no longer has."""
    family: str | None = None
    config_dir: Path | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatchedRows:
    """The network that each row is about, and those that the store may not hold yet."""

    networks: list[Network]
    axes: Sequence[str] = ()
    """The columns that are axes."""
    grid: Grid | None = None
    """The rows as points, where they are matched by their axes."""
    points: Mapping[int, int] = field(default_factory=dict)
    """By the keys of networks that the store may not hold: the point of each."""


def match_numbers(file: Path, table: Table, engine: Engine, family: str | None) -> MatchedRows:
    """Match rows by the id of a candidate or the key of a network."""
    by = "id" if "id" in table.columns else "key"
    given = table.columns[by]
    for row, value in enumerate(given):
        if not isinstance(value, int) or isinstance(value, bool):
            row = telling_row(given, row)
            raise DseError(f"{file}: row {row + 1}: {by} is {given[row]!r}, not a whole number")
    wanted = [int(value) for value in given]
    if by == "id":
        found = networks_of_ids(engine, wanted)
    else:
        found = networks_of_keys(engine, wanted, family)
    for number, value in enumerate(wanted, 1):
        if value not in found:
            raise DseError(f"{file}: row {number}: the store holds no candidate of {by} {value}")
    return MatchedRows([found[value] for value in wanted])


def _family_of(file: Path, table: Table, engine: Engine) -> str:
    columns = table.columns
    if "family" in columns:
        named = set(columns["family"])
        if len(named) != 1 or None in named:
            raise DseError(f"{file}: give the rows of each family in a file of their own")
        return str(named.pop())
    families = registered_families(engine)
    shared = {family: len({*axes} & {*columns}) for family, axes in families.items()}
    most = max(shared.values(), default=0)
    best = [family for family, number in shared.items() if number == most > 0]
    if len(best) != 1:
        hint = f"it may be {' or '.join(best)}" if best else "no column is a known axis, id or key"
        raise DseError(f"{file}: of which family are the rows? Say it by --family; {hint}")
    return best[0]


def match_axes(wanted: TableImport, table: Table, engine: Engine) -> MatchedRows:
    """Match rows by their axes; what a row leaves out is at its default.

    Where the store has no such network, the only one there that fits what the row names is meant.
    """
    # Torch is loaded only here, where networks are resolved and costed.
    from dse.configs import find_page
    from dse.space import (
        Dimension,
        Grid,
        ListedPoints,
        given_columns,
        keys_of_points,
        load_family,
        read_family,
        settings_columns,
        with_texts,
    )

    file = wanted.file
    family_name = wanted.family or _family_of(file, table, engine)
    page = latest_page(engine, family_name)
    if page is not None:
        family = read_family(family_name, dict(page), f"family {family_name}", wanted.allow)
    else:
        family = load_family(find_page(family_name, wanted.config_dir), wanted.allow)
    known = family.axis_names
    axes = [name for name in table.columns if name in known]
    if not axes:
        first = next(iter(table.columns))
        raise DseError(
            f"{file}: no column is an axis of family {family_name!r}; {nearest(first, known)}"
        )
    given = given_columns(family, with_texts(family, file, table), axes)
    points = ListedPoints(settings_columns(family, given))
    _check(file, family, points)
    grid = Grid(family, (Dimension("rows", points),))
    keys = keys_of_points(grid)
    stored = _stored_alike(engine, family, given)
    meant: dict[int, int] = {}
    for row, key in enumerate(keys):
        alike = stored.get(row, ())
        if not alike or key in alike:
            meant[key] = row
        elif len(alike) == 1:
            (keys[row],) = alike
        else:
            named = {name: values[row] for name, values in given.items() if values[row] is not None}
            raise _ambiguous(file, row + 1, named, len(alike), [*family.column_types])
    return MatchedRows([(family_name, key) for key in keys], axes, grid, meant)


def _check(file: Path, family: Family, points: ListedPoints) -> None:
    """Refuse the first row with a value that is none of its axis."""
    from dse.space import first_fault

    faults = {
        name: [_fault(name, value, family.column_types[name]) for value in column.values]
        for name, column in points.columns.items()
    }
    is_faulty = {name: [fault is not None for fault in each] for name, each in faults.items()}
    found = first_fault(points.columns, is_faulty)
    if found is not None:
        row, name = found
        fault = faults[name][points.columns[name].codes[row]]
        raise DseError(f"{file}: row {row + 1}: {fault}")


def _fault(column: str, value: Any, expected: str) -> str | None:
    """Return why a value is none of an axis; None where it is one."""
    from dse.space import scalar

    try:
        scalar(value, column)
    except DseError as error:
        return str(error)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = "boolean" if isinstance(value, bool) else "number" if is_number else "text"
    return None if kind == expected else f"{column} is {value!r}, not a {expected}"


def _stored_alike(
    engine: Engine, family: Family, given: Mapping[str, Sequence[Any]]
) -> dict[int, set[int]]:
    """Return the keys of stored networks that have what a row names, of rows that leave axes out.

    Args:
        engine: the store.
        family: of the rows.
        given: the columns that rows name, None where one leaves it out.
    """
    is_whole = {*given} >= {*family.column_types}
    if is_whole and not any(None in values for values in given.values()):
        return {}
    chosen = sorted(given)
    known = keys_by_settings(engine, family.name, chosen)
    if not known:
        return {}
    found = {}
    values: Iterable[tuple[Any, ...]] = zip(*(given[name] for name in chosen), strict=True)
    for row, named in enumerate(values):
        alike = known.get(named)
        if alike and not (is_whole and None not in named):
            found[row] = alike
    return found


def _ambiguous(
    file: Path, number: int, given: Row, candidates: int, every: Sequence[str]
) -> DseError:
    shown = ", ".join(f"{column}={value}" for column, value in given.items())
    missing = ", ".join(column for column in every if column not in given)
    return DseError(
        f"{file}: row {number}: {candidates} candidates have {shown}, none of them with the "
        f"defaults of the others; add {missing}"
    )
