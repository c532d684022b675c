"""`dse sweep`: enumerate, cost, store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig

from dse.cli.conditions import CostConfig
from dse.cli.exploration import describe_grid, read_space, recorded_run, require_feasible
from dse.cli.hydra_app import plain, run_hydra_command
from dse.cli.progress import noting, progress
from dse.errors import DseError, nearest
from dse.search.sweep import SweepSummary, sweep

KEEPS = ("all", "feasible")


@dataclass
class SweepConfig:
    """The keys of `conf/sweep.yaml`."""

    family: Any = None
    grid: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    cost: CostConfig = field(default_factory=CostConfig)
    store: Any = None
    variant: str | None = None
    keep: str = "all"
    allow: list[str] = field(default_factory=list)


def run_sweep(config: DictConfig, command: str) -> None:
    """Cost and store the candidates that a config describes, and print a summary."""
    values = plain(config)
    if values["keep"] not in ("all", "feasible"):
        raise DseError(f"keep: unknown {values['keep']!r}; {nearest(values['keep'], KEEPS)}")
    space, budget = read_space(values)
    require_feasible(space, budget)
    print(describe_grid(space), flush=True)
    with (
        recorded_run(values, space, command) as (engine, run_id),
        progress("sweep", space.grid.size, "points") as advance,
    ):
        noted = noting(engine, run_id, space.grid.size, advance)
        summary = sweep(space, budget, engine, run_id, values["keep"], noted)
    print(_describe(summary))
    if budget:
        print(f"budget {budget}: {summary.feasible:,} of {summary.candidates:,} fit")
    print(f"stored in {values['store']['url']}")
    sys.stdout.flush()


def _describe(summary: SweepSummary) -> str:
    parts = [f"{summary.candidates:,} candidate" + ("s" if summary.candidates > 1 else "")]
    if summary.repeats:
        parts.append(f"{summary.repeats:,} more points build the same networks")
    if summary.invalid:
        parts.append(f"{summary.invalid:,} invalid")
    if summary.present == summary.candidates:
        parts.append(f"all {summary.present:,} present, nothing to do")
    else:
        parts.append(f"{summary.present:,} present, {summary.stored:,} stored")
        traced = (
            f"{summary.networks:,} networks" if summary.networks else f"{summary.blocks:,} blocks"
        )
        parts.append(f"{traced} traced")
    return ", ".join(parts)


def main(arguments: Sequence[str]) -> None:
    """Run `dse sweep` with these words."""
    run_hydra_command("sweep", SweepConfig, run_sweep, arguments)
