"""Searches a design space under a budget with an Optuna sampler; every evaluation is stored.

The store is the only state. A search is deterministic given its seed, so a killed one is continued
by running it again: proposals that were evaluated before find their measurement in the store.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import optuna
import torch
from sqlalchemy import Engine

from dse.search.proposals import Proposer
from dse.search.sweep import candidate_row, sweep
from dse.space import Budget, CostedPoint, DesignSpace, build_network
from dse.store import candidate_id, find_measurement, insert_candidates, record_measurement


@dataclass(frozen=True, slots=True)
class Objective:
    """A scoring function with its options."""

    name: str
    """The name under which its measurements are stored."""
    function: Callable[..., float]
    direction: Literal["maximize", "minimize"] = "maximize"
    options: Mapping[str, Any] = field(default_factory=dict)

    def context(self, seed: int, device: str) -> dict[str, Any]:
        """Return what a measurement depends on besides the candidate."""
        target = f"{self.function.__module__}.{self.function.__qualname__}"
        return {"target": target, "options": dict(self.options), "seed": seed, "device": device}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A candidate with its value, or with the error that its evaluation ended in."""

    point: CostedPoint
    candidate_id: int
    value: float | None
    error: str | None
    was_stored: bool


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The evaluations of a search in order, and the best of them."""

    evaluations: list[Evaluated]
    feasible: int
    """Number of distinct candidates that the budget admits."""
    direction: str

    def best(self, number: int) -> list[Evaluated]:
        """Return the best candidates, best first; equal values in the order of evaluation."""
        sign = -1 if self.direction == "maximize" else 1
        finished = [e for e in self.evaluations if e.value is not None]
        return sorted(finished, key=lambda e: sign * (e.value or 0.0))[:number]


def search(
    space: DesignSpace,
    budget: Budget,
    objective: Objective,
    sampler: optuna.samplers.BaseSampler,
    engine: Engine,
    run_id: int,
    *,
    trials: int,
    seed: int = 0,
    device: str = "cpu",
    report: Callable[[Evaluated], None] = lambda evaluated: None,
) -> SearchResult:
    """Evaluate candidates that an Optuna sampler proposes, up to `trials` different ones.

    Candidates outside the budget never reach the objective, and none is evaluated twice.

    Args:
        space: the candidates.
        budget: bounds on their costs.
        objective: what to optimise.
        sampler: which candidate next; seeded by the caller.
        engine: of the store.
        run_id: the run that new rows belong to.
        trials: evaluations in all, those that the store has already included.
        seed: of the networks' weights and the objective's data.
        device: where networks are evaluated.
        report: called after each evaluation.

    Raises:
        DseError: where the grid is empty or nothing meets the budget.
    """
    if space.grid.family.is_callable:
        # Whole networks take long to trace: all are stored, so that another search finds them.
        sweep(space, budget, engine, run_id)
    space.require_feasible(budget)
    feasible: dict[int, CostedPoint] = {}
    for point in space.feasible(budget):
        feasible.setdefault(point.key, point)
    proposer = Proposer(
        space.grid,
        feasible,
        sampler,
        objective.direction,
        seed,
        key_of=lambda settings: space.point(dict(settings)).key,
    )
    evaluations: list[Evaluated] = []
    for _ in range(min(trials, len(feasible))):
        trial, point = proposer.propose()
        evaluated = _evaluate(space, point, objective, engine, run_id, seed, device)
        proposer.tell(trial, evaluated.value)
        evaluations.append(evaluated)
        report(evaluated)
    return SearchResult(evaluations, len(feasible), objective.direction)


def _evaluate(
    space: DesignSpace,
    point: CostedPoint,
    objective: Objective,
    engine: Engine,
    run_id: int,
    seed: int,
    device: str,
) -> Evaluated:
    """Return the stored measurement of a candidate, or evaluate it and store that."""
    row = candidate_row(space, point)
    insert_candidates(engine, run_id, [row])
    id = candidate_id(engine, row.family, row.key, row.conditions)
    assert id is not None, "the row was just inserted, or stood there before"
    context = objective.context(seed, device)
    known = find_measurement(engine, row.family, row.key, objective.name, context)
    if known is not None:
        return Evaluated(point, id, known.value, known.error, was_stored=True)
    started = time.perf_counter()
    value, error = _run(space, point, objective, seed, device)
    seconds = time.perf_counter() - started
    record_measurement(engine, id, objective.name, value, context, run_id, seconds, error)
    return Evaluated(point, id, value, error, was_stored=False)


def _run(
    space: DesignSpace, point: CostedPoint, objective: Objective, seed: int, device: str
) -> tuple[float | None, str | None]:
    assert point.candidate is not None
    wanted = inspect.signature(objective.function).parameters
    given: dict[str, Any] = {"candidate": point, "device": device, "seed": seed}
    arguments = {name: value for name, value in given.items() if name in wanted}
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if "module" in wanted:
                arguments["module"] = build_network(point.candidate, space.blocks).to(device)
            value = float(objective.function(**arguments, **objective.options))
    except Exception as error:  # noqa: BLE001  an objective is anybody's code; the search goes on
        return None, f"{type(error).__name__}: {error}"
    if not math.isfinite(value):
        return None, f"the objective returned {value}"
    return value, None
