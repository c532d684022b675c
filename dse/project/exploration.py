"""What sweeps and searches share: what is known beforehand, and a recorded run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import groupby
from typing import Any

from sqlalchemy import Engine

from dse.errors import DseError
from dse.extras import DISTRIBUTION
from dse.limits import limit, variable_of
from dse.project.told_progress import Progress
from dse.search import keep_blocks, recall_blocks
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    DesignSpace,
    Dimension,
    Family,
    NetworkCount,
    require_feasible,
    require_numbers,
)
from dse.space import removed as removed_points
from dse.store import (
    finish_run,
    note_progress,
    open_store,
    readable_store,
    refresh_views,
    register_family,
    start_run,
)

RECORDED = "recorded as run"
"""How the note of an error begins that a run in the store holds."""


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


def describe_grid(space: DesignSpace) -> str:
    """Return a grid in a line, such as `width 6 × resolution 5 = 30 points`."""
    grid = space.grid
    points = f"{count_of(grid.size)} point" + ("s" if grid.size > 1 else "")
    factors = " × ".join(_factors(grid.family, grid.dimensions))
    trained = _factors(grid.family, [each for each in grid.training if len(each.choices) > 1])
    training = f", each to train with {' × '.join(trained)}" if trained else ""
    lines = [f"{grid.family.name}: {factors or 'the defaults'} = {points}{training}"]
    if isinstance(space, BlockSpace) and space.is_drawn_from:
        # How many each removes would take a list of the settings.
        return "\n".join([*lines, *(f"  exclude {rule.text!r}" for rule in grid.exclusions)])
    for removed in removed_points(grid):
        columns = [column for dimension in grid.dimensions for column in dimension.choices[0]]
        example = removed.example or {}
        shown = ", ".join(f"{column}={example[column]}" for column in columns if column in example)
        such_as = f" (such as {shown})" if shown else ""
        lines.append(f"  exclude {removed.rule!r} removes {count_of(removed.number)}{such_as}")
    return "\n".join(lines)


def lacking_points(space: DesignSpace, buildable: int) -> str:
    """Return a clause that tells how many points cannot be built, though nothing excludes them.

    Args:
        space: of any family.
        buildable: points of its grid that can be built.

    Returns:
        An empty text where there are none.
    """
    grid = space.grid
    is_listed = not (isinstance(space, BlockSpace) and space.is_drawn_from)
    removed = sum(each.number for each in removed_points(grid)) if is_listed else 0
    lacking = grid.size - buildable - removed
    excluded = "" if is_listed or not grid.exclusions else "are excluded or "
    points = f"{count_of(lacking)} point" + ("s" if lacking > 1 else "")
    return f"{points} {excluded}cannot be built" if lacking else ""


def _factors(family: Family, dimensions: Sequence[Dimension]) -> list[str]:
    """Return each dimension with its size; those of an axis in a row as a power."""
    axes = family.column_axes

    def kind(dimension: Dimension) -> tuple[str, int]:
        axis = axes.get(dimension.name)
        is_one_of_many = axis is not None and axis.per is not None
        name = axis.name if axis is not None and is_one_of_many else dimension.name
        return name, len(dimension.choices)

    groups = [(name, size, list(each)) for (name, size), each in groupby(dimensions, kind)]
    return [
        f"{each[0].name} {size}" if len(each) == 1 else f"{name} {size}^{len(each)}"
        for name, size, each in groups
    ]


def count_of(number: int) -> str:
    """Return a number of points or networks; a very large one in six digits."""
    return f"{number:,}" if number < 10**12 else f"{number:.6g}"


def range_of(number: NetworkCount) -> str:
    """Return how many networks there are, or between which numbers, where these read apart."""
    least, most = count_of(number.least), count_of(number.most)
    if number.is_exact:
        return most
    return f"about {most}" if least == most else f"between {least} and {most}"


class NotedProgress:
    """Counts the steps of a run, notes them in its store and tells them."""

    def __init__(self, engine: Engine, run_id: int, total: int, tell: Progress) -> None:
        self.engine, self.run_id, self.tell = engine, run_id, tell
        self.done, self.total = 0, total

    def advance(self, steps: int) -> None:
        """Advance by some steps."""
        self.done += steps
        self.tell(self.done, self.total)
        note_progress(self.engine, self.run_id, self.done, self.total)

    def expect(self, total: int) -> None:
        """Count to another total from here on, as less is to be done than was asked for."""
        self.total = total


@contextmanager
def recorded_run(
    url: str, command: str, recorded: Mapping[str, Any], space: DesignSpace
) -> Iterator[tuple[Engine, int]]:
    """Open a store and record a run in it; gives the engine and the run's id.

    The run's outcome is recorded on the way out: done, failed or interrupted.

    Args:
        url: of the store.
        command: what the run is known by.
        recorded: its request, as plain values.
        space: whose candidates it stores.
    """
    engine = open_store(url)
    family = space.grid.family
    register_family(engine, family.name, family.column_types)
    run_id = start_run(engine, command, {**recorded, "store": {"url": url}}, versions())
    try:
        yield engine, run_id
    except KeyboardInterrupt:
        finish_run(engine, run_id, "interrupted")
        raise
    except BaseException as error:
        finish_run(engine, run_id, "failed", str(error))
        error.add_note(f"{RECORDED} {run_id}")
        raise
    else:
        refresh_views(engine)
        finish_run(engine, run_id, "done")
    finally:
        engine.dispose()


def record_refused(url: str, recorded: Mapping[str, Any], command: str, error: DseError) -> None:
    """Record the run of a job that failed, unless it had begun, and that holds it already.

    A store that cannot be opened holds nothing; the error is told all the same.
    """
    if any(note.startswith(RECORDED) for note in getattr(error, "__notes__", ())):
        return
    try:
        engine = open_store(url)
    except DseError:
        return
    run_id = start_run(engine, command, recorded, versions())
    finish_run(engine, run_id, "failed", str(error))
    engine.dispose()


def versions() -> Mapping[str, str]:
    """Return the versions of what a result depends on, for its provenance."""
    names = ("torch", "torchvision", "hydra-core", "optuna", "sqlalchemy")
    own = {"dse": version(DISTRIBUTION), "python": sys.version.split()[0]}
    return {name: version(name) for name in names} | own
