"""How a search is run, and which study of the store it takes part in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import optuna

from dse.errors import DseError
from dse.execution import Executor, LocalExecutor
from dse.search.evaluations import Retry, TrialRecorder
from dse.search.exact_answers import Answers
from dse.search.pools import Pool, scope_of
from dse.search.proposing import HINTS_READ, WantedHints, read_hints
from dse.search.trackers import StudyTracker
from dse.store import StoredStudy, canonical_json, enter_study, find_study, hashed, study_of_digest

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
    """Whether goals over costs are worked out, in place of a search."""
    answers: Answers = field(default_factory=Answers)
    """What is asked of a goal that is worked out."""
    attempts: int = 2
    """How often an evaluation is tried that may pass when it is tried again."""
    retry: Retry = "failed"
    """Which evaluations of earlier runs are repeated, once."""
    any_code: bool = False
    """Whether measurements by other code of the objective are taken for known."""
    trackers: tuple[StudyTracker, ...] = ()
    """Told of the trials as they begin and end."""
    hints: WantedHints = field(default_factory=WantedHints)
    """What of the store the sampler is told of the candidates."""


def entered_study(
    terms: StudyTerms,
    recorder: TrialRecorder,
    pool: Pool,
    settings: SearchSettings,
    batch: int | None,
    is_solved: bool,
) -> StoredStudy:
    """Return the study of the terms, which is made if there is none.

    Numbers by other code are of another study, as they must not be mixed up.

    Raises:
        DseError: where a study is to be joined that was made on other terms, or by other code, and
            for a hint that none of the candidates has.
    """
    space, engine = recorder.space, recorder.engine
    objective = recorder.objective
    goals = [asdict(goal) | {"weights": dict(goal.weights)} for goal in objective.goals]
    content = {**terms.content, "order": settings.order, "goals": goals}
    if batch is not None:
        content["workers"] = batch
    if is_solved:
        content["answers"] = settings.answers.plain(objective)
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
    if settings.hints and not is_solved and study_of_digest(engine, digest) is None:
        # Whoever comes later finds them with the study.
        content[HINTS_READ] = read_hints(recorder, pool, settings.hints)
    known = recorder.measured_before(pool)
    family = space.grid.family.name
    return enter_study(
        *(engine, digest, f"{family}: {recorder.objective.name}", family, content, known),
        trials=max(settings.trials, len(pool)) if is_solved else settings.trials,
        run_id=recorder.run_id,
    )


def checkpoints_of(settings: SearchSettings, study: StoredStudy) -> Path | None:
    """Return the directory for the states of a study's evaluations, if there is to be one."""
    if settings.checkpoints is None:
        return None
    return settings.checkpoints.absolute() / f"{study.digest:016x}"
