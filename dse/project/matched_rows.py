"""Which network each row of a table is about: that of its id, its key or its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from dse.cost_conditions import Conditions
from dse.errors import DseError, nearest
from dse.store import (
    Network,
    keys_by_settings,
    latest_page,
    networks_of_ids,
    networks_of_keys,
    registered_families,
)

if TYPE_CHECKING:
    from dse.space import DesignSpace

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
    space: DesignSpace | None = None
    settings: Mapping[int, Row] = field(default_factory=dict)
    """The full settings by key, where a row has them."""


def match_numbers(
    file: Path, rows: Sequence[Row], columns: Sequence[str], engine: Engine, family: str | None
) -> MatchedRows:
    """Match rows by the id of a candidate or the key of a network."""
    by = "id" if "id" in columns else "key"
    for number, row in enumerate(rows, 1):
        if not isinstance(row.get(by), int) or isinstance(row.get(by), bool):
            raise DseError(f"{file}: row {number}: {by} is {row.get(by)!r}, not a whole number")
    wanted = [int(row[by]) for row in rows]
    if by == "id":
        found = networks_of_ids(engine, wanted)
    else:
        found = networks_of_keys(engine, wanted, family)
    for number, value in enumerate(wanted, 1):
        if value not in found:
            raise DseError(f"{file}: row {number}: the store holds no candidate of {by} {value}")
    return MatchedRows([found[value] for value in wanted])


def _family_of(file: Path, rows: Sequence[Row], columns: Sequence[str], engine: Engine) -> str:
    named = {row.get("family") for row in rows}
    if "family" in columns:
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


def match_axes(
    wanted: TableImport, rows: Sequence[Row], columns: Sequence[str], engine: Engine
) -> MatchedRows:
    """Match rows by their axes; what a row leaves out is at its default.

    Where the store has no such network, the only one there that fits what the row names is meant.
    """
    # Torch is loaded only here, where networks are resolved and costed.
    from dse.configs import find_page
    from dse.errors import DseError as Unresolved
    from dse.space import (
        BlockTable,
        Grid,
        load_family,
        read_family,
        scalar,
        settings_key,
        space_of,
    )

    file = wanted.file
    family_name = wanted.family or _family_of(file, rows, columns, engine)
    page = latest_page(engine, family_name)
    if page is not None:
        family = read_family(family_name, dict(page), f"family {family_name}", wanted.allow)
    else:
        family = load_family(find_page(family_name, wanted.config_dir), wanted.allow)
    axes = [name for name in columns if name in {*family.axes, *family.column_axes}]
    if not axes:
        known = {**family.axes, **family.column_axes}
        raise DseError(
            f"{file}: no column is an axis of family {family_name!r}; {nearest(columns[0], known)}"
        )
    space = space_of(Grid(family, ()), BlockTable(Conditions()))
    networks: list[Network] = []
    full: dict[int, Row] = {}
    chosen = sorted({column for axis in axes for column in family.columns_of(axis)})
    partial = None
    for number, row in enumerate(rows, 1):
        given = {
            column: row[axis] for axis in axes if axis in row for column in family.columns_of(axis)
        }
        for column, value in given.items():
            scalar(value, f"{file}: row {number}: {column}")
            _check_type(file, number, column, value, family.column_types[column])
        settings = family.settings_of(given)
        try:
            key = family.resolve(settings).key
        except Unresolved:
            key = settings_key(family_name, settings)
        stored: set[int] = set()
        if not {*given} >= {*family.column_types}:
            partial = partial or keys_by_settings(engine, family_name, chosen)
            stored = partial.get(tuple(given.get(column) for column in chosen), set())
        if not stored or key in stored:
            full[key] = settings
        elif len(stored) == 1:
            (key,) = stored
        else:
            raise _ambiguous(file, number, given, len(stored), [*family.column_types])
        networks.append((family_name, key))
    return MatchedRows(networks, axes, space, full)


def _check_type(file: Path, number: int, column: str, value: Any, expected: str) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = "boolean" if isinstance(value, bool) else "number" if is_number else "text"
    if kind != expected:
        raise DseError(f"{file}: row {number}: {column} is {value!r}, not a {expected}")


def _ambiguous(
    file: Path, number: int, given: Row, candidates: int, every: Sequence[str]
) -> DseError:
    shown = ", ".join(f"{column}={value}" for column, value in given.items())
    missing = ", ".join(column for column in every if column not in given)
    return DseError(
        f"{file}: row {number}: {candidates} candidates have {shown}, none of them with the "
        f"defaults of the others; add {missing}"
    )
