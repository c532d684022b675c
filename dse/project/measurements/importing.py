"""From the rows of a table to measurements of candidates, the new ones among them costed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Engine

from dse.costs import CONDITION_NAMES, COST_NAMES, Conditions
from dse.errors import DseError, nearest
from dse.files import Table, read_columns, telling_row
from dse.html_tables import FieldsShown
from dse.project.measurements.matched_rows import (
    MatchedRows,
    TableImport,
    match_axes,
    match_numbers,
)
from dse.store import (
    Merged,
    Network,
    Replicate,
    check_measurement_name,
    declared_names,
    finish_run,
    insert_candidates,
    merge_replicates,
    networks_of_keys,
    open_store,
    refresh_views,
    register_family,
    registered_families,
    seed_label,
    start_run,
)

if TYPE_CHECKING:
    from dse.space import Grid

_IDENTITY = ("id", "key", "family", "run", "invalid")
_NOT_MEASURED = {*_IDENTITY, *CONDITION_NAMES, *COST_NAMES, "code"}

SEED = "seed"
"""The column that tells the replicates of a candidate apart."""
_MOST_SEED = 2**63 - 1
"""What a store can hold."""


@dataclass(frozen=True)
class Imported(FieldsShown):
    """What came of a table."""

    run: int
    """The id of its run in the store."""
    rows: int
    candidates: int
    made: int
    """Candidates that the store did not hold."""
    invalid: int
    """Of these, how many cannot be built."""
    measurements: int
    whats: tuple[str, ...]
    """What was measured."""
    source: str
    merged: Merged


class NamesTaken(NamedTuple):
    """Names that no measurement may have."""

    axes: Sequence[str]
    """Of the families of the rows."""
    costs: Sequence[str]
    """That the store has declarations of."""


def import_table(wanted: TableImport, store: str, command: str) -> Imported:
    """Import the measurements of a table.

    Raises:
        DseError: for a table that cannot be read, or whose rows cannot be told apart; nothing is
            stored then.
    """
    file = wanted.file
    table = read_columns(file)
    engine = open_store(store)
    if {"id", "key"} & {*table.columns}:
        matched = match_numbers(file, table, engine, wanted.family)
        # What a query wrote has them too; they say nothing that the candidate does not.
        of_family = registered_families(engine)
        families = {family for family, _ in matched.networks}
        axes = [axis for family in families for axis in of_family.get(family, {})]
    else:
        matched = match_axes(wanted, table, engine)
        axes = [*matched.axes]
    known = {*_NOT_MEASURED, *axes, SEED}
    taken = NamesTaken(axes, declared_names(engine))
    names = _names(wanted, [c for c in table.columns if c not in known], taken)
    replicates = _replicates(file, table, names, matched)
    run = start_run(engine, command, {"file": str(file.resolve()), **_page(matched)}, {})
    made, invalid = _make(engine, run, matched)
    source = file.name if wanted.source is None else wanted.source
    merged = merge_replicates(engine, run, replicates, source, wanted.replace)
    refresh_views(engine)
    finish_run(engine, run, "done")
    engine.dispose()
    return Imported(
        run,
        table.size,
        len(set(matched.networks)),
        made,
        invalid,
        len(replicates),
        tuple(dict.fromkeys(one.what for one in replicates)),
        source,
        merged,
    )


def _names(wanted: TableImport, columns: Sequence[str], taken: NamesTaken) -> dict[str, str]:
    """Return the columns of measurements with the names to store them under."""
    file, name = wanted.file, wanted.name
    if name is None:
        for column in columns:
            _check_name(f"{file}: column", column, taken)
        return {column: column for column in columns}
    _check_name("--as", name, taken)
    if name not in columns and len(columns) != 1:
        raise DseError(
            f"{file}: --as {name}: no such column, and not just one to rename; "
            f"{nearest(name, columns)}"
        )
    return {name: name} if name in columns else {columns[0]: name}


def _check_name(where: str, name: str, taken: NamesTaken) -> None:
    try:
        check_measurement_name(name, taken.axes, taken.costs)
    except DseError as error:
        raise DseError(f"{where}: {error}") from error


def _replicates(
    file: Path, table: Table, names: Mapping[str, str], matched: MatchedRows
) -> list[Replicate]:
    """Return every measurement of every row; those of one network are told apart by labels."""
    found = []
    numbers: Counter[tuple[Network, int | None]] = Counter()
    seeds = table.columns.get(SEED, [None] * table.size)
    measured = [(column, what, table.columns[column]) for column, what in names.items()]
    for number, (network, seed) in enumerate(zip(matched.networks, seeds, strict=True), 1):
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            row = telling_row(seeds, number - 1)
            raise DseError(f"{file}: row {row + 1}: {SEED} is {seeds[row]!r}, not a whole number")
        if seed is not None and not -_MOST_SEED <= seed <= _MOST_SEED:
            raise DseError(f"{file}: row {number}: {SEED} is {seed}, which is beyond 64 bits")
        numbers[network, seed] += 1
        ordinal = numbers[network, seed]
        label = str(ordinal) if seed is None else seed_label(seed, ordinal)
        for column, what, values in measured:
            value = values[number - 1]
            if value is not None:
                checked = _number(file, number, column, values)
                found.append(Replicate(*network, what, checked, label, seed))
    return found


def _number(file: Path, row: int, column: str, values: Sequence[Any]) -> float:
    value = values[row - 1]
    if isinstance(value, bool) or not isinstance(value, int | float):
        row = telling_row(values, row - 1)
        raise DseError(
            f"{file}: row {row + 1}: {column} is {values[row]!r:.100}, which is no number; "
            "choose the measurement by --as"
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise DseError(f"{file}: row {row}: {column} is {value}, not a finite number")
    return number


def _page(matched: MatchedRows) -> dict[str, Any]:
    """Return what a run has to keep for its candidates to be shown: the page of their family."""
    return {} if matched.grid is None else {"family": matched.grid.family.place.source.content}


def _make(engine: Engine, run: int, matched: MatchedRows) -> tuple[int, int]:
    """Cost and store the networks that the store does not hold.

    Returns:
        how many these are, and how many of them cannot be built.
    """
    if matched.grid is None:
        return 0, 0
    family = matched.grid.family
    held = networks_of_keys(engine, list(matched.points), family.name, current=True)
    new = sorted(matched.points.keys() - held.keys())
    register_family(engine, family.name, family.column_types)
    if not new:
        return 0, 0
    grid = matched.grid.at_points([matched.points[key] for key in new])
    return len(new), _store(engine, run, grid, new)


def _store(engine: Engine, run: int, grid: Grid, keys: Sequence[int]) -> int:
    """Cost and store the networks at the points of a grid; return how many cannot be built."""
    from dse.search import candidate_row, keep_blocks, recall_blocks, store_points
    from dse.space import BlockTable, CallableSpace, space_of

    space = space_of(grid, BlockTable(Conditions()))
    if isinstance(space, CallableSpace):
        rows = [candidate_row(space, point) for point in map(space.point, space.grid)]
        insert_candidates(engine, run, rows)
        return sum(row.invalid is not None for row in rows)
    recall_blocks(space, engine)
    progress = store_points(space, keys, engine, run)
    keep_blocks(space, engine)
    return progress.tallies.invalid
