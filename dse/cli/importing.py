"""From the rows of a table to measurements of candidates, the new ones among them costed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from dse.costs import CONDITION_NAMES, COST_NAMES, Conditions
from dse.errors import DseError, nearest
from dse.passwords import without_passwords
from dse.store import (
    Replicate,
    check_measurement_name,
    finish_run,
    insert_candidates,
    merge_replicates,
    open_store,
    register_family,
    registered_families,
    seed_label,
    start_run,
)
from dse.store.matching import (
    Network,
    keys_by_settings,
    latest_page,
    networks_of_ids,
    networks_of_keys,
)
from dse.tables import read_table

if TYPE_CHECKING:
    from dse.space import DesignSpace

Row = Mapping[str, Any]

_IDENTITY = ("id", "key", "family", "run", "invalid")
_NOT_MEASURED = {*_IDENTITY, *CONDITION_NAMES, *COST_NAMES, "code"}

SEED = "seed"
"""The column that tells the replicates of a candidate apart."""
_MOST_SEED = 2**63 - 1
"""What a store can hold."""


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
class _Matched:
    """The network that each row is about, and those that the store may not hold yet."""

    networks: list[Network]
    axes: Sequence[str] = ()
    """The columns that are axes."""
    space: DesignSpace | None = None
    settings: Mapping[int, Row] = field(default_factory=dict)
    """The full settings by key, where a row has them."""


def import_table(wanted: TableImport, store: str, command: str) -> list[str]:
    """Import the measurements of a table, and return what to tell about it.

    Raises:
        DseError: for a table that cannot be read, or whose rows cannot be told apart; nothing is
            stored then.
    """
    file = wanted.file
    rows = read_table(file)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    engine = open_store(store)
    if {"id", "key"} & {*columns}:
        matched = _match_numbers(file, rows, columns, engine, wanted.family)
    else:
        matched = _match_axes(wanted, rows, columns, engine)
    known = {*_NOT_MEASURED, *matched.axes, SEED}
    names = _names(wanted, [c for c in columns if c not in known], matched.axes)
    replicates = _replicates(file, rows, names, matched)
    run = start_run(engine, command, {"file": str(file.resolve()), **_page(matched)}, {})
    made = _make(engine, run, matched)
    source = file.name if wanted.source is None else wanted.source
    merged = merge_replicates(engine, run, replicates, source, wanted.replace)
    finish_run(engine, run, "done")
    engine.dispose()
    whats = ", ".join(dict.fromkeys(one.what for one in replicates)) or "none"
    gone = "removed" if wanted.replace else "no longer in it and kept"
    missing = f", {merged.missing:,} {gone}" if merged.missing else ""
    return [
        f"{len(rows):,} rows of {len(set(matched.networks)):,} candidates, {made:,} of them new",
        f"{len(replicates):,} measurements: {whats}",
        f"source {source!r}: {merged.new:,} new, {merged.equal:,} equal, "
        f"{merged.changed:,} changed{missing}",
        f"stored in {without_passwords(store)}",
    ]


def _names(wanted: TableImport, columns: Sequence[str], axes: Sequence[str]) -> dict[str, str]:
    """Return the columns of measurements with the names to store them under."""
    file, name = wanted.file, wanted.name
    if name is None:
        for column in columns:
            _check_name(f"{file}: column", column, axes)
        return {column: column for column in columns}
    _check_name("--as", name, axes)
    if name not in columns and len(columns) != 1:
        raise DseError(
            f"{file}: --as {name}: no such column, and not just one to rename; "
            f"{nearest(name, columns)}"
        )
    return {name: name} if name in columns else {columns[0]: name}


def _check_name(where: str, name: str, axes: Sequence[str]) -> None:
    try:
        check_measurement_name(name, axes)
    except DseError as error:
        raise DseError(f"{where}: {error}") from error


def _replicates(
    file: Path, rows: Sequence[Row], names: Mapping[str, str], matched: _Matched
) -> list[Replicate]:
    """Return every measurement of every row; those of one network are told apart by labels."""
    found = []
    numbers: Counter[tuple[Network, int | None]] = Counter()
    for number, (row, network) in enumerate(zip(rows, matched.networks, strict=True), 1):
        seed = row.get(SEED)
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise DseError(f"{file}: row {number}: {SEED} is {seed!r}, not a whole number")
        if seed is not None and not -_MOST_SEED <= seed <= _MOST_SEED:
            raise DseError(f"{file}: row {number}: {SEED} is {seed}, which is beyond 64 bits")
        numbers[network, seed] += 1
        ordinal = numbers[network, seed]
        label = str(ordinal) if seed is None else seed_label(seed, ordinal)
        for column, what in names.items():
            value = row.get(column)
            if value is not None:
                checked = _number(file, number, column, value)
                found.append(Replicate(*network, what, checked, label, seed))
    return found


def _number(file: Path, row: int, column: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DseError(
            f"{file}: row {row}: {column} is {value!r}, which is no number; "
            "choose the measurement by --as"
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise DseError(f"{file}: row {row}: {column} is {value}, not a finite number")
    return number


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
        found = networks_of_ids(engine, wanted)
    else:
        found = networks_of_keys(engine, wanted, family)
    for number, value in enumerate(wanted, 1):
        if value not in found:
            raise DseError(f"{file}: row {number}: the store holds no candidate of {by} {value}")
    return _Matched([found[value] for value in wanted])


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
    wanted: TableImport, rows: Sequence[Row], columns: Sequence[str], engine: Engine
) -> _Matched:
    """Match rows by their axes: a full set is a network, a part must fit a single one."""
    # Torch is loaded only here, where networks are resolved and costed.
    from dse.configs import find_page
    from dse.errors import DseError as Unresolved
    from dse.space import BlockTable, DesignSpace, Grid, load_family, read_family
    from dse.space.candidate import settings_key
    from dse.space.page_values import scalar

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
    space = DesignSpace(Grid(family, ()), BlockTable(Conditions()))
    networks: list[Network] = []
    full: dict[int, Row] = {}
    partial = None
    for number, row in enumerate(rows, 1):
        given = {
            column: row[axis] for axis in axes if axis in row for column in family.columns_of(axis)
        }
        for column, value in given.items():
            scalar(value, f"{file}: row {number}: {column}")
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
        networks.append((family_name, key))
    return _Matched(networks, axes, space, full)


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


def _page(matched: _Matched) -> dict[str, Any]:
    """Return what a run has to keep for its candidates to be shown: the page of their family."""
    if matched.space is None:
        return {}
    return {"family": matched.space.grid.family.place.source.content}


def _make(engine: Engine, run: int, matched: _Matched) -> int:
    """Cost and store the networks that the store does not hold; return how many."""
    if matched.space is None:
        return 0
    from dse.search.sweep import candidate_row

    family = matched.space.grid.family
    held = networks_of_keys(engine, list(matched.settings), family.name, current=True)
    new = sorted(matched.settings.keys() - held.keys())
    register_family(engine, family.name, family.column_types)
    points = [matched.space.point(dict(matched.settings[key])) for key in new]
    insert_candidates(engine, run, [candidate_row(matched.space, point) for point in points])
    return len(new)
