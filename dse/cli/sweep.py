"""`dse sweep`: enumerate, cost, store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from dse.cli.cost_group import CostConfig
from dse.cli.exploration import (
    count_of,
    describe_grid,
    read_space,
    recall,
    record_refused,
    recorded_run,
    refuse_impossible,
    require_enumerable,
)
from dse.cli.hydra_app import run_hydra_command
from dse.cli.progress import noting, progress
from dse.cli.request import Request
from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.passwords import without_passwords
from dse.search import FrontGoal, Keep, SweepSummary, keep_blocks, store_choices, sweep
from dse.space import Budget, DesignSpace, draw
from dse.store import note_progress

KEEPS = get_args(Keep)


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
    min: list[str] = field(default_factory=list)
    max: list[str] = field(default_factory=list)
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    stratify: str | None = None
    strata: int = 10
    allow: list[str] = field(default_factory=list)


def run_sweep(request: Request) -> None:
    """Cost and store the candidates that a config describes, and print a summary."""
    values = request.values
    keep, goals = _read_keep(values)
    _check_sample(values)
    space, budget = read_space(request)
    if space.grid.family.is_callable and (keep == "pareto" or values["limit"] or values["sample"]):
        raise DseError("keep=pareto, limit and sample are for families of blocks, not of callables")
    recall(space, str(values["store"]["url"]))
    refuse_impossible(space, budget)
    print(describe_grid(space), flush=True)
    if values["sample"] is not None:
        _run_sample(request, space, budget)
        return
    require_enumerable(space)
    with (
        recorded_run(request, space) as (engine, run_id),
        progress("sweep", space.grid.size, "points") as advance,
    ):
        noted = noting(engine, run_id, advance)
        summary = sweep(space, budget, engine, run_id, keep, goals, values["limit"], noted)
    print(_describe(summary, space.grid.size, keep))
    if budget and keep == "all":
        print(f"budget {budget}: {summary.feasible:,} of {summary.candidates:,} fit")
    elif budget:
        print(f"budget {budget}: all of them fit")
    print(f"stored in {without_passwords(values['store']['url'])}")
    sys.stdout.flush()


def _run_sample(request: Request, space: DesignSpace, budget: Budget) -> None:
    """Store candidates that are drawn uniformly from all that the budget admits."""
    values = request.values
    number, seed = values["sample"], values["seed"]
    drawn = draw(space, budget, number, seed, values["stratify"], values["strata"])
    with recorded_run(request, space) as (engine, run_id):
        keep_blocks(space, engine)
        progress = store_choices(space, drawn.choices, engine, run_id)
        note_progress(engine, run_id, len(drawn.choices), len(drawn.choices))
    least, most = count_of(drawn.feasible.least), count_of(drawn.feasible.most)
    some = most if drawn.feasible.is_exact else f"between {least} and {most}"
    those = f" that meet {budget}" if budget else ""
    print(f"{len(drawn.choices):,} candidates drawn of {some} networks{those}")
    here = progress.present
    print(f"{here:,} of {len(drawn.choices):,} present, {progress.stored:,} stored")
    print(f"stored in {without_passwords(values['store']['url'])}")


def _check_sample(values: dict[str, Any]) -> None:
    """Refuse what does not go with a sample, before anything is traced."""
    for key in ("sample", "strata", "limit"):
        if values[key] is not None and values[key] < 1:
            raise DseError(f"{key}: {values[key]} is not positive")
    if values["sample"] is None and values["stratify"] is not None:
        raise DseError("stratify goes with a sample, as in sample=1000 stratify=macs")
    if values["sample"] is not None and (values["keep"] != "all" or values["limit"] is not None):
        raise DseError("sample draws what the budget admits; keep and limit are for whole grids")
    if values["stratify"] is not None and values["stratify"] not in COSTS:
        hint = nearest(values["stratify"], COSTS)
        raise DseError(f"stratify: unknown cost {values['stratify']!r}; {hint}")


def _read_keep(values: dict[str, Any]) -> tuple[Keep, list[FrontGoal]]:
    """Return what is kept, and the costs by which `pareto` compares.

    Raises:
        DseError: for a word or a cost that is not known, and for `pareto` without costs.
    """
    if values["keep"] not in KEEPS:
        raise DseError(f"keep: unknown {values['keep']!r}; {nearest(values['keep'], KEEPS)}")
    goals = []
    for direction in ("min", "max"):
        for cost in values[direction]:
            if cost not in COSTS:
                raise DseError(f"{direction}: unknown cost {cost!r}; {nearest(cost, COSTS)}")
            goals.append(FrontGoal(cost, direction))
    if (values["keep"] == "pareto") != bool(goals):
        raise DseError("keep=pareto goes with costs to compare by, as in min=[macs] max=[params]")
    return values["keep"], goals


def _describe(summary: SweepSummary, points: int, keep: Keep) -> str:
    parts = [f"{summary.candidates:,} candidate" + ("s" if summary.candidates > 1 else "")]
    if summary.repeats:
        parts.append(f"{summary.repeats:,} more points build the same networks")
    if summary.invalid:
        parts.append(f"{summary.invalid:,} invalid")
    if keep != "all":
        parts[0] += f" kept of {points:,} points"
    if 0 < summary.continued_at < points:
        parts.append(f"continued at point {summary.continued_at + 1:,}")
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
    run_hydra_command("sweep", SweepConfig, run_sweep, arguments, record_refused)
