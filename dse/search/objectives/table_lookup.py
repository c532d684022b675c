"""Measurements that stand in a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest
from dse.files import is_numeral, read_table
from dse.space import CostedPoint


def table(
    candidate: CostedPoint,
    file: str | Path,
    value: str,
    key: str | None = None,
    letters: Mapping[str, str] | None = None,
) -> float:
    """Return a candidate's value in a table of csv, json, jsonl or parquet.

    By default its rows are those whose columns equal the candidate's settings, in as many columns
    as the table has of them. Several rows are replicates, whose mean counts.

    Args:
        candidate: the candidate.
        file: the table.
        value: the column of the value.
        key: the column of the candidate's key, to find the row by that.
        letters: with `key`, what each setting is written as; the key is then that of all settings
            in a row, as the `00100100` of NAS-Bench-Macro.

    Raises:
        DseError: for a column that is not there, or a candidate that has no row.
    """
    settings, file = candidate.settings, str(file)
    if key is not None:
        wanted = str(candidate.key)
        if letters is not None:
            wanted = "".join(str(letters[str(v)]) for v in settings.values() if str(v) in letters)
        found = _by_key(file, value, key, len(wanted) if letters else 0).get(wanted)
    else:
        texts = frozenset(name for name, chosen in settings.items() if isinstance(chosen, str))
        columns, rows = _by_settings(file, value, frozenset(settings), texts)
        found = rows.get(tuple(settings[column] for column in columns))
    if found is None:
        shown = ", ".join(f"{name}={chosen}" for name, chosen in settings.items())
        raise DseError(f"{file}: no row for {shown if key is None or letters else wanted}")
    return found


def check_table(
    file: str, value: str, key: str | None = None, letters: Mapping[str, str] | None = None
) -> None:
    """Refuse a table that no candidate could be looked up in, before a search begins.

    Raises:
        DseError: for a file that cannot be read, a column that is not there, or a value that is no
            number.
    """
    rows = _rows(file, value)
    if key is not None:
        _require(file, key, rows)


@lru_cache(maxsize=8)
def _by_key(file: str, value: str, key: str, width: int) -> dict[str, float]:
    rows = _rows(file, value, [key])
    _require(file, key, rows)
    # A key of digits that was read as a number once has lost its leading zeros.
    return _means([(str(row[key]).zfill(width), row) for row in rows if key in row], value)


@lru_cache(maxsize=8)
def _by_settings(
    file: str, value: str, names: frozenset[str], texts: frozenset[str]
) -> tuple[tuple[str, ...], dict[Any, float]]:
    rows = _rows(file, value, texts)
    columns = tuple(sorted(names & set().union(*rows)))
    if not columns:
        raise DseError(f"{file}: no column is one of the settings {', '.join(sorted(names))}")
    return columns, _means([(tuple(row.get(c) for c in columns), row) for row in rows], value)


def _means(named: list[tuple[Any, dict[str, Any]]], value: str) -> dict[Any, float]:
    found: dict[Any, list[float]] = {}
    for name, row in named:
        if value in row:
            found.setdefault(name, []).append(float(row[value]))
    return {name: sum(numbers) / len(numbers) for name, numbers in found.items()}


def _rows(file: str, value: str, texts: Collection[str] = ()) -> list[dict[str, Any]]:
    rows = read_table(Path(file), texts)
    _require(file, value, rows)
    for number, row in enumerate(rows, 1):
        found = row.get(value, 0.0)
        if isinstance(found, str) and not is_numeral(found):
            raise DseError(f"{file}: row {number}: {value} is {found!r:.100}, which is no number")
    return rows


def _require(file: str, column: str, rows: list[dict[str, Any]]) -> None:
    if not any(column in row for row in rows):
        raise DseError(f"{file}: no column {column!r}; {nearest(column, rows[0])}")
