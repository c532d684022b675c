"""Candidates that an Optuna sampler proposes, feasible and new ones only."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.trial import TrialState

from dse.space import CostedPoint, Grid
from dse.space.grid import Dimension

REDRAWS = 100
"""Proposals in a row that may be infeasible or known before one is drawn at random."""


class Proposer:
    """Asks an Optuna study for candidates until one is feasible and new.

    Args:
        grid: whose dimensions are the study's parameters: the index of an ordered choice, a
            category for an unordered one.
        feasible: the candidates that may be proposed, by network key, one for each.
        sampler: draws the trials; seed it for reproducible proposals.
        direction: `maximize` or `minimize`.
        seed: of the random draws that step in when the sampler only repeats itself.
    """

    def __init__(
        self,
        grid: Grid,
        feasible: Mapping[int, CostedPoint],
        sampler: optuna.samplers.BaseSampler,
        direction: Literal["maximize", "minimize"],
        seed: int,
        key_of: Callable[[Mapping[str, Any]], int],
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(sampler=sampler, direction=direction)
        self._grid = grid
        self._left = dict(feasible)
        self._random = random.Random(seed)
        self._key_of = key_of
        self._distributions: dict[str, BaseDistribution] = {
            dimension.name: _distribution(dimension) for dimension in grid.dimensions
        }

    def __len__(self) -> int:
        """Number of feasible candidates that were not proposed yet."""
        return len(self._left)

    def propose(self) -> tuple[optuna.Trial, CostedPoint]:
        """Return a candidate that was not proposed before, and the trial to tell its value to."""
        for _ in range(REDRAWS):
            trial = self._study.ask(self._distributions)
            settings = self._grid.settings(
                [trial.params[dimension.name] for dimension in self._grid.dimensions]
            )
            point = self._left.pop(self._key_of(settings), None)
            if point is not None:
                return trial, point
            self._study.tell(trial, state=TrialState.FAIL)
        key = self._random.choice(sorted(self._left))
        point = self._left.pop(key)
        self._study.enqueue_trial(self._indices(point.settings))
        return self._study.ask(self._distributions), point

    def tell(self, trial: optuna.Trial, value: float | None) -> None:
        """Report the value of a trial's candidate, or None where its evaluation failed."""
        if value is None:
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, value)

    def _indices(self, settings: Mapping[str, Any]) -> dict[str, int]:
        return {
            dimension.name: next(
                index
                for index, choice in enumerate(dimension.choices)
                if choice.items() <= settings.items()
            )
            for dimension in self._grid.dimensions
        }


def _distribution(dimension: Dimension) -> BaseDistribution:
    values = [next(iter(choice.values())) for choice in dimension.choices]
    is_ordered = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    if len(dimension.choices[0]) == 1 and is_ordered:
        return IntDistribution(0, len(values) - 1)
    return CategoricalDistribution(list(range(len(values))))
