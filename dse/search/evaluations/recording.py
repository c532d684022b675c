"""What a search writes into the store, and finds there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from sqlalchemy import Connection, Engine

from dse.code import code_of_callable, code_of_function
from dse.language import Value
from dse.search.objective import Measure, Objective
from dse.search.outcomes import Outcome, depends_on_seed
from dse.search.pools import Pool, candidate_row, scope_of
from dse.space import CostedPoint, DesignSpace, Dimension
from dse.store import (
    Context,
    Measurement,
    Replicate,
    candidate_id,
    candidate_ids,
    canonical_json,
    find_replicates,
    known_keys,
    made_place,
    measured_before,
    number_of_other_code,
    prepared_scope,
    put_candidates,
    put_replicates,
    seed_label,
)

Retry = Literal["failed", "never", "all"]
"""What a search does, once, with evaluations that earlier runs have made: it repeats those that
failed, none of them, or all."""

OBJECTIVES = ("dse.search.objectives", "dse.supernet")
"""Within these packages, and what is allowed, the code of an objective is followed."""


@dataclass(frozen=True)
class TrialRecorder:
    """The measurements of one objective in a store."""

    space: DesignSpace
    objective: Objective
    engine: Engine
    run_id: int
    seed: int
    device: str
    with_steps: bool = False
    """Whether what an evaluation reports step by step is kept, as a pruner compares it."""
    retry: Retry = "failed"
    any_code: bool = False
    """Whether numbers of other code of the objective are taken for known."""
    training_dimensions: tuple[Dimension, ...] = ()
    """The settings of training that are varied beside the networks."""

    @property
    def is_larger_better(self) -> bool:
        """Whether the first goal is to be large."""
        return self.objective.goals[0].direction == "maximize"

    @property
    def seeds(self) -> range:
        """The seeds of a candidate's replicates."""
        return range(self.seed, self.seed + self.objective.replicates)

    @cached_property
    def contexts(self) -> Mapping[str, Context]:
        """What each measure's numbers depend on, by its name."""
        # Of several devices of one kind none is another one.
        kind = self.device.partition(":")[0]
        return {measure.name: self._context(measure, kind) for measure in self.objective.measures}

    def _context(self, measure: Measure, kind: str) -> Context:
        # What a candidate has of its own stands with its measurements.
        varied = {name for each in self.training_dimensions for name in each.choices[0]}
        options = {name: each for name, each in measure.options.items() if name not in varied}
        measure, module = replace(measure, options=options), measure.module
        if measure.is_given:
            within: tuple[str, ...] = (module.partition(".")[0],)
            return Context(measure.context(kind), code_of_function(measure.function), within)
        within = (*self.space.grid.family.allow, *OBJECTIVES)
        return Context(measure.context(kind), code_of_callable(module, within), within)

    def training(self, measure: Measure, settings: Mapping[str, Value]) -> str:
        """Return those of a candidate's training settings that a measure takes, as JSON."""
        return canonical_json(measure.taken(settings))

    def put(self, connection: Connection, point: CostedPoint) -> None:
        """Store a candidate, if it is not yet there, within a transaction."""
        if point.key not in self._stored:
            row = candidate_row(self.space, point)
            numbers = self.space.blocks.number_tables
            put_candidates(connection, self.run_id, [row], self._scope_id, numbers)

    def is_stored(self, point: CostedPoint) -> None:
        """Note that a transaction was kept that stored a candidate."""
        self._stored.add(point.key)

    @cached_property
    def _scope_id(self) -> int:
        return prepared_scope(self.engine, scope_of(self.space))

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, int]]:
        """The ids of the context and of the source of each measure, by its name."""
        return {
            measure.name: made_place(self.engine, self.contexts[measure.name], measure.target)
            for measure in self.objective.measures
        }

    def prepare(self) -> None:
        """Store what every measurement refers to, before the first transaction needs it."""
        assert self._scope_id > 0
        assert self._places

    @cached_property
    def _stored(self) -> set[int]:
        """The keys of the candidates that the store holds."""
        return known_keys(self.engine, scope_of(self.space), self.space.blocks.given)

    def id_of(self, point: CostedPoint) -> int:
        """Return the id of a candidate that the store holds."""
        id = candidate_id(self.engine, point.key, scope_of(self.space))
        assert id is not None, "it was stored when its trial was claimed"
        return id

    def ids(self) -> dict[int, int]:
        """Return the id of every candidate of the space that the store holds, by its key."""
        return candidate_ids(self.engine, scope_of(self.space))

    def known(self, point: CostedPoint, is_again: bool = False) -> list[Outcome]:
        """Return what counts as known of a candidate for each of its seeds.

        An outcome holds its measures up to one that failed or was not tried.

        Args:
            point: the candidate.
            is_again: whether it is tried again, so that a failure does not count as known.
        """
        held = {m.name: self._replicates(point, m, is_again) for m in self.objective.measures}
        return [self._known(seed, held) for seed in self.seeds]

    @property
    def unknown(self) -> list[Outcome]:
        """What is known of a candidate of which nothing was measured, for each of its seeds."""
        return [Outcome() for _ in self.seeds]

    def _replicates(
        self, point: CostedPoint, measure: Measure, is_again: bool
    ) -> list[Measurement]:
        family, context = self.space.grid.family.name, self.contexts[measure.name]
        training = self.training(measure, point.training)
        found = find_replicates(self.engine, family, point.key, context, self.any_code, training)
        found = [one for one in found if not self._is_repeated(one, is_again)]
        return [one for one in found if one.of.code == context.code] or found

    def _known(self, seed: int, held: Mapping[str, list[Measurement]]) -> Outcome:
        outcome = Outcome()
        for measure in self.objective.measures:
            label = self._label(measure, seed)
            some = [one for one in held[measure.name] if one.base_label == label]
            if self.with_steps:
                outcome.steps |= _steps(some, measure)
            numbers = _numbers(some, measure)
            if measure.name in numbers:
                outcome.numbers[measure.name] = numbers
                continue
            for one in some:
                if one.what == measure.name:
                    outcome.failed, outcome.error = measure.name, one.error
                    outcome.is_pruned = one.outcome == "pruned"
            return outcome
        return outcome

    def _label(self, measure: Measure, seed: int) -> str:
        """Return what tells the replicates of a measure apart: a seed, if it has use for one."""
        return seed_label(seed) if depends_on_seed(measure) else str(seed - self.seed + 1)

    def _is_repeated(self, one: Measurement, is_again: bool) -> bool:
        """Return whether a replicate is to be evaluated again."""
        if is_again and one.outcome != "done":
            return True
        if one.run_id >= self.run_id:
            return False
        return self.retry == "all" or (self.retry == "failed" and one.outcome == "failed")

    def put_outcome(
        self, connection: Connection, point: CostedPoint, seed: int, outcome: Outcome
    ) -> None:
        """Store what came of measuring a candidate: the numbers, or the error of a measure."""
        for measure in self.objective.measures:
            numbers: dict[str, float | None] = dict(outcome.numbers.get(measure.name, {}))
            error = None
            if outcome.failed == measure.name:
                numbers, error = {measure.name: None}, outcome.error
            elif not numbers:
                continue
            if self.with_steps:
                steps = outcome.steps.items()
                numbers = {**{_step(measure.name, step): v for step, v in steps}, **numbers}
            replicates = [
                Replicate(
                    self.space.grid.family.name,
                    point.key,
                    what,
                    value,
                    self._label(measure, seed),
                    seed if depends_on_seed(measure) else None,
                    seconds=outcome.seconds.get(measure.name),
                    error=error if what == measure.name else None,
                    is_pruned=outcome.is_pruned and what == measure.name,
                    training=self.training(measure, point.training),
                )
                for what, value in numbers.items()
            ]
            anew = self.retry == "all"
            put_replicates(connection, self.run_id, replicates, self._places[measure.name], anew)

    def measured_before(self, pool: Pool) -> list[int]:
        """Return the keys of the pool's candidates of which runs before this measured all."""
        if self.retry == "all":
            return []
        family = self.space.grid.family.name
        left = list(enumerate(zip(pool.keys.tolist(), pool.network_keys.tolist(), strict=True)))
        for measure in self.objective.measures:
            found = measured_before(
                self.engine,
                family,
                measure.name,
                self.contexts[measure.name],
                self.run_id,
                self.any_code,
            )
            networks = {key for key, _ in found}
            left = [
                (index, keys)
                for index, keys in left
                if keys[1] in networks
                and (keys[1], self.training(measure, pool.training(index))) in found
            ]
        known = [key for _, (key, _) in left]
        return [key for key in known if self.has_all(self.known(pool_point(self.space, pool, key)))]

    def has_all(self, outcomes: Iterable[Outcome]) -> bool:
        """Return whether every measure was tried in all of these, up to one that failed."""
        return all(one.is_finished(len(self.objective.measures)) for one in outcomes)

    def of_other_code(self) -> int:
        """Return how many networks were measured by other code of the objective alone."""
        if self.any_code:
            return 0
        family = self.space.grid.family.name
        return max(
            number_of_other_code(self.engine, family, measure.name, self.contexts[measure.name])
            for measure in self.objective.measures
        )


def pool_point(space: DesignSpace, pool: Pool, key: int) -> CostedPoint:
    """Return a candidate of a pool, with its costs."""
    index = pool.index_of_key[key]
    return replace(space.point(pool.settings(index)), training=pool.training(index))


def _numbers(replicates: Iterable[Measurement], measure: Measure) -> dict[str, float]:
    """Return the mean of each number that a measure gave, but for those of its steps."""
    values: dict[str, list[float]] = {}
    for one in replicates:
        if one.value is not None and _step_of(measure.name, one.what) is None:
            values.setdefault(one.what, []).append(one.value)
    return {what: sum(some) / len(some) for what, some in values.items()}


def _steps(replicates: Iterable[Measurement], measure: Measure) -> dict[int, float]:
    """Return what a measure reported, by step."""
    found = {
        step: one.value
        for one in replicates
        if (step := _step_of(measure.name, one.what)) is not None and one.value is not None
    }
    return {step: found[step] for step in sorted(found)}


def _step(name: str, step: int) -> str:
    return f"{name}_at_{step}"


def _step_of(name: str, what: str) -> int | None:
    number = what.removeprefix(f"{name}_at_")
    return int(number) if number != what and number.isdecimal() else None
