"""From a study of this package to what trackers are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.costs import Costs
from dse.search.evaluations import TrialVerdict
from dse.search.objective import Objective
from dse.search.pools import Pool, trial_key
from dse.search.trackers import TrackedStudy, TrackedTrial
from dse.space import CostedPoint
from dse.store import StoredTrial, canonical_json, local_moment


def tracked_study(
    id: int, name: str, objective: Objective, pool: Pool, config: Mapping[str, Any]
) -> TrackedStudy:
    """Return what trackers are told of a study."""
    axes: dict[str, dict[Any, None]] = {}
    for dimension in pool.dimensions:
        for choice in dimension.choices:
            for column, value in choice.items():
                axes.setdefault(column, {})[value] = None
    goals = {goal.name: str(goal.direction) for goal in objective.goals}
    return TrackedStudy(id, name, goals, {name: list(each) for name, each in axes.items()}, config)


def tracked_trial(
    point: CostedPoint,
    id: int,
    trial: StoredTrial | None = None,
    verdict: TrialVerdict | None = None,
    steps: Mapping[int, float] | None = None,
) -> TrackedTrial:
    """Return what trackers are told of a trial.

    Args:
        point: its candidate.
        id: of the candidate in the store.
        trial: the trial; None for what was measured before the study began.
        verdict: what came of it; None while it runs.
        steps: what it reported.
    """
    costs = point.costs.as_dict() if isinstance(point.costs, Costs) else {}
    known = {name: value for name, value in costs.items() if value is not None}
    told = verdict or TrialVerdict()
    return TrackedTrial(
        number=None if trial is None else trial.number,
        key=trial_key(point.key, canonical_json(point.training)),
        id=id,
        settings={**point.settings, **point.training},
        costs=known,
        attempt=1 if trial is None else trial.attempt,
        state="running" if verdict is None else verdict.state,
        started=None if trial is None else local_moment(trial.started or trial.claimed),
        finished=None if trial is None else local_moment(trial.finished),
        values=told.values,
        numbers=told.numbers,
        violations=told.violations,
        steps=steps or {},
        error=told.error,
    )
