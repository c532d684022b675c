"""What `sweep` and `search` share: from their config to a space, a budget and a recorded run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine

from dse.cli.conditions import read_conditions
from dse.cli.hydra_app import choice_of, choices, source_of, versions
from dse.errors import DseError
from dse.search.sweep import recall_blocks
from dse.space import (
    BlockTable,
    Budget,
    DesignSpace,
    read_budget,
    read_family,
    read_grid,
    require_feasible,
)
from dse.space.tables.exclusions import removed as removed_points
from dse.store import finish_run, open_for_reading, open_store, register_family, start_run


def read_space(config: Mapping[str, Any]) -> tuple[DesignSpace, Budget]:
    """Return the design space and the budget that a config describes.

    Raises:
        DseError: for anything in the family, the grid or the budget that does not hold.
    """
    if config.get("family") is None:
        raise DseError("no family is chosen; name one as in family=mobilenet_v2")
    family = read_family(
        choice_of("family"), config["family"], source_of("family"), config["allow"]
    )
    if config.get("variant") is not None:
        family = family.variant(config["variant"])
    grid = read_grid(family, config.get("grid"))
    blocks = BlockTable(read_conditions(config["cost"]))
    return DesignSpace(grid, blocks), read_budget(config.get("budget"))


def recall(space: DesignSpace, url: str) -> None:
    """Know the costs of blocks that a store has, if it is there; it is only read."""
    try:
        engine = open_for_reading(url)
    except DseError:
        # There is none yet, or one that opening it for writing upgrades or refuses.
        return
    recall_blocks(space, engine)
    engine.dispose()


def refuse_impossible(space: DesignSpace, budget: Budget) -> None:
    """Refuse an impossible budget before a store is opened.

    What the networks of a callable cost may stand in the store, so there it has to wait.

    Raises:
        DseError: naming the candidate that comes nearest.
    """
    if not space.grid.family.is_callable:
        require_feasible(space, budget)


def describe_grid(space: DesignSpace) -> str:
    """Return a grid in a line, such as `width 6 × resolution 5 = 30 points`."""
    grid = space.grid
    factors = " × ".join(f"{d.name} {len(d.choices)}" for d in grid.dimensions)
    points = f"{grid.size:,} point" + ("s" if grid.size > 1 else "")
    lines = [f"{grid.family.name}: {factors or 'the defaults'} = {points}"]
    for removed in removed_points(grid):
        columns = [column for dimension in grid.dimensions for column in dimension.choices[0]]
        example = removed.example or {}
        shown = ", ".join(f"{column}={example[column]}" for column in columns if column in example)
        such_as = f" (such as {shown})" if shown else ""
        lines.append(f"  exclude {removed.rule!r} removes {removed.number:,}{such_as}")
    return "\n".join(lines)


@contextmanager
def recorded_run(
    config: Mapping[str, Any], space: DesignSpace, command: str
) -> Iterator[tuple[Engine, int]]:
    """Open the store and record a run of a command in it; gives the engine and the run's id.

    The run's outcome is recorded on the way out: done, failed or interrupted.
    """
    engine = open_store(str(config["store"]["url"]))
    family = space.grid.family
    register_family(engine, family.name, family.column_types)
    run_id = start_run(engine, command, {**config, "choices": choices()}, versions())
    try:
        yield engine, run_id
    except KeyboardInterrupt:
        finish_run(engine, run_id, "interrupted")
        raise
    except BaseException as error:
        finish_run(engine, run_id, "failed", str(error))
        raise
    else:
        finish_run(engine, run_id, "done")
    finally:
        engine.dispose()
