"""`dse search`: the best candidates under a budget."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import optuna

from dse.cli.cost_group import CostConfig
from dse.cli.exploration import (
    count_of,
    describe_grid,
    read_space,
    recall,
    record_refused,
    recorded_run,
    refuse_impossible,
)
from dse.cli.hydra_app import run_hydra_command
from dse.cli.output import print_rows
from dse.cli.progress import noting, progress
from dse.cli.request import Request
from dse.cli.search_config import read_objective, read_pruner, read_sampler, split_budget
from dse.costs import Costs
from dse.errors import DseError, nearest
from dse.passwords import without_passwords
from dse.search import (
    Evaluated,
    Retry,
    SearchResult,
    SearchSettings,
    pareto_front,
    search,
    write_study,
)
from dse.space import by_axis
from dse.store import first_run_of


@dataclass
class SearchConfig:
    """The keys of `conf/search.yaml`."""

    family: Any = None
    grid: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    cost: CostConfig = field(default_factory=CostConfig)
    objective: Any = None
    sampler: Any = None
    store: Any = None
    variant: str | None = None
    trials: int = 30
    seed: int = 0
    best: int = 5
    device: str = "cpu"
    workers: int = 1
    time_limit: float | None = None
    attempts: int = 2
    retry: str = "failed"
    reuse: str = "same"
    pruner: Any = None
    to_optuna: str | None = None
    exact: bool = True
    allow: list[str] = field(default_factory=list)


OF_A_SEARCH = (
    *("family", "grid", "budget", "cost", "objective", "sampler", "variant", "seed", "device"),
    *("workers", "pruner", "exact"),
)
"""The keys that two runs of one search have in common; more trials continue it."""


RETRIES = get_args(Retry)
REUSES = ("same", "any")

WIDEST = 16
"""SearchSettings that a table has columns for."""


def run_search(request: Request) -> None:
    """Search the space that a config describes and print the best candidates."""
    values = request.values
    for key in ("trials", "workers", "attempts"):
        if values[key] < 1:
            raise DseError(f"{key}: {values[key]} is not positive")
    if values["time_limit"] is not None and values["time_limit"] <= 0:
        raise DseError(f"time_limit: {values['time_limit']} is not positive")
    for key, words in (("retry", RETRIES), ("reuse", REUSES)):
        if values[key] not in words:
            raise DseError(f"{key}: unknown {values[key]!r}; {nearest(values[key], words)}")
    objective = read_objective(
        request.choices.get("objective", "objective"), values["objective"], values["allow"]
    )
    costs, limits = split_budget(values["budget"], objective)
    objective = dataclasses.replace(objective, limits=limits)
    make_sampler = read_sampler(values["sampler"], values["seed"], values["allow"])
    pruner = read_pruner(values["pruner"], values["allow"])
    space, budget = read_space(request, costs)
    recall(space, str(values["store"]["url"]))
    refuse_impossible(space, budget)
    print(describe_grid(space), flush=True)
    with (
        recorded_run(request, space) as (engine, run_id),
        progress("search", values["trials"], "trials") as advance,
    ):
        noted = noting(engine, run_id, advance)
        same = {key: values[key] for key in OF_A_SEARCH}
        result = search(
            space,
            budget,
            objective,
            make_sampler,
            engine,
            run_id,
            SearchSettings(
                trials=values["trials"],
                seed=values["seed"],
                device=values["device"],
                workers=values["workers"],
                time_limit=values["time_limit"],
                pruner=pruner,
                # Earlier runs of this very search are gone through again; others are known.
                warm_before=first_run_of(engine, same, run_id),
                exact=values["exact"],
                attempts=values["attempts"],
                retry=values["retry"],
                any_code=values["reuse"] == "any",
            ),
            report=lambda evaluated: noted(1),
            expect=advance.expect,
        )
    if all(e.values is None for e in result.evaluations) and not result.warm:
        raise DseError(f"all evaluations failed; the first: {result.evaluations[0].error}")
    _print_result(result, values, str(budget))
    if values["to_optuna"] is not None:
        _write_study(result, str(values["to_optuna"]), space.grid.family.name)


def _write_study(result: SearchResult, url: str, family: str) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = f"{family}: {result.objective.name}"
    new = write_study(result, url, name)
    print(f"wrote {new:,} trials to study {name!r} in {without_passwords(url)}")


def _print_result(result: SearchResult, values: Mapping[str, Any], budget: str) -> None:
    done = result.evaluations
    stored = sum(evaluated.was_stored for evaluated in done)
    failed = [evaluated for evaluated in done if evaluated.error and not evaluated.is_pruned]
    pruned = sum(evaluated.is_pruned for evaluated in done)
    given_up = f", {pruned:,} given up early" if pruned else ""
    print(
        f"{_feasible(result)} candidates meet {budget}; {len(done):,} evaluated"
        f" ({stored:,} of them present before, {len(failed):,} failed{given_up})"
    )
    if result.warm:
        print(f"{len(result.warm):,} more were measured by other runs, and known from the start")
    if result.of_other_code:
        print(
            f"{result.of_other_code:,} were measured by other code of the objective, which is not "
            "taken for this one's; reuse=any takes it"
        )
    drawn = result.pool.drawn_of
    if drawn is not None and result.solved is None:
        print(f"the search is over {len(result.pool):,} of them, drawn uniformly")
    if drawn is None and len(result.pool) - len(result.warm) < values["trials"]:
        print(f"fewer candidates than trials={values['trials']}: each was evaluated once")
    for evaluated in failed[:3]:
        print(f"  candidate {evaluated.candidate_id} failed: {evaluated.error}")
    limits = result.objective.limits
    if limits:
        met = sum(evaluated.is_admitted for evaluated in (*result.warm, *done))
        print(f"{met:,} of them meet {' and '.join(map(str, limits))}")
    if len(result.objective.goals) > 1:
        _print_front(result)
    else:
        (goal,) = result.objective.goals
        print(f"best by {goal.name} ({goal.direction}){_proof(result)}:")
        print_rows([_row(evaluated, result) for evaluated in result.best(values["best"])])
    print(f"stored in {without_passwords(values['store']['url'])}; look closer with `dse show ID`")


def _feasible(result: SearchResult) -> str:
    number = result.pool.drawn_of
    if number is None or number.is_exact:
        return count_of(len(result.pool) if number is None else number.most)
    return f"between {count_of(number.least)} and {count_of(number.most)}"


def _proof(result: SearchResult) -> str:
    """Say what is known of a best that was worked out."""
    if result.solved is None:
        return ""
    if result.solved.is_optimal:
        return ", which is optimal: proven over the whole space"
    return f", of at most {result.solved.bound:.10g} that any may have"


def _print_front(result: SearchResult) -> None:
    front, reference, volume = pareto_front(result)
    goals = result.objective.goals
    named = ", ".join(f"{goal.name} ({goal.direction})" for goal in goals)
    print(f"Pareto front of {named}: {len(front):,} candidates")
    print_rows([_row(evaluated, result) for evaluated in front])
    if front:
        worst = ", ".join(f"{g.name}={v:.6g}" for g, v in zip(goals, reference, strict=True))
        print(f"hypervolume {volume:.6g} from the worst evaluated, {worst}")


def _row(evaluated: Evaluated, result: SearchResult) -> dict[str, Any]:
    costs = evaluated.point.costs
    assert isinstance(costs, Costs)
    goals = zip(result.objective.goals, evaluated.values or [], strict=True)
    measured = {**{goal.name: value for goal, value in goals}, **evaluated.numbers}
    return {
        "id": evaluated.candidate_id,
        **{name: value for name, value in measured.items() if name not in costs.as_dict()},
        **_spread(evaluated, result),
        **_shown(evaluated, result),
        "params": costs.params,
        "macs": costs.macs,
        "peak_memory": costs.peak_memory,
    }


def _spread(evaluated: Evaluated, result: SearchResult) -> dict[str, Any]:
    """Return the standard deviation of each goal over the replicates, and their number."""
    spread = evaluated.spread
    if spread is None:
        return {}
    named = zip(result.objective.goals, spread.squares, strict=True)
    deviations = {f"std({g.name})": (s / (spread.replicates - 1)) ** 0.5 for g, s in named}
    return {**deviations, "replicates": spread.replicates}


def _shown(evaluated: Evaluated, result: SearchResult) -> dict[str, Any]:
    """Return the settings of a candidate; the many of an axis that layers have as one text."""
    axes = by_axis(result.family, evaluated.point.settings)
    if len(evaluated.point.settings) <= WIDEST:
        return dict(evaluated.point.settings)
    return {
        axis: " ".join(map(str, value)) if isinstance(value, list) else value
        for axis, value in axes.items()
    }


def main(arguments: Sequence[str]) -> None:
    """Run `dse search` with these words."""
    run_hydra_command("search", SearchConfig, run_search, arguments, record_refused)
