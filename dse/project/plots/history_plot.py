"""How studies got better, evaluation by evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dse.costs import COSTS, Unit, unit_of
from dse.errors import DseError
from dse.project.store_access import StoreReader, goal_value, recorded_studies, recorded_trials
from dse.report import SearchHistory, history_figure
from dse.store import find_study, open_for_reading

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST_SETTINGS = 8


@dataclass(frozen=True)
class StudyHistories:
    """What the evaluations of studies of one goal were worth."""

    histories: tuple[SearchHistory, ...]
    goal: str
    is_least: bool
    unit: Unit | None


def plot_history(
    project: StoreReader,
    studies: int | Sequence[int] = (),
    *,
    mean: bool = False,
    title: str = "",
) -> Figure:
    """Draw the best value of the first goal that studies have found after so many evaluations.

    Args:
        project: whose studies they are.
        studies: their ids; all that are of the latest one's goal unless some are named.
        mean: draw the mean of the studies with its spread in place of a curve for each.
        title: above the picture.

    Raises:
        DseError: for an unknown study, studies of different goals, and where none has ended an
            evaluation.
    """
    found = study_histories(project, studies)
    return history_figure(
        found.histories, found.goal, found.is_least, found.unit, mean=mean, title=title
    )


def study_histories(project: StoreReader, studies: int | Sequence[int] = ()) -> StudyHistories:
    """Return what `plot_history` draws."""
    ids = [studies] if isinstance(studies, int) else list(dict.fromkeys(studies))
    are_named = bool(ids)
    if not ids:
        ids = [int(row["id"]) for row in recorded_studies(project.url)][::-1]
        if not ids:
            raise DseError("the store holds no study; 'dse search' makes one")
    goals = {id: _goal(project.url, id) for id in ids}
    goal = goals[ids[-1]]
    other = [id for id in ids if _meaning(goals[id]) != _meaning(goal)]
    if other and are_named:
        told = ", ".join(str(goals[id]["name"]) for id in (other[0], ids[-1]))
        raise DseError(f"studies {other[0]} and {ids[-1]} are of different goals: {told}")
    histories = tuple(_history(project.url, id, goal) for id in ids if id not in other)
    if not any(len(each.values) for each in histories):
        raise DseError("no evaluation of these studies has ended, so that there is nothing to draw")
    name = str(goal["name"])
    is_cost = name in COSTS and dict(goal["weights"]) == {name: 1}
    return StudyHistories(
        histories, name, goal["direction"] == "minimize", unit_of(name) if is_cost else None
    )


def _goal(url: str, id: int) -> Mapping[str, Any]:
    engine = open_for_reading(url)
    goals = find_study(engine, id).content.get("goals", ())
    engine.dispose()
    if not goals:
        raise DseError(f"study {id}: it has no goal")
    first: Mapping[str, Any] = goals[0]
    return {"name": " + ".join(first["weights"]), **first}


def _meaning(goal: Mapping[str, Any]) -> tuple[Any, ...]:
    return goal["direction"], tuple(sorted(goal["weights"].items()))


def _history(url: str, id: int, goal: Mapping[str, Any]) -> SearchHistory:
    trials = recorded_trials(id, url)
    ended = [row for row in trials.rows if row["ended"] is not None]
    ended.sort(key=lambda row: row["ended"])
    values = [goal_value(row, goal) for row in ended]
    hovers = tuple(_told(row, trials.settings, goal) for row in ended)
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return SearchHistory(f"study {id}", numbers, hovers)


def _told(row: Mapping[str, Any], settings: Sequence[str], goal: Mapping[str, Any]) -> str:
    """Return what to tell of a trial, in a line of plain text."""
    shown = [f"{name} {row[name]}" for name in settings if row.get(name) is not None]
    numbers = [f"{name} {row[name]:.6g}" for name in goal["weights"] if row.get(name) is not None]
    error = [f"error: {row['error']}"] if row.get("error") else []
    return ", ".join(
        [f"trial {row['number']} ({row['state']})", *numbers, *shown[:_MOST_SETTINGS], *error]
    )
