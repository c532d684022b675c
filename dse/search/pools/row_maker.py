"""From arrays of candidates to rows of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dse.search.pools.key_set import Integers
from dse.space import (
    Booleans,
    CostColumns,
    CostTables,
    Keys,
    SettingsParts,
    SettingsTexts,
    fails,
    reasons,
)

SHARING = 10_000
"""Points of a grid from which on its candidates share the texts of their settings."""


@dataclass(frozen=True)
class Rows:
    """Candidates on their way to the store, a column at a time."""

    keys: Integers
    settings: list[str] | Integers
    """As JSON texts, or as places of the parts that they are made of."""
    costs: Mapping[str, Integers]
    known: Mapping[str, Booleans]
    """Which candidates have a value of each cost."""
    invalid: list[str | None]
    """Why each cannot be built, if it cannot."""

    def __len__(self) -> int:
        """Number of candidates."""
        return len(self.keys)


@dataclass(frozen=True)
class RowMaker:
    """Costs candidates and gives their rows."""

    tables: CostTables
    most_parts: int = 0
    """Texts that a candidate's settings are shared as, at most; by default each has its own."""

    @cached_property
    def _keys(self) -> Keys:
        return Keys(self.tables.space.page)

    @cached_property
    def _texts(self) -> SettingsTexts:
        return SettingsTexts(self.tables.space)

    @cached_property
    def parts(self) -> SettingsParts | None:
        """The parts that settings share, where enough candidates do that it pays."""
        parts = SettingsParts(self._texts)
        is_worth = self.tables.space.grid.size >= SHARING
        return parts if is_worth and parts.is_bounded and parts.width <= self.most_parts else None

    def keys(self, choices: Integers) -> Integers:
        """Return the key of each candidate."""
        return self._keys.of(choices, fails(self.tables.space, choices) > 0)

    def rows(self, choices: Integers, keys: Integers, columns: CostColumns) -> Rows:
        """Return the rows of candidates whose keys and costs are known."""
        space = self.tables.space
        failing = fails(space, choices) > 0
        return Rows(
            keys,
            self._texts.texts(choices, failing)
            if self.parts is None
            else self.parts.places(choices, failing, self.most_parts),
            columns.costs,
            {name: columns.bears([name]) for name in columns.costs},
            reasons(space, choices, columns.is_valid),
        )
