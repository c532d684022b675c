"""How the replicates of one candidate differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import optuna

NUMBER = "dse:replicates"
SQUARES = "dse:squares"
"""The attributes under which a trial carries its spread."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What the replicates of a candidate say of the noise of its values."""

    replicates: int
    squares: tuple[float, ...]
    """Of each goal, the sum of the squared deviations from the mean."""

    def attributes(self) -> dict[str, int | list[float]]:
        """Return the spread as attributes of a trial."""
        return {NUMBER: self.replicates, SQUARES: list(self.squares)}


def spread_of(values: Sequence[Sequence[float]]) -> Spread | None:
    """Return the spread of replicates, given the goals' values of each; None for a single one."""
    if len(values) < 2:
        return None
    columns = list(zip(*values, strict=True))
    means = [sum(column) / len(column) for column in columns]
    squares = (
        sum((value - mean) ** 2 for value in column)
        for column, mean in zip(columns, means, strict=True)
    )
    return Spread(len(values), tuple(squares))


def spread_in(trial: optuna.trial.FrozenTrial) -> Spread | None:
    """Return the spread that a trial carries, if it does."""
    if NUMBER not in trial.user_attrs:
        return None
    return Spread(trial.user_attrs[NUMBER], tuple(trial.user_attrs[SQUARES]))


def variances_of_means(spreads: Sequence[Spread | None]) -> list[tuple[float, ...]] | None:
    """Return the variance of each mean, for each goal; None where nothing has replicates.

    The variance of a single evaluation is pooled over all candidates that have replicates, as a
    few values of one tell little.
    """
    several = [spread for spread in spreads if spread is not None]
    if not several:
        return None
    freedom = sum(spread.replicates - 1 for spread in several)
    goals = range(len(several[0].squares))
    single = [sum(spread.squares[goal] for spread in several) / freedom for goal in goals]
    return [
        tuple(variance / (1 if spread is None else spread.replicates) for variance in single)
        for spread in spreads
    ]
