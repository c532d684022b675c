"""Points of a grid with all that a store keeps of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dse.search.kept import Kept, kept_points
from dse.search.key_set import Integers
from dse.search.row_maker import RowMaker, Rows
from dse.space import BlockSpace, Booleans, Budget


@dataclass(frozen=True)
class CostedPoints:
    """Points of a grid, costed."""

    done: int
    """Points of the grid gone through, from its first one on."""
    rows: Rows
    is_valid: Booleans
    is_feasible: Booleans
    bears: Booleans
    """Whether every number is there that blocks are given."""

    def __len__(self) -> int:
        """Number of points."""
        return len(self.rows)

    def of(self, which: Booleans) -> CostedPoints:
        """Return some of the points."""
        flags = self.is_valid[which], self.is_feasible[which], self.bears[which]
        return CostedPoints(self.done, self.rows.of(which), *flags)


@dataclass(frozen=True)
class PointCoster:
    """Costs points of a space."""

    space: BlockSpace
    maker: RowMaker
    budget: Budget
    """Which candidates are feasible."""
    lacked: tuple[str, ...]
    """Costs that blocks are given and some lack."""

    def costed(self, kept: Kept, keys: Integers | None = None) -> CostedPoints:
        """Return points with what they cost.

        Args:
            kept: the points.
            keys: of their networks, where they are known.
        """
        columns = self.space.tables.costs(kept.choices)
        if keys is None:
            keys = self.maker.keys(kept.choices)
        return CostedPoints(
            kept.done,
            self.maker.rows(kept.choices, keys, columns),
            columns.is_valid,
            columns.admitted(self.budget),
            columns.bears(self.lacked),
        )

    def all(self, within: Budget, start: int, size: int) -> Iterator[CostedPoints]:
        """Yield the points of the grid that a budget admits, so many at a time at most."""
        for kept in kept_points(self.space.tables, within, start):
            yield from map(self.costed, kept.pieces(size))
