"""Columns of candidates from a store, as pictures take them, and what to tell of single ones."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dse.errors import DseError
from dse.report import PlottedColumn, column_of, lines, safe_text, told
from dse.store import answer_columns, open_for_reading, settings_of_ids

_MOST_SETTINGS = 10
"""Settings of a candidate that a hover has room for."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CandidateColumns:
    """What a store has of candidates, a row each."""

    url: str
    ids: npt.NDArray[np.int64]
    columns: Mapping[str, PlottedColumn]

    def __getitem__(self, name: str) -> PlottedColumn:
        return self.columns[name]

    def with_all(self, names: Sequence[str]) -> CandidateColumns:
        """Return the candidates that have all of some numbers."""
        has = np.ones(len(self.ids), dtype=bool)
        for name in names:
            has &= np.isfinite(self.numbers(name))
        return self if has.all() else self.at(np.flatnonzero(has))

    def at(self, places: Places) -> CandidateColumns:
        """Return some of the candidates."""
        columns = {name: column.at(places) for name, column in self.columns.items()}
        return CandidateColumns(self.url, self.ids[places], columns)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """Return the values of a column of numbers.

        Raises:
            DseError: for one of words or truths.
        """
        column = self.columns[name]
        if not column.is_number:
            raise DseError(f"{name} is no number")
        return column.values

    def hovers(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return what to tell of every candidate: its id, some numbers and its settings."""
        found = settings_of_ids(open_for_reading(self.url), self.ids.tolist())
        shown = [(safe_text(name), self.columns[name].told()) for name in dict.fromkeys(names)]
        return tuple(
            _hover(id, *found.get(id, ("", {})), [(name, values[row]) for name, values in shown])
            for row, id in enumerate(self.ids.tolist())
        )


def _hover(
    id: int, family: str, settings: Mapping[str, Any], numbers: Sequence[tuple[str, str]]
) -> str:
    shown = [f"{safe_text(name)} {told(value)}" for name, value in settings.items()]
    if len(shown) > _MOST_SETTINGS:
        shown = [*shown[:_MOST_SETTINGS], "…"]
    rows = [", ".join(shown[at : at + 4]) for at in range(0, len(shown), 4)]
    return lines(
        f"<b>{id}</b> {safe_text(family)}", *(f"{name} {value}" for name, value in numbers), *rows
    )


def read_candidate_columns(
    url: str, names: Sequence[str], where: str | None = None, limit: int | None = None
) -> CandidateColumns:
    """Return columns of the candidates that meet a condition.

    Args:
        url: of a store.
        names: costs, axes, measurements, or arithmetic over them.
        where: which candidates.
        limit: how many at most, the first by id.

    Raises:
        DseError: for an unknown column, a malformed condition, or where there is no candidate.
    """
    distinct = list(dict.fromkeys(names))
    found = answer_columns(open_for_reading(url), distinct, where)
    if not len(found.ids):
        empty = "no candidate meets the condition" if where else "the store holds no candidate"
        raise DseError("; ".join([f"{empty}, so that there is nothing to draw", *found.notes]))
    for note in found.notes:
        warnings.warn(note, stacklevel=3)
    columns = {name: _column(name, found.columns[name], found.units.get(name)) for name in distinct}
    read = CandidateColumns(url, found.ids, columns)
    return read if limit is None else read.at(np.arange(min(limit, len(found.ids))))


def _column(name: str, values: npt.NDArray[Any], unit: Any) -> PlottedColumn:
    if values.dtype.kind == "f":
        return PlottedColumn(name, values, unit)
    return column_of(name, values.tolist(), unit)


def require_some(found: CandidateColumns, names: Sequence[str]) -> None:
    """Refuse to draw what no candidate has.

    Raises:
        DseError: naming what they lack.
    """
    if not len(found.ids):
        raise DseError(f"no candidate has {' and '.join(names)}, so that there is nothing to draw")
