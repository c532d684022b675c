"""Points of a grid with all that a store keeps of them, worked out on all processors.

One process writes to the store; others cost what it will write next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from dse.execution import Ended, TaskPlace, Tell, can_be_copied, pool_of_copies, processors
from dse.search.kept import Kept, kept_points
from dse.search.key_set import Integers
from dse.search.row_maker import RowMaker, Rows
from dse.space import BlockSpace, Booleans, Budget

STRETCH = 2**17
"""Points that another process costs at a time."""


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

    def pieces(self, within: Budget, start: int, end: int, size: int) -> Iterator[CostedPoints]:
        """Yield the points from one to another that a budget admits, so many at a time."""
        for kept in kept_points(self.space.tables, within, start):
            for some in kept.until(end).pieces(size):
                yield self.costed(some)
            if kept.done >= end:
                return


def costed_ahead(
    coster: PointCoster, within: Budget, start: int, size: int
) -> Iterator[CostedPoints]:
    """Yield the points of a grid that a budget admits, in order, costed by other processes.

    They are costed here where there is a single processor, or few points.

    Args:
        coster: of the space.
        within: which points are kept.
        start: the first point.
        size: points at a time, at most.
    """
    end = coster.space.grid.size
    number = min(processors(), (end - start) // STRETCH)
    if number < 2 or not can_be_copied():
        yield from coster.pieces(within, start, end, size)
        return
    # What all of them need is worked out here, once.
    for first in coster.pieces(within, start, start + 1, size):
        yield first
        start = first.done
    tasks = range(start, end, STRETCH)
    cost = partial(_stretch, coster, within, size)
    for costed in _in_order(cost, tasks, number):
        yield from costed


def _in_order(
    cost: Callable[[int], list[CostedPoints]], tasks: range, number: int
) -> Iterator[list[CostedPoints]]:
    """Yield what other processes find, in the order of the tasks."""
    waiting = iter(tasks)
    found: dict[int, list[CostedPoints]] = {}
    due = tasks.start
    with pool_of_copies(_serving, cost, what="to cost points in", number=number) as pool:
        for task, costed in pool.run(lambda: next(waiting, None)):
            # What another process cannot do is seen here.
            found[task] = cost(task) if isinstance(costed, Ended) else costed
            while due in found:
                yield found.pop(due)
                due += tasks.step


def _serving(
    place: TaskPlace, cost: Callable[[int], list[CostedPoints]]
) -> Callable[[int, Tell], list[CostedPoints]]:
    return lambda task, tell: cost(task)


def _stretch(coster: PointCoster, within: Budget, size: int, start: int) -> list[CostedPoints]:
    end = min(start + STRETCH, coster.space.grid.size)
    return list(coster.pieces(within, start, end, size))
