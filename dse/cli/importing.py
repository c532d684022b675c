"""From the rows of a table to measurements of candidates, the new ones among them costed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from dse.costs import CONDITION_NAMES, COST_NAMES, Conditions
from dse.errors import DseError, nearest
from dse.store import (
    finish_run,
    insert_candidates,
    open_store,
    register_family,
    registered_families,
    start_run,
)
from dse.store.matching import ids_of_keys, keys_by_settings, known_ids, latest_page
from dse.store.measurements import record_measurements
from dse.tables import read_table

if TYPE_CHECKING:
    from dse.space import DesignSpace

Row = Mapping[str, Any]

_IDENTITY = ("id", "key", "family", "run", "invalid")
_NOT_MEASURED = {*_IDENTITY, *CONDITION_NAMES, *COST_NAMES}


@dataclass(frozen=True)
class _Matched:
    """Where rows belong: the id of a known candidate for each, and the candidates to be made."""

    ids: list[int | None]
    keys: list[int | None]
    space: DesignSpace | None = None
    settings: Mapping[int, Row] | None = None
    """The full settings of the networks by key that the store may not hold yet."""


def import_table(
    file: Path,
    name: str | None,
    family: str | None,
    config_dir: Path | None,
    allow: Iterable[str],
    store: str,
    command: str,
) -> list[str]:
    """Import the measurements of a table, and return what to tell about it.

    Raises:
        DseError: for a table that cannot be read, or whose rows cannot be told apart; nothing is
            stored then.
    """
    rows = read_table(file)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    engine = open_store(store)
    axes: Sequence[str] = ()
    if not {"id", "key"} & {*columns}:
        family = family or _family_of(file, rows, columns, engine)
        matched, axes = _match_axes(file, rows, columns, engine, family, config_dir, allow)
    else:
        matched = _match_numbers(file, rows, columns, engine, family)
    measured = _measured(file, rows, [c for c in columns if c not in {*_NOT_MEASURED, *axes}], name)
    run = start_run(engine, command, {"file": str(file.resolve()), **_page(matched)}, {})
    made = _make(engine, run, matched)
    ids = [id if id is not None else made[key] for id, key in _places(matched)]
    values = [
        (id, what, value) for id, row in zip(ids, measured, strict=True) for what, value in row
    ]
    number = record_measurements(engine, run, values, {"file": file.name})
    finish_run(engine, run, "done")
    engine.dispose()
    new = len(made)
    whats = ", ".join(dict.fromkeys(what for _, what, _ in values)) or "none"
    return [
        f"{len(rows):,} rows of {len(set(ids)):,} candidates, {new:,} of them new",
        f"{number:,} measurements: {whats}",
        f"stored in {store}",
    ]


def _measured(
    file: Path, rows: Sequence[Row], columns: Sequence[str], name: str | None
) -> list[list[tuple[str, float]]]:
    """Return the measurements of each row by name."""
    names = {column: column for column in columns}
    if name is not None:
        if name not in columns and len(columns) != 1:
            raise DseError(
                f"{file}: --as {name}: no such column, and not just one to rename; "
                f"{nearest(name, columns)}"
            )
        names = {name: name} if name in columns else {columns[0]: name}
    found = []
    for number, row in enumerate(rows, 1):
        values = []
        for column, what in names.items():
            value = row.get(column)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise DseError(
                    f"{file}: row {number}: {column} is {value!r}, which is no number; "
                    "choose the measurement by --as"
                )
            if not math.isfinite(value):
                raise DseError(f"{file}: row {number}: {column} is {value}, not a finite number")
            values.append((what, float(value)))
        found.append(values)
    return found


def _match_numbers(
    file: Path, rows: Sequence[Row], columns: Sequence[str], engine: Engine, family: str | None
) -> _Matched:
    """Match rows by the id of a candidate or the key of a network."""
    by = "id" if "id" in columns else "key"
    for number, row in enumerate(rows, 1):
        if not isinstance(row.get(by), int) or isinstance(row.get(by), bool):
            raise DseError(f"{file}: row {number}: {by} is {row.get(by)!r}, not a whole number")
    wanted = [int(row[by]) for row in rows]
    if by == "id":
        known = known_ids(engine, wanted)
        found = {id: id for id in known}
    else:
        found = ids_of_keys(engine, wanted, family, Conditions())
    for number, value in enumerate(wanted, 1):
        if value not in found:
            raise DseError(f"{file}: row {number}: the store holds no candidate of {by} {value}")
    return _Matched([found[value] for value in wanted], [None] * len(rows))


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


def _match_axes(
    file: Path,
    rows: Sequence[Row],
    columns: Sequence[str],
    engine: Engine,
    family_name: str,
    config_dir: Path | None,
    allow: Iterable[str],
) -> tuple[_Matched, Sequence[str]]:
    """Match rows by their axes: a full set is a network, a part must fit a single one."""
    # Torch is loaded only here, where networks are resolved and costed.
    from dse.configs import find_page
    from dse.errors import DseError as Unresolved
    from dse.space import BlockTable, DesignSpace, Grid, load_family, read_family
    from dse.space.candidate import settings_key

    page = latest_page(engine, family_name)
    if page is not None:
        family = read_family(family_name, dict(page), f"family {family_name}", allow)
    else:
        family = load_family(find_page(family_name, config_dir), allow)
    axes = [name for name in columns if name in {*family.axes, *family.column_axes}]
    if not axes:
        known = {**family.axes, **family.column_axes}
        raise DseError(
            f"{file}: no column is an axis of family {family_name!r}; {nearest(columns[0], known)}"
        )
    space = DesignSpace(Grid(family, ()), BlockTable(Conditions()))
    keys: list[int | None] = []
    full: dict[int, Row] = {}
    partial = None
    for number, row in enumerate(rows, 1):
        given = {
            column: row[axis] for axis in axes if axis in row for column in family.columns_of(axis)
        }
        for column, value in given.items():
            _check_type(file, number, column, value, family.column_types[column])
        if {*given} >= {*family.column_types}:
            settings = family.settings_of(given)
            try:
                key = family.resolve(settings).key
            except Unresolved:
                key = settings_key(family_name, settings)
            full[key] = settings
        else:
            chosen = sorted({c for axis in axes for c in family.columns_of(axis)})
            partial = partial or keys_by_settings(engine, family_name, chosen)
            key = _only_key(file, number, given, chosen, partial, [*family.column_types])
        keys.append(key)
    found = ids_of_keys(engine, [k for k in keys if k is not None], family_name, Conditions())
    return _Matched([found.get(k or 0) for k in keys], keys, space, full), axes


def _check_type(file: Path, number: int, column: str, value: Any, expected: str) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kind = "boolean" if isinstance(value, bool) else "number" if is_number else "text"
    if kind != expected:
        raise DseError(f"{file}: row {number}: {column} is {value!r}, not a {expected}")


def _only_key(
    file: Path,
    number: int,
    given: Row,
    columns: Sequence[str],
    known: Mapping[tuple[Any, ...], set[int]],
    every: Sequence[str],
) -> int:
    keys = known.get(tuple(given.get(column) for column in columns), set())
    if len(keys) == 1:
        return next(iter(keys))
    shown = ", ".join(f"{column}={value}" for column, value in given.items())
    missing = ", ".join(column for column in every if column not in given)
    if keys:
        raise DseError(f"{file}: row {number}: {len(keys)} candidates have {shown}; add {missing}")
    raise DseError(
        f"{file}: row {number}: no candidate has {shown}; to make one, the row must name {missing}"
    )


def _places(matched: _Matched) -> Iterable[tuple[int | None, int]]:
    return ((id, key or 0) for id, key in zip(matched.ids, matched.keys, strict=True))


def _page(matched: _Matched) -> dict[str, Any]:
    """Return what a run has to keep for its candidates to be shown: the page of their family."""
    if matched.space is None:
        return {}
    return {"family": matched.space.grid.family.place.source.content}


def _make(engine: Engine, run: int, matched: _Matched) -> dict[int, int]:
    """Cost and store the candidates that the store does not hold; return their ids by key."""
    wanted = {key for id, key in _places(matched) if id is None}
    if not wanted or matched.space is None or matched.settings is None:
        return {}
    from dse.search.sweep import candidate_row

    space = matched.space
    register_family(engine, space.grid.family.name, space.grid.family.column_types)
    points = [space.point(dict(matched.settings[key])) for key in sorted(wanted)]
    insert_candidates(engine, run, [candidate_row(space, point) for point in points])
    return ids_of_keys(engine, sorted(wanted), space.grid.family.name, space.conditions)
