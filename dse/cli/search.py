"""`dse search`: the best candidates under a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from omegaconf import DictConfig

from dse.cli.conditions import CostConfig
from dse.cli.exploration import describe_grid, read_space, recorded_run, require_feasible
from dse.cli.hydra_app import choice_of, plain, run_hydra_command
from dse.cli.output import print_rows
from dse.cli.progress import noting, progress
from dse.costs import Costs
from dse.errors import DseError, nearest
from dse.search.search import Evaluated, Objective, SearchResult, search
from dse.space.targets import check_arguments, find_target

OBJECTIVES = ("dse.search",)
SAMPLERS = ("optuna.samplers",)
"""Modules whose callables any config may name for the purpose."""


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
    allow: list[str] = field(default_factory=list)


def run_search(config: DictConfig, command: str) -> None:
    """Search the space that a config describes and print the best candidates."""
    values = plain(config)
    if values["trials"] < 1:
        raise DseError(f"trials: {values['trials']} is not positive")
    objective = read_objective(choice_of("objective"), values["objective"], values["allow"])
    sampler = read_sampler(values["sampler"], values["seed"], values["allow"])
    space, budget = read_space(values)
    require_feasible(space, budget)
    print(describe_grid(space), flush=True)
    with (
        recorded_run(values, space, command) as (engine, run_id),
        progress("search", values["trials"], "trials") as advance,
    ):
        noted = noting(engine, run_id, values["trials"], advance)
        result = search(
            space,
            budget,
            objective,
            sampler,
            engine,
            run_id,
            trials=values["trials"],
            seed=values["seed"],
            device=values["device"],
            report=lambda evaluated: noted(1),
        )
    _print_result(result, objective, values, str(budget))


def read_objective(name: str, content: Mapping[str, Any], allow: Sequence[str]) -> Objective:
    """Return the objective that a config describes: `_target_`, `direction` and its options.

    Raises:
        DseError: for a target that is not allowed, or an option that it does not take.
    """
    options = {str(key): value for key, value in content.items()}
    function = find_target(options.pop("_target_", None), OBJECTIVES, allow, "objective._target_")
    direction = options.pop("direction", "maximize")
    if direction not in ("maximize", "minimize"):
        hint = nearest(str(direction), ("maximize", "minimize"))
        raise DseError(f"objective.direction: unknown {direction!r}; {hint}")
    check_arguments(function, options, "objective")
    return Objective(name, function, direction, options)


def read_sampler(
    content: Mapping[str, Any], seed: int, allow: Sequence[str]
) -> optuna.samplers.BaseSampler:
    """Return the Optuna sampler that a config describes, seeded.

    Raises:
        DseError: for a target that is not allowed, or an option that it does not take or refuses.
    """
    options = {str(key): value for key, value in content.items()}
    target = find_target(options.pop("_target_", None), SAMPLERS, allow, "sampler._target_")
    check_arguments(target, options, "sampler")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        sampler = target(**options, seed=seed)
    except (TypeError, ValueError) as error:
        raise DseError(f"sampler: {error}") from error
    if not isinstance(sampler, optuna.samplers.BaseSampler):
        raise DseError(f"sampler._target_: {target.__qualname__} is not an Optuna sampler")
    return sampler


def _print_result(
    result: SearchResult, objective: Objective, values: Mapping[str, Any], budget: str
) -> None:
    done = result.evaluations
    stored = sum(evaluated.was_stored for evaluated in done)
    failed = [evaluated for evaluated in done if evaluated.error]
    print(
        f"{result.feasible:,} candidates meet {budget}; {len(done):,} evaluated"
        f" ({stored:,} of them present before, {len(failed):,} failed)"
    )
    if result.feasible < values["trials"]:
        print(f"fewer candidates than trials={values['trials']}: each was evaluated once")
    for evaluated in failed[:3]:
        print(f"  candidate {evaluated.candidate_id} failed: {evaluated.error}")
    best = result.best(values["best"])
    print(f"best by {objective.name} ({objective.direction}):")
    print_rows([_row(evaluated, objective.name) for evaluated in best])
    print(f"stored in {values['store']['url']}; look closer with `dse show ID`")


def _row(evaluated: Evaluated, objective: str) -> dict[str, Any]:
    costs = evaluated.point.costs
    assert isinstance(costs, Costs)
    return {
        "id": evaluated.candidate_id,
        **({} if objective in costs.as_dict() else {objective: evaluated.value}),
        **evaluated.point.settings,
        "params": costs.params,
        "macs": costs.macs,
        "peak_memory": costs.peak_memory,
    }


def main(arguments: Sequence[str]) -> None:
    """Run `dse search` with these words."""
    run_hydra_command("search", SearchConfig, run_search, arguments)
