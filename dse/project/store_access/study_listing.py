"""Studies of a store: which there are, how far they are, and what each of their trials was."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.store import (
    find_study,
    open_for_reading,
    read_studies,
    read_trials,
    registered_families,
    seconds_between,
    trusted,
)

if TYPE_CHECKING:
    from dse.project.requests import SearchRequest

_OF_TRIALS = ("number", "state", "attempt", "host", "process", "run", "device", "id")
"""The columns of a trial before its settings."""


@dataclasses.dataclass(frozen=True)
class Trials:
    """The trials of a study in order."""

    rows: list[dict[str, Any]]
    settings: tuple[str, ...]
    """The columns that hold settings of candidates, and of their training."""


def recorded_studies(url: str) -> list[dict[str, Any]]:
    """Return every study of a store with how far it is, the latest first."""
    return read_studies(open_for_reading(url))


def recorded_study(id: int, url: str) -> dict[str, Any]:
    """Return one study with how far it is, and the best that it has found.

    Raises:
        DseError: for an id that the store does not hold.
    """
    engine = open_for_reading(url)
    find_study(engine, id)
    row = next(row for row in read_studies(engine) if row["id"] == id)
    ended = [each for each in recorded_trials(id, url).rows if each["ended"] is not None]
    last = max(ended, key=lambda each: each["ended"], default={})
    return row | {"best": last.get("best")}


def recorded_trials(id: int, url: str) -> Trials:
    """Return every trial of a study in order: who evaluates it where, what came, and the best yet.

    The best is that of the first goal among what ended no later, so that the rows by their
    `finished` are the trajectory of the study.

    Raises:
        DseError: for an id that the store does not hold.
    """
    engine = open_for_reading(url)
    study = find_study(engine, id)
    found = read_trials(engine, id)
    order = registered_families(engine).get(study.family, {})
    with trusted(engine):
        named = dict.fromkeys(name for row in found for name in row["settings"])
        settings = [name for name in order if name in named]
        rows = [_trial(row, settings) for row in found]
        goals: Sequence[Mapping[str, Any]] = study.content.get("goals", ())
        if goals:
            _add_best(rows, goals[0])
    trained = (name for row in found for name in json.loads(row["training"]))
    return Trials(rows, tuple(dict.fromkeys((*settings, *named, *trained))))


def _trial(row: Mapping[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """Return a trial with all settings that some trial has, in the order of the family's axes."""
    outcomes = row["outcomes"] or []
    seconds = None
    if row["started"] is not None and row["finished"] is not None:
        seconds = seconds_between(row["started"], row["finished"])
    return {
        **{name: row[name] for name in _OF_TRIALS},
        **dict.fromkeys(settings),
        **row["settings"],
        **json.loads(row["training"]),
        **_means(outcomes),
        **{name: row[name] for name in ("claimed", "started", "finished")},
        "seconds": seconds,
        "error": row["error"],
        "ended": row["ended"],
    }


def _means(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the mean of each number over the replicates that were done."""
    found: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.get("error") is None:
            for numbers in outcome.get("numbers", {}).values():
                for name, value in numbers.items():
                    found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def _add_best(rows: Iterable[dict[str, Any]], goal: Mapping[str, Any]) -> None:
    """Add to each row that has ended the best value of a goal so far."""
    better = max if goal["direction"] == "maximize" else min
    best: float | None = None
    for row in sorted(rows, key=lambda row: row["ended"] or 0):
        if row["ended"] is None:
            continue
        value = goal_value(row, goal)
        if value is not None:
            best = value if best is None else better(best, value)
        row["best"] = best


def goal_value(row: Mapping[str, Any], goal: Mapping[str, Any]) -> float | None:
    """Return what a trial is worth by a goal; None for one that failed or was cut short.

    Args:
        row: of `recorded_trials`.
        goal: of the content of its study, with the `weights` of what was measured.
    """
    terms = goal["weights"]
    if row["state"] != "done" or any(row.get(name) is None for name in terms):
        return None
    return float(sum(weight * row[name] for name, weight in terms.items()))


def joining_request(
    id: int,
    url: str,
    allow: Iterable[str] = (),
    workers: int | None = None,
    devices: Sequence[str] = (),
    time_limit: float | None = None,
    checkpoints: str | Path | None = None,
    track: Mapping[str, str] | None = None,
) -> SearchRequest:
    """Return the request of a process that takes part in a study.

    Args:
        id: of the study.
        url: of the store that holds it.
        allow: modules of the user's own that it may name; what a store says is not enough.
        workers: evaluations at once; None for one a device that is named.
        devices: on which they run; none for a GPU, if there is any.
        time_limit: seconds that an evaluation may take.
        checkpoints: the directory of the states of evaluations that are cut short; the one that
            all who take part in the study share.
        track: tools that its trials are written to, as in `Project.search`; what a store says is
            not enough.

    Raises:
        DseError: for an unknown study or tool, one by a Python function, or one that needs a module
            which is not allowed.
    """
    from dse.project.requests import SearchRequest, stored_request, tracked_by

    engine = open_for_reading(url)
    study = find_study(engine, id)
    engine.dispose()
    request = stored_request(study.run_id, url, allow)
    assert isinstance(request, SearchRequest), "a study is made by a search"
    return dataclasses.replace(
        request,
        joins=id,
        trials=study.trials,
        # The size of a batch is the study's.
        workers=request.workers if request.order == "fixed" else workers,
        executor={"devices": list(devices) or "auto"},
        time_limit=time_limit,
        checkpoints=None if checkpoints is None else str(checkpoints),
        **tracked_by(track or {}),
    )
