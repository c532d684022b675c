"""What a search writes into the store, and finds there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from dse.search.evaluation import PRUNED, Outcome
from dse.search.objective import Measure, Objective
from dse.search.pool import Pool
from dse.search.sweep import candidate_row
from dse.space import CostedPoint, DesignSpace
from dse.store import (
    candidate_id,
    find_measurement,
    insert_candidates,
    measurements_before,
    record_measurement,
)


@dataclass(frozen=True)
class Recorder:
    """The measurements of one objective in a store."""

    space: DesignSpace
    objective: Objective
    engine: Engine
    run_id: int
    seed: int
    device: str
    with_steps: bool = False
    """Whether what an evaluation reports step by step is kept, as a pruner compares it."""

    def insert(self, point: CostedPoint) -> int:
        """Store a candidate, if it is not yet there, and return its id."""
        row = candidate_row(self.space, point)
        insert_candidates(self.engine, self.run_id, [row])
        id = candidate_id(self.engine, row.family, row.key, row.conditions)
        assert id is not None, "the row was just inserted, or stood there before"
        return id

    def known(self, point: CostedPoint) -> Outcome:
        """Return what the store has of a candidate's measures, up to one that failed or lacks."""
        outcome = Outcome()
        for measure in self.objective.measures:
            found = self._find(point, measure, measure.name)
            if found is None:
                return outcome
            value, error = found
            if value is None:
                outcome.failed, outcome.error = measure.name, error
                outcome.is_pruned = str(error).startswith(PRUNED)
            else:
                outcome.numbers[measure.name] = {
                    measure.name: value,
                    **self._beside(point, measure),
                }
            if self.with_steps:
                outcome.steps.extend(self._steps(point, measure))
            if error is not None:
                return outcome
        return outcome

    def _beside(self, point: CostedPoint, measure: Measure) -> dict[str, float]:
        """Return what the limits and goals want of the other numbers that a measure gave."""
        wanted = {limit.name for limit in self.objective.limits}
        found = {name: self._find(point, measure, name) for name in sorted(wanted - {measure.name})}
        return {name: f[0] for name, f in found.items() if f is not None and f[0] is not None}

    def _steps(self, point: CostedPoint, measure: Measure) -> Iterator[float]:
        step = 1
        while (found := self._find(point, measure, _step(measure.name, step))) is not None:
            if found[0] is not None:
                yield found[0]
            step += 1

    def _find(
        self, point: CostedPoint, measure: Measure, what: str
    ) -> tuple[float | None, str | None] | None:
        context = measure.context(self.seed, self.device)
        family = self.space.grid.family.name
        found = find_measurement(self.engine, family, point.key, what, context)
        return None if found is None else (found.value, found.error)

    def record(self, id: int, outcome: Outcome) -> None:
        """Store what came of measuring a candidate: the numbers, or the error of a measure."""
        for measure in self.objective.measures:
            context = measure.context(self.seed, self.device)
            numbers: dict[str, float | None] = dict(outcome.numbers.get(measure.name, {}))
            error = None
            if outcome.failed == measure.name:
                numbers, error = {measure.name: None}, outcome.error
            elif not numbers:
                continue
            if self.with_steps:
                for step, value in enumerate(outcome.steps, start=1):
                    what = _step(measure.name, step)
                    record_measurement(self.engine, id, what, value, context, self.run_id)
            # The measure's own number comes last: with it, all of them are known to be there.
            for name in sorted(numbers, key=lambda name: name == measure.name):
                seconds = outcome.seconds.get(measure.name)
                record_measurement(
                    self.engine, id, name, numbers[name], context, self.run_id, seconds, error
                )

    def earlier(self, pool: Pool, before: int) -> list[tuple[int, CostedPoint, int, Outcome]]:
        """Return the pool's candidates of which runs before one measured everything."""
        family = self.space.grid.family.name
        keys: set[int] | None = None
        for measure in self.objective.measures:
            context = measure.context(self.seed, self.device)
            found = measurements_before(self.engine, family, measure.name, context, before)
            keys = set(found) if keys is None else keys & set(found)
        known = []
        for index, key in enumerate(pool.keys.tolist()):
            if key in (keys or ()):
                point = self.space.point(pool.settings(index))
                known.append((index, point, self.insert(point), self.known(point)))
        return known


def _step(name: str, step: int) -> str:
    return f"{name}_at_{step}"
