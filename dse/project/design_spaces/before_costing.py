"""What comes before a space is costed: blocks that a store knows, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable

from dse.errors import DseError
from dse.limits import limit, variable_of
from dse.project.design_spaces.grid_texts import count_of
from dse.search import keep_blocks, recall_blocks
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    DesignSpace,
    require_feasible,
    require_numbers,
)
from dse.store import open_store, readable_store


def recall(space: DesignSpace, url: str) -> None:
    """Know the costs of blocks that a store has, if it is there; it is only read."""
    engine = readable_store(url)
    if engine is not None:
        recall_blocks(space, engine)
        engine.dispose()


def cache_blocks(space: DesignSpace, url: str) -> None:
    """Keep the costs of blocks that were traced in a store, if there is one."""
    there = readable_store(url)
    if there is None or isinstance(space, CallableSpace):
        return
    there.dispose()
    engine = open_store(url)
    keep_blocks(space, engine)
    engine.dispose()


def refuse_impossible(space: DesignSpace, budget: Budget, costs: Iterable[str] = ()) -> None:
    """Refuse an impossible budget before a store is opened.

    What the networks of a callable cost may stand in the store, so there it has to wait.

    Args:
        space: of any family.
        budget: that something has to meet.
        costs: which are asked for besides, and that something has to have.

    Raises:
        DseError: naming the candidate that comes nearest.
    """
    require_numbers(space, (*budget.costs, *costs))
    if isinstance(space, BlockSpace):
        require_feasible(space, budget)


def require_enumerable(space: DesignSpace) -> None:
    """Refuse to go through a grid that would take longer than anyone waits.

    Raises:
        DseError: naming what can be done instead.
    """
    size = space.grid.size
    if size > limit("swept_points"):
        raise DseError(
            f"the grid has {count_of(size)} points, more than the "
            f"{count_of(limit('swept_points'))} ({variable_of('swept_points')}) that are "
            "gone through one by one; draw from it, as in sample=10000, or give fewer values"
        )
