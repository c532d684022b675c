"""Searches a design space under a budget with an Optuna sampler; every evaluation is stored.

The store is the only state, and what all processes of a search share: its study. A search that was
killed goes on when it is run again, and one that runs at the moment is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from operator import methodcaller

from sqlalchemy import Engine

from dse.execution import Executor, LocalExecutor
from dse.search.evaluations import (
    Evaluator,
    InProcesses,
    InThisProcess,
    TrialRecorder,
    TrialVerdict,
    check_names,
    evaluators,
    pool_point,
    verdict_of,
    with_usable_devices,
)
from dse.search.exact_answers import Solved, solved, store_found
from dse.search.objective import Objective
from dse.search.outcomes import Outcome
from dse.search.pools import (
    Pool,
    feasible_pool,
    key_of_trial,
    pool_of_found,
    trial_key,
    varied,
    with_training,
)
from dse.search.proposing import (
    HINTS_READ,
    Proposer,
    SamplerMaker,
    SeenTrial,
    StudyTrials,
    StudyView,
    hint_matrix,
    hints_of,
)
from dse.search.studies import (
    REPEATED,
    Evaluated,
    Participant,
    SearchResult,
    SearchSettings,
    StudyTerms,
    checkpoints_of,
    entered_study,
    tracked_study,
    tracked_trial,
)
from dse.search.sweeps import keep_blocks, sweep
from dse.search.trackers import Trackers
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    DesignSpace,
    Settings,
    require_feasible,
)
from dse.store import StoredStudy, StoredTrial, canonical_json, join_study, trusted


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
    runs_nothing = all(measure.runs_nothing for measure in objective.measures)
    executor = with_usable_devices(settings.executor, runs_nothing)
    number = settings.workers or executor.places(None)
    batch = number if settings.order == "fixed" else None
    trained = [name for each in space.grid.training for name in each.columns()]
    check_names(objective, [*space.grid.family.column_axes, *trained])
    if isinstance(space, CallableSpace):
        # Whole networks take long to trace: all are stored, so that another search finds them.
        sweep(space, budget, engine, run_id)
    require_feasible(space, budget)
    training = varied(space.grid.training, objective)
    pool, found = _pool(space, budget, objective, settings)
    pool = with_training(pool, training, settings.seed)
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
        training_dimensions=training,
    )
    recorder.prepare()
    study = entered_study(terms, recorder, pool, settings, batch, found is not None)
    with trusted(engine):
        hints = hints_of(study.content.get(HINTS_READ, {}), pool)
    pool = replace(pool, hints=hint_matrix(hints))
    known = _known(study, recorder, pool)
    is_whole = terms.joins is not None or found is not None
    most = min(study.trials if is_whole else settings.trials, pool.most - len(known))
    expect(most)
    trackers = Trackers(settings.trackers)
    told = {key: each for key, each in study.content.items() if key != HINTS_READ}
    trackers.begin(tracked_study(study.id, study.name, objective, pool, told))
    has_pruner = settings.pruner is not None and len(objective.goals) == 1
    trials = StudyTrials(engine, study.id, batch, has_pruner)
    again = () if terms.joins is not None else REPEATED[settings.retry]
    participant = Participant(
        join_study(engine, study.id, run_id, settings.lease, again, settings.attempts),
        StudyView(trials, _seen_before(known, pool), pool, objective),
        _proposer(recorder, pool, make_sampler, settings, study.name),
        recorder,
        settings.attempts,
        most,
        has_pruner,
        lambda ended: report(len(ended)),
        trackers if settings.trackers else None,
        checkpoints_of(settings, study),
    )
    of_other_code = recorder.of_other_code()
    with ExitStack() as stack:
        stack.callback(trackers.end)
        stack.callback(participant.leave)
        at_first = participant.look()
        if found is not None:
            store_found(participant.worker, recorder, pool, {*known, *trials.keys})
            participant.look()
        if settings.trackers:
            _track_earlier(trackers, recorder, pool, known, trials)
        participant.work(_evaluator(stack, executor, number, settings, space))
    ids = recorder.ids()

    def evaluated(key: int, verdict: TrialVerdict, was_stored: bool) -> Evaluated:
        point = pool_point(space, pool, key)
        return Evaluated.of(point, ids.get(point.key, 0), verdict, was_stored)

    return SearchResult(
        [
            evaluated(key_of_trial(each), _verdict(each, objective), _was_stored(each, at_first))
            for each in trials.trials[:most]
        ],
        objective,
        space.grid.family,
        pool,
        [evaluated(key, verdict, was_stored=True) for key, verdict in known.items()],
        found,
        study.id,
        of_other_code,
        hints,
    )


def _pool(
    space: DesignSpace, budget: Budget, objective: Objective, settings: SearchSettings
) -> tuple[Pool, Solved | None]:
    """Return the candidates to search, and what could be worked out in place of that."""
    found = solved(space, budget, objective, settings.answers) if settings.exact else None
    if found is None or not isinstance(space, BlockSpace):
        return feasible_pool(space, budget, settings.seed), None
    return pool_of_found(space, budget, found.choices), found


def _known(study: StoredStudy, recorder: TrialRecorder, pool: Pool) -> dict[int, TrialVerdict]:
    """Return what was measured before the study began, by the keys of the networks."""
    held = [key for key in study.known if key in pool.index_of_key]
    of_each = {key: recorder.known(pool_point(recorder.space, pool, key)) for key in held}
    # Some may have been forgotten since.
    whole = {key: outcomes for key, outcomes in of_each.items() if recorder.has_all(outcomes)}
    return {key: verdict_of(recorder.objective, outcomes) for key, outcomes in whole.items()}


def _seen_before(known: Mapping[int, TrialVerdict], pool: Pool) -> list[SeenTrial]:
    return [
        SeenTrial(pool.index_of_key[key], verdict, place - len(known))
        for place, (key, verdict) in enumerate(known.items())
    ]


def _proposer(
    recorder: TrialRecorder,
    pool: Pool,
    make_sampler: SamplerMaker,
    settings: SearchSettings,
    name: str,
) -> Proposer:
    space = recorder.space
    return Proposer(
        pool,
        make_sampler,
        [goal.direction for goal in recorder.objective.goals],
        settings.seed,
        key_of=lambda choices: _key_of(space, pool, choices),
        pruner=settings.pruner,
        name=name,
    )


def _key_of(space: DesignSpace, pool: Pool, choices: Sequence[int]) -> int:
    """Return the key of the candidate at some choices of a pool's dimensions."""
    number = len(space.grid.dimensions)
    training: Settings = {}
    for dimension, choice in zip(pool.dimensions[number:], choices[number:], strict=True):
        training |= dimension.choices[choice]
    network = space.point(space.grid.settings(choices[:number])).key
    return trial_key(network, canonical_json(training))


def _evaluator(
    stack: ExitStack,
    executor: Executor,
    number: int,
    settings: SearchSettings,
    space: DesignSpace,
) -> Evaluator:
    """Return what evaluates: this process, where one at a time of this machine is asked for."""
    if isinstance(executor, LocalExecutor) and number == 1 and settings.time_limit is None:
        return InThisProcess(executor.devices[0])
    elsewhere = evaluators(executor, number, settings.time_limit, space.grid.family.allow)
    return InProcesses(stack.enter_context(elsewhere))


def _verdict(trial: StoredTrial, objective: Objective) -> TrialVerdict:
    return verdict_of(objective, [Outcome.of(one) for one in trial.outcomes])


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
        tracked_trial(point, ids.get(point.key, 0), None, verdict)
        for key, verdict in known.items()
        for point in (pool_point(space, pool, key),)
    ]
    for each in trials.trials:
        if each.has_ended:
            point = pool_point(space, pool, key_of_trial(each))
            told.append(tracked_trial(point, ids.get(each.key, 0), each, _verdict(each, objective)))
    for trial in told:
        trackers.tell(methodcaller("trial_ended", trial))


def _was_stored(trial: StoredTrial, at_first: int) -> bool:
    """Return whether what came of a trial was there before, and nothing was evaluated for it."""
    if trial.ended is not None and trial.ended <= at_first:
        return True
    return any(one.get("known") for one in trial.outcomes)
