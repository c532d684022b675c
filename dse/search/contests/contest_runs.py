"""One sampler on one table: which candidates it finds, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import optuna
from optuna.storages import InMemoryStorage
from optuna.trial import Trial

from dse.code import foreign_code
from dse.search.evaluations import TrialVerdict
from dse.search.measured_tables import Bounds, MeasuredTable
from dse.search.pools import Pool
from dse.search.proposing import Proposer, SamplerMaker, SeenTrial, index_distributions

PROPOSALS = 40
"""Proposals for each evaluation that a sampler has at most, to find feasible ones."""


def found_by_aware(
    within: MeasuredTable, make: SamplerMaker, seed: int, number: int, batch: int
) -> list[int]:
    """Return the candidates that a sampler finds among those within the bounds alone.

    Args:
        within: the candidates.
        make: makes the sampler.
        seed: of its draws.
        number: evaluations, at most as many as candidates.
        batch: how many run at once: the sampler sees them as running until all are told.
    """
    proposer = Proposer(within.pool, make, within.directions, seed, key_of=None)
    seen: list[SeenTrial] = []
    while len(seen) < number:
        told = len(seen)
        for place in range(told, min(told + batch, number)):
            proposed = proposer.propose(seen)
            seen.append(SeenTrial(proposed.index, None, place, proposed.notes))
        for place in range(told, len(seen)):
            asked = seen[place]
            verdict = TrialVerdict(within.values[asked.index].tolist())
            seen[place] = SeenTrial(asked.index, verdict, place, asked.notes)
    return [each.index for each in seen]


def found_by_plain(
    table: MeasuredTable,
    within: MeasuredTable,
    bounds: Bounds,
    make: SamplerMaker,
    seed: int,
    number: int,
    batch: int,
) -> list[int]:
    """Return the candidates within the bounds that a sampler of Optuna finds on the whole grid.

    It is told of the bounds as constraints. A proposal that is in no row becomes the row nearest to
    it, with that row's parameters: the sampler learns of what was evaluated, and of nothing else.
    What breaks the bounds or is known is told as well, but is no evaluation.

    Args:
        table: every candidate.
        within: those within the bounds.
        bounds: of these.
        make: makes the sampler.
        seed: of its draws.
        number: evaluations; there are fewer where `PROPOSALS` times as many proposals find no more.
        batch: how many run at once, before any of them is told.

    Raises:
        DseError: where the sampler fails, as where it needs what is not installed.
    """
    storage = InMemoryStorage()
    study = optuna.create_study(
        storage=storage, sampler=make(table.pool, seed), directions=list(table.directions)
    )
    distributions = index_distributions(table.pool)
    found: dict[int, None] = {}
    left = PROPOSALS * number
    while left and len(found) < number:
        with foreign_code(lambda reason: f"sampler: {reason}"):
            asked = [study.ask(distributions) for _ in range(min(batch, left))]
        left -= len(asked)
        for trial in asked:
            choices = [trial.params[dimension.name] for dimension in table.pool.dimensions]
            row = table.pool.listed_at(choices)
            if row is None:
                row = table.pool.nearest(choices, np.arange(len(table)))
                _set_row(storage, trial, table.pool, row)
            costs = {name: float(column[row]) for name, column in table.pool.costs.items()}
            violations = bounds.violations(costs)
            for name, violation in violations.items():
                trial.set_constraint(name, violation)
            with foreign_code(lambda reason: f"sampler: {reason}"):
                study.tell(trial, table.values[row].tolist())
            if row in within.pool.index_of_key:
                found[row] = None
    return [within.pool.index_of_key[row] for row in islice(found, number)]


def _set_row(storage: InMemoryStorage, trial: Trial, pool: Pool, row: int) -> None:
    """Let a trial that runs have the parameters of a row, whatever it was asked with."""
    study = storage.get_study_id_from_name(trial.study.study_name)
    number = storage.get_trial_id_from_study_id_trial_number(study, trial.number)
    chosen: Sequence[int] = pool.choices[row].tolist()
    for dimension, choice in zip(pool.dimensions, chosen, strict=True):
        distribution = trial.distributions[dimension.name]
        internal = distribution.to_internal_repr(choice)
        storage.set_trial_param(number, dimension.name, internal, distribution)
