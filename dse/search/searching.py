"""Searches a design space under a budget with an Optuna sampler; every evaluation is stored.

The store is the only state, and what all processes of a search share: its study. A search that was
killed goes on when it is run again, and one that runs at the moment is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import optuna
from sqlalchemy import Engine

from dse.costs import Costs
from dse.errors import DseError
from dse.execution import Executor, LocalExecutor
from dse.search.candidate_pool import Pool, feasible_pool, pool_of_one
from dse.search.evaluation import Outcome
from dse.search.exact import Best, best_of_costs, goal_of_costs
from dse.search.objective import Objective
from dse.search.participation import Participant
from dse.search.proposals import Proposer, SamplerMaker, SeenTrial
from dse.search.readiness import check_names, with_usable_devices
from dse.search.recording import Retry, TrialRecorder, pool_point
from dse.search.spread import Spread
from dse.search.study_trials import StudyTrials
from dse.search.study_view import StudyView
from dse.search.sweeping import keep_blocks, sweep
from dse.search.table_sweep import scope_of
from dse.search.trackers import StudyTracker, Trackers
from dse.search.tracking import tracked_study, tracked_trial
from dse.search.verdict import TrialVerdict, verdict_of
from dse.search.workers import Evaluator, InProcesses, InThisProcess, evaluators
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    CostedPoint,
    DesignSpace,
    Family,
    require_feasible,
)
from dse.store import (
    StoredStudy,
    StoredTrial,
    canonical_json,
    enter_study,
    find_study,
    hashed,
    join_study,
)

Order = Literal["free", "fixed"]
"""When a proposal is made: at once where a worker is free, or in batches that know the same."""

REPEATED: Mapping[Retry, tuple[str, ...]] = {
    "failed": ("failed",),
    "never": (),
    "all": ("failed", "done", "pruned"),
}
"""The states of trials that are opened again by whoever goes on with a study alone."""


@dataclass(frozen=True, slots=True)
class StudyTerms:
    """What two processes of one study have in common."""

    content: Mapping[str, Any]
    """Plain values: the space, the budget, the objective, the sampler and the seed."""
    joins: int | None = None
    """The id of a study that there has to be."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A candidate with what came of its evaluation."""

    point: CostedPoint
    candidate_id: int
    values: list[float] | None
    """Of each goal; None where the evaluation failed."""
    numbers: Mapping[str, float]
    """Everything that was measured."""
    violations: Mapping[str, float]
    """By how much each limit on a measurement is broken; at most 0 where it is met."""
    error: str | None
    """Why it failed, or one of its replicates did."""
    was_stored: bool
    is_pruned: bool = False
    spread: Spread | None = None
    """How its replicates differ, where there are several."""

    @property
    def verdict(self) -> TrialVerdict:
        """What came of it."""
        told = (self.values, self.numbers, self.violations, self.error, self.is_pruned, self.spread)
        return TrialVerdict(*told)

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
    executor: Executor = field(default_factory=LocalExecutor)
    """Where evaluations run."""
    workers: int | None = None
    """Evaluations at once; one without a time limit on this machine runs in this process."""
    time_limit: float | None = None
    """Seconds an evaluation."""
    pruner: optuna.pruners.BasePruner | None = None
    checkpoints: Path | None = None
    """A directory for the states of evaluations that are cut short, and go on later."""
    order: Order = "free"
    lease: float = 60.0
    """Seconds without a sign of life after which others take over what a process has claimed."""
    exact: bool = False
    """Whether a goal that is a sum of costs is worked out, in place of a search."""
    attempts: int = 2
    """How often an evaluation is tried that may pass when it is tried again."""
    retry: Retry = "failed"
    """Which evaluations of earlier runs are repeated, once."""
    any_code: bool = False
    """Whether measurements by other code of the objective are taken for known."""
    trackers: tuple[StudyTracker, ...] = ()
    """Told of the trials as they begin and end."""


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
    study: int = 0
    """The id of the study."""
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
    terms: StudyTerms,
    settings: SearchSettings,
    report: Callable[[int], None] = lambda number: None,
    expect: Callable[[int], None] = lambda number: None,
) -> SearchResult:
    """Evaluate candidates that an Optuna sampler proposes, up to `trials` different ones.

    Candidates outside the budget never reach the objective, and none is evaluated twice. Whoever
    searches on the same terms at the same time takes part in the same study.

    Args:
        space: the candidates.
        budget: bounds on their costs.
        objective: what to optimise.
        make_sampler: which candidate next.
        engine: of the store.
        run_id: the run that new rows belong to.
        terms: of the study.
        settings: how many, where and how.
        report: called with the number of trials that ended since its last call.
        expect: called once with the number of trials that there will be, before the first.

    Raises:
        DseError: where the grid is empty or nothing meets the budget.
    """
    executor = with_usable_devices(settings.executor)
    number = settings.workers or executor.places(None)
    batch = number if settings.order == "fixed" else None
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
    recorder = TrialRecorder(
        space,
        objective,
        engine,
        run_id,
        settings.seed,
        executor.device_kind,
        with_steps=settings.pruner is not None,
        retry=settings.retry,
        any_code=settings.any_code,
    )
    recorder.prepare()
    study = _entered(terms, recorder, pool, settings, batch)
    held = [key for key in study.known if key in pool.index_of_key]
    of_each = {key: recorder.known(pool_point(space, pool, key)) for key in held}
    # Some may have been forgotten since.
    known = {key: verdict_of(objective, of) for key, of in of_each.items() if recorder.has_all(of)}
    trackers = Trackers(settings.trackers)
    trackers.begin(tracked_study(study.id, study.name, objective, pool, study.content))
    proposer = Proposer(
        pool,
        make_sampler,
        [goal.direction for goal in objective.goals],
        settings.seed,
        key_of=lambda choices: space.point(space.grid.settings(choices)).key,
        pruner=settings.pruner,
        name=study.name,
    )
    has_pruner = settings.pruner is not None and len(objective.goals) == 1
    trials = StudyTrials(engine, study.id, batch, has_pruner)
    most = min(study.trials if terms.joins is not None else settings.trials, len(pool) - len(known))
    expect(most)
    again = () if terms.joins is not None else REPEATED[settings.retry]
    worker = join_study(engine, study.id, run_id, settings.lease, again, settings.attempts)
    before = [
        SeenTrial(pool.index_of_key[key], verdict, place - len(known))
        for place, (key, verdict) in enumerate(known.items())
    ]
    participant = Participant(
        worker,
        StudyView(trials, before, pool, objective),
        proposer,
        recorder,
        settings.attempts,
        most,
        has_pruner,
        lambda ended: report(len(ended)),
        trackers if settings.trackers else None,
        _checkpoints(settings, study),
    )
    of_other_code = recorder.of_other_code()
    with ExitStack() as stack:
        stack.callback(trackers.end)
        stack.callback(participant.leave)
        at_first = participant.look()
        if settings.trackers:
            _track_earlier(trackers, recorder, pool, known, trials)
        evaluator: Evaluator
        if isinstance(executor, LocalExecutor) and number == 1 and settings.time_limit is None:
            evaluator = InThisProcess(executor.devices[0])
        else:
            elsewhere = evaluators(executor, number, settings.time_limit, space.grid.family.allow)
            evaluator = InProcesses(stack.enter_context(elsewhere))
        participant.work(evaluator)
    ids = recorder.ids()

    def evaluated(key: int, verdict: TrialVerdict, was_stored: bool) -> Evaluated:
        return _evaluated(pool_point(space, pool, key), ids.get(key, 0), verdict, was_stored)

    return SearchResult(
        [
            evaluated(
                each.key,
                verdict_of(objective, [Outcome.of(one) for one in each.outcomes]),
                _was_stored(each, at_first),
            )
            for each in trials.trials[:most]
        ],
        objective,
        space.grid.family,
        pool,
        [evaluated(key, verdict, was_stored=True) for key, verdict in known.items()],
        solved,
        study.id,
        of_other_code,
    )


def _entered(
    terms: StudyTerms,
    recorder: TrialRecorder,
    pool: Pool,
    settings: SearchSettings,
    batch: int | None,
) -> StoredStudy:
    """Return the study of the terms, which is made if there is none.

    Numbers by other code are of another study, as they must not be mixed up.

    Raises:
        DseError: where a study is to be joined that was made on other terms, or by other code.
    """
    space, engine = recorder.space, recorder.engine
    objective = recorder.objective
    goals = [asdict(goal) | {"weights": dict(goal.weights)} for goal in objective.goals]
    content = {**terms.content, "order": settings.order, "goals": goals}
    if batch is not None:
        content["workers"] = batch
    contexts = recorder.contexts.values()
    made_by = [each.meaning if settings.any_code else each.digest for each in contexts]
    # Of the objective's options counts what the contexts say: not where its data lie.
    same = {**content, "objective": objective.replicates}
    digest = hashed([canonical_json(same), scope_of(space).digest, *made_by])
    if terms.joins is not None:
        there = find_study(engine, terms.joins)
        if there.digest != digest:
            raise DseError(
                f"study {there.id} was begun by other code, or on another device; "
                f"'dse rerun {there.run_id}' begins one by the code that is here"
            )
        return there
    known = recorder.measured_before(pool)
    family = space.grid.family.name
    return enter_study(
        *(engine, digest, f"{family}: {recorder.objective.name}", family, content, known),
        trials=settings.trials,
        run_id=recorder.run_id,
    )


def _track_earlier(
    trackers: Trackers,
    recorder: TrialRecorder,
    pool: Pool,
    known: Mapping[int, TrialVerdict],
    trials: StudyTrials,
) -> None:
    """Tell what was there before this process; trackers leave what they hold as it is."""
    ids, space, objective = recorder.ids(), recorder.space, recorder.objective
    told = [
        tracked_trial(pool_point(space, pool, key), ids.get(key, 0), None, verdict)
        for key, verdict in known.items()
    ]
    for each in trials.trials:
        if each.has_ended:
            verdict = verdict_of(objective, [Outcome.of(one) for one in each.outcomes])
            point = pool_point(space, pool, each.key)
            told.append(tracked_trial(point, ids.get(each.key, 0), each, verdict))
    for trial in told:
        trackers.tell(lambda each, trial=trial: each.trial_ended(trial))  # type: ignore[misc]


def _checkpoints(settings: SearchSettings, study: StoredStudy) -> Path | None:
    """Return where the states of a study are; only a pruner that compares rungs lets some go on."""
    if settings.checkpoints is None:
        return None
    return settings.checkpoints.absolute() / f"{study.digest:016x}"


def _was_stored(trial: StoredTrial, at_first: int) -> bool:
    """Return whether what came of a trial was there before, and nothing was evaluated for it."""
    if trial.ended is not None and trial.ended <= at_first:
        return True
    return any(one.get("known") for one in trial.outcomes)


def _solved(space: BlockSpace, budget: Budget, objective: Objective) -> Best | None:
    """Return the best candidate, where it can be worked out."""
    weights = goal_of_costs(objective)
    if weights is None:
        return None
    return best_of_costs(space, budget, weights, objective.goals[0].direction == "maximize")


def _evaluated(point: CostedPoint, id: int, verdict: TrialVerdict, was_stored: bool) -> Evaluated:
    return Evaluated(
        point,
        id,
        verdict.values,
        verdict.numbers,
        verdict.violations,
        verdict.error,
        was_stored,
        verdict.is_pruned,
        verdict.spread,
    )
