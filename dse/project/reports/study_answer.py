"""What a study found: its best candidates, or the front of several goals; known ones count too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dse.dominance import non_dominated
from dse.project.plots import Interval
from dse.project.store_access import asked, goal_value, recorded_trials
from dse.store import StoredStudy

BEST = 5
"""Candidates that are told of a single goal."""
_A_QUESTION = 400
"""Keys of one condition."""


@dataclass(frozen=True)
class FoundCandidate:
    """A candidate that was evaluated, by a study or before it."""

    id: int
    measured: Mapping[str, float]
    """Of the study's goals, by what they measure."""


@dataclass(frozen=True)
class StudyAnswer:
    """The candidates that are the answer, the best first."""

    best: tuple[FoundCandidate, ...]
    number: int
    """Candidates that were evaluated."""


def study_answer(
    url: str, study: StoredStudy, intervals: Mapping[str, Interval], most: int = BEST
) -> StudyAnswer:
    """Return what a study found.

    Args:
        url: of its store.
        study: which.
        intervals: bounds by name; those on what is measured leave candidates out.
        most: candidates of a single goal; of several, all of the front are told.
    """
    goals: Sequence[Mapping[str, Any]] = study.content.get("goals", ())
    found = {each.id: each for each in _evaluated(url, study, goals)}
    within = [each for each in found.values() if _holds(each.measured, intervals)]
    columns = [
        np.array([_sign(goal) * (_value(goal, each) or 0.0) for each in within]) for goal in goals
    ]
    if len(goals) > 1 and within:
        places = sorted(non_dominated(columns).tolist(), key=lambda place: columns[0][place])
    elif within:
        places = np.argsort(columns[0], kind="stable").tolist()[:most]
    else:
        places = []
    return StudyAnswer(tuple(within[place] for place in places), len(found))


def _evaluated(
    url: str, study: StoredStudy, goals: Sequence[Mapping[str, Any]]
) -> Iterator[FoundCandidate]:
    names = list(dict.fromkeys(name for goal in goals for name in goal["weights"]))
    keys = [str(key) for key in study.known]
    for start in range(0, len(keys), _A_QUESTION):
        condition = f"key in ({', '.join(keys[start : start + _A_QUESTION])})"
        for row in asked(url, condition, ["id", *(f"`{name}`" for name in names)]).rows:
            measured = dict(zip(names, [*row.values()][1:], strict=True))
            if all(value is not None for value in measured.values()):
                yield FoundCandidate(int(row["id"]), measured)
    for row in recorded_trials(study.id, url).rows:
        if row["id"] is not None and all(goal_value(row, goal) is not None for goal in goals):
            yield FoundCandidate(int(row["id"]), {name: row[name] for name in names})


def _value(goal: Mapping[str, Any], found: FoundCandidate) -> float:
    return float(sum(weight * found.measured[name] for name, weight in goal["weights"].items()))


def _sign(goal: Mapping[str, Any]) -> int:
    return -1 if goal["direction"] == "maximize" else 1


def _holds(measured: Mapping[str, float], intervals: Mapping[str, Interval]) -> bool:
    return all(
        (low is None or measured[name] >= low) and (high is None or measured[name] <= high)
        for name, (low, high) in intervals.items()
        if name in measured
    )
