"""From arrays of candidates to rows of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy

from dse.search.key_set import Integers
from dse.space import Booleans, CostColumns, CostTables, Keys, SettingsTexts, fails, reasons


@dataclass(frozen=True)
class Rows:
    """Candidates as the store keeps them, a column at a time."""

    keys: Integers
    settings: list[str]
    """As JSON texts."""
    costs: dict[str, Sequence[int | None]]
    invalid: list[str | None]
    """Why each cannot be built, if it cannot."""

    def __len__(self) -> int:
        """Number of candidates."""
        return len(self.keys)


@dataclass(frozen=True)
class RowMaker:
    """Costs candidates and gives their rows."""

    tables: CostTables

    @cached_property
    def _keys(self) -> Keys:
        return Keys(self.tables.space.page)

    @cached_property
    def _settings(self) -> SettingsTexts:
        return SettingsTexts(self.tables.space)

    def keys(self, choices: Integers) -> Integers:
        """Return the key of each candidate."""
        return self._keys.of(choices, fails(self.tables.space, choices) > 0)

    def rows(self, choices: Integers, keys: Integers, columns: CostColumns) -> Rows:
        """Return the rows of candidates whose keys and costs are known."""
        space = self.tables.space
        failing = fails(space, choices) > 0
        costs: dict[str, Sequence[int | None]] = {}
        for name in columns.costs:
            costs[name] = _with_gaps(columns.costs[name], columns.bears([name]))
        return Rows(
            keys,
            self._settings.texts(choices, failing),
            costs,
            reasons(space, choices, columns.is_valid),
        )


def _with_gaps(values: Integers, known: Booleans) -> list[int | None]:
    listed: list[int | None] = values.tolist()
    for place in numpy.flatnonzero(~known).tolist():
        listed[place] = None
    return listed


def joined(several: Sequence[Rows], costs: Iterable[str]) -> Rows:
    """Return rows one after the other, which all have the same costs."""
    return Rows(
        numpy.concatenate([numpy.empty(0, dtype=numpy.int64), *(rows.keys for rows in several)]),
        list(chain.from_iterable(rows.settings for rows in several)),
        {name: list(chain.from_iterable(rows.costs[name] for rows in several)) for name in costs},
        list(chain.from_iterable(rows.invalid for rows in several)),
    )
