"""What a store holds that may tell something of a search's candidates before any is evaluated.

It is read once, as a study begins, and kept with the study: whoever goes on with that, or takes
part in it, has the same hints, however the store has grown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.errors import DseError
from dse.search.evaluations import TrialRecorder
from dse.search.objectives import cost_of
from dse.search.pools import Pool
from dse.search.samplers import EarlierTask, earlier_hint
from dse.store import EarlierNumber, canonical_json, earlier_numbers, means_by_key

Floats = NDArray[np.float64]

HINTS_READ = "hints_read"
"""The key of a study's content under which stands what was read."""

FEWEST = 5
"""Measurements of other candidates from which on they tell something."""

MOST = 1000
"""Measurements of other candidates in one context that a study keeps: the last ones."""

TASKS = 8
"""Groups of such measurements that a study keeps for each measure: the largest ones."""


@dataclass(frozen=True)
class WantedHints:
    """What is asked for."""

    names: tuple[str, ...] = ()
    """Measurements of the candidates themselves."""
    is_warm: bool = False
    """Whether what was measured of other candidates counts, or in other contexts."""
    read: Mapping[str, Any] | None = None
    """What another study read, in place of what the store has by now."""

    def __bool__(self) -> bool:
        return bool(self.names or self.is_warm)


@dataclass(frozen=True)
class Hint:
    """A number that may tell something of each candidate."""

    what: str
    """The measurement that it is, or that it is predicted from."""
    measured: int
    """Networks of which that was measured."""
    is_earlier: bool
    """Whether these are other candidates, or it was measured in another context."""
    values: Floats
    """Of shape (candidates,), NaN where unknown."""


def read_hints(recorder: TrialRecorder, pool: Pool, wanted: WantedHints) -> dict[str, Any]:
    """Return what the store holds by now of what is asked for, as plain values.

    Raises:
        DseError: for a measurement that none of the candidates has.
    """
    if wanted.read is not None:
        return dict(wanted.read)
    tasks = _tasks(recorder, pool) if wanted.is_warm else []
    measured = [_measured(recorder, pool, name) for name in dict.fromkeys(wanted.names)]
    return {"measured": measured, "tasks": tasks}


def _measured(recorder: TrialRecorder, pool: Pool, name: str) -> dict[str, Any]:
    family, own = recorder.space.grid.family.name, recorder.contexts.get(name)
    found = means_by_key(recorder.engine, family, name, own, recorder.any_code)
    pairs = zip(pool.keys.tolist(), pool.network_keys.tolist(), strict=True)
    values = {key: found[network] for key, network in pairs if network in found}
    if not values:
        raise DseError(
            f"hints: {name} was measured of none of the {len(pool):,} candidates; "
            "a search by it measures some"
        )
    return {"what": name, "keys": list(values), "values": list(values.values())}


def _tasks(recorder: TrialRecorder, pool: Pool) -> list[dict[str, Any]]:
    """Return what was measured of other candidates, by what makes numbers comparable."""
    space, found = recorder.space, []
    for measure in recorder.objective.measures:
        if cost_of(measure.function, measure.options) is not None:
            continue
        numbers = earlier_numbers(
            recorder.engine,
            space.grid.family.name,
            measure.name,
            (set(pool.network_keys.tolist()), recorder.contexts[measure.name]),
            space.conditions.stated,
            MOST,
            recorder.any_code,
        )
        groups = sorted(_grouped(numbers, pool).values(), key=len, reverse=True)[:TASKS]
        found += [_task(measure.name, some, pool) for some in groups if len(some) >= FEWEST]
    return found


def _grouped(numbers: Iterable[EarlierNumber], pool: Pool) -> dict[str, list[EarlierNumber]]:
    """Return numbers by context, conditions and the settings that the pool does not vary."""
    columns = {*pool.columns}
    groups: dict[str, list[EarlierNumber]] = {}
    for one in numbers:
        fixed = {name: value for name, value in one.settings.items() if name not in columns}
        same = canonical_json({"group": one.group, "conditions": one.conditions, "settings": fixed})
        groups.setdefault(same, []).append(one)
    return groups


def _task(what: str, numbers: Sequence[EarlierNumber], pool: Pool) -> dict[str, Any]:
    columns = [c for c in pool.columns if all(c in each.settings for each in numbers)]
    costs = [name for name in pool.costs if all(name in each.costs for each in numbers)]
    return {
        "what": what,
        "columns": columns,
        "costs": costs,
        "settings": [[each.settings[column] for column in columns] for each in numbers],
        "known": [[each.costs[name] for name in costs] for each in numbers],
        "values": [each.value for each in numbers],
    }


def hints_of(read: Mapping[str, Any], pool: Pool) -> list[Hint]:
    """Return the hints that follow from what a study read.

    Args:
        read: as `read_hints` returns it.
        pool: the candidates; their order is of no matter.
    """
    measured = [_as_measured(each, pool) for each in read.get("measured", ())]
    tasks = [_as_predicted(each, pool) for each in read.get("tasks", ())]
    return [*measured, *filter(None, tasks)]


def _as_measured(read: Mapping[str, Any], pool: Pool) -> Hint:
    values = np.full(len(pool), np.nan)
    found = 0
    for key, value in zip(read["keys"], read["values"], strict=True):
        if key in pool.index_of_key:
            values[pool.index_of_key[key]] = value
            found += 1
    return Hint(str(read["what"]), found, False, values)


def _as_predicted(read: Mapping[str, Any], pool: Pool) -> Hint | None:
    columns = [str(column) for column in read["columns"]]
    costs = [str(name) for name in read["costs"] if name in pool.costs]
    if not columns and not costs:
        return None
    places = [read["costs"].index(name) for name in costs]
    known = np.array(read["known"], dtype=np.float64).reshape(len(read["values"]), -1)
    of_pool = [pool.costs[name].astype(np.float64) for name in costs]
    task = EarlierTask(
        [dict(zip(columns, settings, strict=True)) for settings in read["settings"]],
        known[:, places],
        np.array(read["values"], dtype=np.float64),
    )
    matrix = np.stack(of_pool, axis=1) if of_pool else np.zeros((len(pool), 0))
    predicted = earlier_hint(task, pool.candidates, matrix)
    return Hint(str(read["what"]), len(task.values), True, predicted)


def hint_matrix(hints: Sequence[Hint]) -> Floats | None:
    """Return hints side by side, of shape (candidates, hints); None where there are none."""
    return np.stack([each.values for each in hints], axis=1) if hints else None
