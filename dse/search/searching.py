"""Searches a design space under a budget with an Optuna sampler; every evaluation is stored.

The store is the only state. A search is deterministic given its seed, so a killed one is continued
by running it again: proposals that were evaluated before find their measurements in the store.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import optuna
from sqlalchemy import Engine

from dse.costs import Costs
from dse.search.candidate_pool import Pool, feasible_pool, pool_of_one
from dse.search.evaluation import Job, Outcome, attempted
from dse.search.exact import Best, best_of_costs, goal_of_costs
from dse.search.objective import Objective
from dse.search.proposals import Proposer, SamplerMaker
from dse.search.readiness import check_names, usable_device
from dse.search.recording import Retry, TrialRecorder, means
from dse.search.spread import Spread, spread_of
from dse.search.sweeping import keep_blocks, sweep
from dse.search.workers import Workers, evaluators
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    CostedPoint,
    DesignSpace,
    Family,
    require_feasible,
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A candidate with what came of its evaluation."""

    point: CostedPoint
    candidate_id: int
    values: list[float] | None
    """Of each goal; None where the evaluation failed."""
    numbers: dict[str, float]
    """Everything that was measured."""
    violations: dict[str, float]
    """By how much each limit on a measurement is broken; at most 0 where it is met."""
    error: str | None
    """Why it failed, or one of its replicates did."""
    was_stored: bool
    is_pruned: bool = False
    spread: Spread | None = None
    """How its replicates differ, where there are several."""

    @property
    def is_admitted(self) -> bool:
        """Whether it has values and meets the limits."""
        return self.values is not None and all(v <= 0 for v in self.violations.values())


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How a search is run."""

    trials: int
    """Evaluations in all, those that the store has of the same search included."""
    seed: int = 0
    """Of the networks' weights and the objective's data."""
    devices: str = "cpu"
    """Where evaluations run; `auto` is a GPU where there is one."""
    workers: int = 1
    """Processes that evaluate; 1 without a time limit evaluates in this process."""
    time_limit: float | None = None
    """Seconds an evaluation."""
    pruner: optuna.pruners.BasePruner | None = None
    warm_before: int | None = None
    """Measurements of runs before this one are known from the start; None for none."""
    exact: bool = False
    """Whether a goal that is a sum of costs is worked out, in place of a search."""
    attempts: int = 2
    """How often an evaluation is tried that may pass when it is tried again."""
    retry: Retry = "failed"
    """Which evaluations of earlier runs are repeated, once."""
    any_code: bool = False
    """Whether measurements by other code of the objective are taken for known."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The evaluations of a search in order, and the best of them."""

    evaluations: list[Evaluated]
    objective: Objective
    family: Family
    pool: Pool
    """The distinct candidates that the budget admits."""
    warm: list[Evaluated] = field(default_factory=list)
    """What was known before the search began."""
    solved: Best | None = None
    """The best candidate of the space, where the goal is a sum of costs and was worked out."""
    of_other_code: int = 0
    """Networks that other code of the objective has measured, which are not known here."""

    def finished(self) -> list[Evaluated]:
        """Return what has values and meets all limits, the earlier ones included."""
        return [e for e in (*self.warm, *self.evaluations) if e.is_admitted]

    def best(self, number: int) -> list[Evaluated]:
        """Return the best candidates by the first goal, the cheaper ones first where equal."""

        def rank(evaluated: Evaluated) -> tuple[float, int]:
            costs = evaluated.point.costs
            assert isinstance(costs, Costs)
            return -self.objective.signed(evaluated.values or [])[0], costs.macs

        return sorted(self.finished(), key=rank)[:number]


def search(
    space: DesignSpace,
    budget: Budget,
    objective: Objective,
    make_sampler: SamplerMaker,
    engine: Engine,
    run_id: int,
    settings: SearchSettings,
    report: Callable[[Evaluated], None] = lambda evaluated: None,
    expect: Callable[[int], None] = lambda number: None,
) -> SearchResult:
    """Evaluate candidates that an Optuna sampler proposes, up to `trials` different ones.

    Candidates outside the budget never reach the objective, and none is evaluated twice.

    Args:
        space: the candidates.
        budget: bounds on their costs.
        objective: what to optimise.
        make_sampler: which candidate next; the sampler is seeded by the caller.
        engine: of the store.
        run_id: the run that new rows belong to.
        settings: how many, where and how.
        report: called after each evaluation.
        expect: called once with the number of evaluations to come, before the first.

    Raises:
        DseError: where the grid is empty or nothing meets the budget.
    """
    settings = replace(settings, devices=usable_device(settings.devices))
    check_names(objective)
    if isinstance(space, CallableSpace):
        # Whole networks take long to trace: all are stored, so that another search finds them.
        sweep(space, budget, engine, run_id)
    require_feasible(space, budget)
    solved, pool = None, None
    if settings.exact and isinstance(space, BlockSpace):
        solved = _solved(space, budget, objective)
        pool = None if solved is None else pool_of_one(space, budget, solved.choices)
    if pool is None:
        pool = feasible_pool(space, budget, settings.seed)
    keep_blocks(space, engine)
    proposer = Proposer(
        pool,
        make_sampler,
        [goal.direction for goal in objective.goals],
        settings.seed,
        key_of=lambda choices: space.point(space.grid.settings(choices)).key,
        pruner=settings.pruner,
    )
    recorder = TrialRecorder(
        space,
        objective,
        engine,
        run_id,
        settings.seed,
        settings.devices,
        with_steps=settings.pruner is not None,
        retry=settings.retry,
        any_code=settings.any_code,
    )
    result = SearchResult(
        *([], objective, space.grid.family, pool),
        solved=solved,
        of_other_code=recorder.of_other_code(),
    )
    if settings.warm_before is not None:
        for index, point, id, outcomes in recorder.earlier(pool, settings.warm_before):
            known = _evaluated(objective, point, id, outcomes, was_stored=True)
            proposer.add(index, known.values, known.violations, known.spread)
            result.warm.append(known)
    left = min(settings.trials, len(proposer))
    expect(left)
    with ExitStack() as stack:
        workers = None
        if settings.workers > 1 or settings.time_limit is not None:
            processes = evaluators(settings.workers, settings.time_limit)
            workers = Workers(stack.enter_context(processes), settings.attempts)
        while left:
            number = min(settings.workers, left)
            for evaluated in _batch(number, proposer, recorder, settings, workers):
                result.evaluations.append(evaluated)
                report(evaluated)
            left -= number
    return result


def _solved(space: BlockSpace, budget: Budget, objective: Objective) -> Best | None:
    """Return the best candidate, where it can be worked out."""
    weights = goal_of_costs(objective)
    if weights is None:
        return None
    return best_of_costs(space, budget, weights, objective.goals[0].direction == "maximize")


def _batch(
    number: int,
    proposer: Proposer,
    recorder: TrialRecorder,
    settings: SearchSettings,
    workers: Workers | None,
) -> list[Evaluated]:
    """Ask for candidates, evaluate them, and tell the study in the order of asking."""
    space, objective = recorder.space, recorder.objective
    asked = [proposer.propose() for _ in range(number)]
    points = [space.point(proposer.pool.settings(index)) for _, index in asked]
    ids = [recorder.insert(point) for point in points]
    outcomes = [recorder.known(point) for point in points]
    # A candidate's replicates stand side by side, the first of them first.
    missing = [
        (place, replicate)
        for place, known in enumerate(outcomes)
        for replicate, outcome in enumerate(known)
        if not outcome.is_finished(len(objective.measures))
    ]
    jobs = [
        Job(
            points[place],
            tuple(
                m for m in objective.measures if m.name not in outcomes[place][replicate].numbers
            ),
            settings.devices,
            recorder.seeds[replicate],
            space.grid.family.allow,
        )
        for place, replicate in missing
    ]
    has_pruner = settings.pruner is not None and len(objective.goals) == 1

    def prunes(task: int, step: int, value: float) -> bool:
        place, replicate = missing[task]
        # A study takes one report of a trial for each step.
        if not has_pruner or replicate > 0:
            return False
        trial = asked[place][0]
        trial.report(value, step)
        return trial.should_prune()

    def done(task: int, outcome: Outcome) -> None:
        place, replicate = missing[task]
        recorder.record(points[place], recorder.seeds[replicate], outcome)

    if workers is None:
        found = []
        for task, job in enumerate(jobs):
            found.append(attempted(job, functools.partial(prunes, task), settings.attempts))
            done(task, found[-1])
    else:
        found = workers.run(jobs, prunes, done)
    for (place, replicate), outcome in zip(missing, found, strict=True):
        outcomes[place][replicate] = outcomes[place][replicate].joined(outcome)
    evaluated = []
    for place, (trial, _) in enumerate(asked):
        was_stored = all(place != at for at, _ in missing)
        if was_stored and has_pruner:
            for step, value in enumerate(outcomes[place][0].steps, start=1):
                trial.report(value, step)
        one = _evaluated(objective, points[place], ids[place], outcomes[place], was_stored)
        proposer.tell(trial, one.values, one.violations, one.is_pruned, one.spread)
        evaluated.append(one)
    return evaluated


def _evaluated(
    objective: Objective, point: CostedPoint, id: int, outcomes: Sequence[Outcome], was_stored: bool
) -> Evaluated:
    """Return what came of a candidate: the means over its replicates that were done."""
    done = [outcome for outcome in outcomes if outcome.error is None]
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    values, violations, numbers, spread = None, {}, means(done), None
    if done:
        values, violations = objective.values(numbers), objective.violations(numbers)
        spread = spread_of([objective.values(outcome.flat) for outcome in done])
    is_pruned = any(outcome.is_pruned for outcome in outcomes) and not done
    error = errors[0] if errors else None
    return Evaluated(point, id, values, numbers, violations, error, was_stored, is_pruned, spread)
