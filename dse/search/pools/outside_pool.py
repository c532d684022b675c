"""The candidates of a space that a pool was drawn from and does not list."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dse.errors import DseError
from dse.search.pools.row_maker import RowMaker
from dse.search.pools.trial_keys import trial_key
from dse.search.samplers import CandidateTable
from dse.space import BlockSpace, Budget, Dimension, draw
from dse.store import canonical_json

Indices = NDArray[np.int64]

_TRIES = 200
"""Draws until one brings a candidate that is not known."""


class TakenCandidate(NamedTuple):
    """A candidate that a pool does not list, and that is evaluated."""

    choices: Indices
    """Of shape (dimensions,)."""
    key: int


@dataclass(frozen=True)
class OutsidePool:
    """All candidates of a space that a budget admits, at any choices of its dimensions."""

    space: BlockSpace
    budget: Budget
    costs: tuple[str, ...]
    """Those that the pool's candidates have."""
    training: tuple[Dimension, ...] = ()
    """Settings of training, whose dimensions come behind those of the space."""

    @cached_property
    def _maker(self) -> RowMaker:
        return RowMaker(self.space.tables)

    @property
    def _dimensions(self) -> tuple[Dimension, ...]:
        return (*self.space.grid.dimensions, *self.training)

    def taken(self, choices: Sequence[int]) -> TakenCandidate | None:
        """Return the candidate at some choices, one for each dimension; None where there is none.

        Of settings that build the same network some stand for all: those in which what makes no
        difference has its first choice.
        """
        asked = np.array([choices], dtype=np.int64)
        if not self._costs(asked)[0][0]:
            return None
        row = self._plainest(asked[0])
        (key,) = self._keys(row[None])
        return TakenCandidate(row, key)

    def drawn(self, known: Container[int], seed: tuple[int, int]) -> TakenCandidate:
        """Return any candidate but those that are known, all of them as likely.

        Args:
            known: their keys.
            seed: of the draw.

        Raises:
            DseError: where none is found.
        """
        rng = np.random.default_rng(seed)
        for _ in range(_TRIES):
            drawn = draw(self.space, self.budget, 1, int(rng.integers(2**31)))
            training = [int(rng.integers(len(each.choices))) for each in self.training]
            found = self.taken([*drawn.choices[0].tolist(), *training])
            if found is not None and found.key not in known:
                return found
        raise DseError(f"sampler: {_TRIES} draws brought no candidate that is not evaluated yet")

    def beyond(
        self, candidates: CandidateTable, known: Container[int]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Tell a sampler of candidates, by the values of their settings.

        Args:
            candidates: whose names are those of the dimensions' columns.
            known: keys of candidates that the sampler has anyway.

        Returns:
            which of them may be suggested, and the costs of each, NaN where none can be built.
        """
        choices = self._choices(candidates)
        costs = np.full((len(choices), len(self.costs)), np.nan)
        is_allowed = np.zeros(len(choices), dtype=bool)
        there = np.flatnonzero((choices >= 0).all(axis=1))
        if len(there):
            admitted, costs[there] = self._costs(choices[there])
            is_new = [key not in known for key in self._keys(choices[there])]
            is_allowed[there] = admitted & np.array(is_new)
        return is_allowed, costs

    def _costs(self, choices: Indices) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which candidates may be evaluated, and the costs of each, NaN without a value."""
        names = tuple(dict.fromkeys([*self.costs, *self.budget.costs]))
        network = choices[:, : len(self.space.grid.dimensions)]
        columns = self.space.tables.costs(network, names)
        has_all = columns.bears(self.costs)
        matrix = np.full((len(choices), len(self.costs)), np.nan)
        for place, name in enumerate(self.costs):
            matrix[has_all, place] = columns.costs[name][has_all]
        is_kept = self.space.tables.space.is_kept(network)
        return is_kept & has_all & columns.admitted(self.budget), matrix

    def _keys(self, choices: Indices) -> list[int]:
        """Return the key of each candidate."""
        number = len(self.space.grid.dimensions)
        networks: list[int] = self._maker.keys(choices[:, :number]).tolist()
        if not self.training:
            return networks
        return [
            trial_key(network, self._training(row))
            for network, row in zip(networks, choices[:, number:].tolist(), strict=True)
        ]

    def _training(self, choices: Sequence[int]) -> str:
        settings: dict[str, Any] = {}
        for dimension, choice in zip(self.training, choices, strict=True):
            settings |= dimension.choices[choice]
        return canonical_json(settings)

    def _plainest(self, choices: Indices) -> Indices:
        """Return choices that build the same network, the first where that makes no difference."""
        number = len(self.space.grid.dimensions)
        plainer = np.repeat(choices[None], number, axis=0)
        plainer[np.arange(number), np.arange(number)] = 0
        is_same = self._are_same(plainer, choices)
        found = np.where(np.append(is_same, np.zeros(len(self.training), dtype=bool)), 0, choices)
        if self._are_same(found[None], choices)[0]:
            return found
        # What makes no difference by itself may make one together with others.
        found = choices
        for dimension in np.flatnonzero(is_same).tolist():
            one = found.copy()
            one[dimension] = 0
            found = one if self._are_same(one[None], choices)[0] else found
        return found

    def _are_same(self, rows: Indices, choices: Indices) -> NDArray[np.bool_]:
        """Return which rows of choices the grid has, and build the same network as others do."""
        number = len(self.space.grid.dimensions)
        (wanted,) = self._maker.keys(choices[None, :number])
        is_kept = self.space.tables.space.is_kept(rows[:, :number])
        return np.asarray(is_kept & (self._maker.keys(rows[:, :number]) == wanted))

    def _choices(self, candidates: CandidateTable) -> Indices:
        """Return the choice of each dimension that sets what a candidate has, or −1."""
        places = {name: place for place, name in enumerate(candidates.names)}
        columns = []
        for names, choice_of in self._choices_of_values:
            numbers = candidates.numbers[:, [places[name] for name in names]]
            distinct, inverse = _distinct(numbers)
            found = [
                choice_of.get(
                    tuple(candidates.values[n][at] for n, at in zip(names, row, strict=True)),
                    -1,
                )
                for row in distinct.tolist()
            ]
            columns.append(np.array(found, dtype=np.int64)[inverse])
        return np.stack(columns, axis=1)

    @cached_property
    def _choices_of_values(self) -> list[tuple[list[str], dict[tuple[Any, ...], int]]]:
        """The columns of each dimension, and the choice that sets them to some values."""
        found = []
        for dimension in self._dimensions:
            names = list(dimension.columns())
            choices = [tuple(choice[name] for name in names) for choice in dimension.choices]
            found.append((names, {values: number for number, values in enumerate(choices)}))
        return found


def _distinct(rows: NDArray[np.integer]) -> tuple[NDArray[np.integer], Indices]:
    """Return all rows of numbers that may occur, each once, and the place of each that does."""
    if rows.shape[1] == 1:
        return np.arange(int(rows.max(initial=0)) + 1)[:, None], rows[:, 0].astype(np.int64)
    distinct, inverse = np.unique(rows, axis=0, return_inverse=True)
    return distinct, inverse.reshape(-1)
