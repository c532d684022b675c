"""The candidates that a search may evaluate, as arrays."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dse.costs import Costs
from dse.language import Value
from dse.limits import limit
from dse.search.pools.key_set import KeySet
from dse.search.pools.outside_pool import OutsidePool, TakenCandidate
from dse.search.pools.row_maker import RowMaker
from dse.search.samplers import Beyond, CandidateTable, PoolGraph, PoolRows
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    DesignSpace,
    Dimension,
    NetworkCount,
    Settings,
    draw,
    feasible_number,
    require_buildable,
    scan,
)

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """Distinct feasible candidates; where they come from is of no matter.

    One that was drawn from a space lists some. Others of the space come to it when they are taken
    to be evaluated, and are numbered behind those that are listed.
    """

    dimensions: tuple[Dimension, ...]
    choices: Indices
    """The choice of each dimension, of shape (candidates, dimensions)."""
    costs: Mapping[str, Indices | NDArray[np.float64]]
    """Each cost that every candidate has, of shape (candidates,)."""
    keys: Indices
    """Of shape (candidates,): what tells two networks apart, or two of their trainings."""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """The settings that no dimension sets."""
    drawn_of: NetworkCount | None = None
    """How many candidates there are, where these are only drawn from them."""
    training_dimensions: int = 0
    """How many of the dimensions, the last ones, are settings of training."""
    networks: Indices | None = None
    """The keys of the networks, of shape (candidates,), where they are not those above."""
    hints: NDArray[np.float64] | None = None
    """What may tell something of the objective, of shape (candidates, hints); NaN where unknown."""
    outside: OutsidePool | None = None
    """The candidates of the space that are not listed; None where all are."""
    _taken: list[TakenCandidate] = field(default_factory=list, init=False, repr=False)

    def __len__(self) -> int:
        """Return the number of candidates, those that were taken included."""
        return len(self.keys) + len(self._taken)

    def take(self, choices: Sequence[int]) -> int | None:
        """Return the candidate at some choices, which comes to the pool; None where there is none.

        Args:
            choices: one for each dimension.
        """
        found = None if self.outside is None else self.outside.taken(choices)
        return None if found is None else self._index_taken(found)

    def take_any(self, seed: tuple[int, int]) -> int:
        """Return a candidate that is drawn from those that are not listed, and comes to the pool.

        Raises:
            DseError: where none is found.
        """
        assert self.outside is not None, "there are others"
        return self._index_taken(self.outside.drawn(self.index_of_key, seed))

    def _index_taken(self, found: TakenCandidate) -> int:
        if found.key not in self.index_of_key:
            self.index_of_key[found.key] = len(self)
            self._taken.append(found)
        return self.index_of_key[found.key]

    @property
    def most(self) -> int:
        """How many candidates there are to evaluate, at most."""
        if self.outside is None or self.drawn_of is None:
            return len(self.keys)
        trainings = math.prod(len(each.choices) for each in self.outside.training)
        return self.drawn_of.most * trainings

    @property
    def beyond(self) -> Beyond | None:
        """What tells a sampler of candidates that are not listed; None where all are."""
        outside = self.outside
        if outside is None:
            return None
        return lambda candidates: outside.beyond(candidates, self.index_of_key)

    def listed_at(self, choices: Sequence[int]) -> int | None:
        """Return the candidate of the list at some choices, one for each dimension, or None."""
        (found,) = self._graph.find(np.array([choices], dtype=np.int64)).tolist()
        return None if found < 0 else int(found)

    @cached_property
    def _graph(self) -> PoolGraph:
        return PoolGraph(PoolRows(self.choices))

    def key_at(self, index: int) -> int:
        """Return the key of a candidate."""
        listed = len(self.keys)
        return int(self.keys[index]) if index < listed else self._taken[index - listed].key

    def choices_at(self, index: int) -> list[int]:
        """Return the choice of each dimension of a candidate."""
        listed = len(self.keys)
        row = self.choices[index] if index < listed else self._taken[index - listed].choices
        return [int(choice) for choice in row]

    @cached_property
    def index_of_key(self) -> dict[int, int]:
        """The candidate of each key."""
        return {key: index for index, key in enumerate(self.keys.tolist())}

    @property
    def network_keys(self) -> Indices:
        """The key of each candidate's network."""
        return self.keys if self.networks is None else self.networks

    def settings(self, index: int) -> Settings:
        """Return the full settings of a candidate's network."""
        number = len(self.dimensions) - self.training_dimensions
        return {**self.defaults, **self._chosen(index, range(number))}

    def training(self, index: int) -> Settings:
        """Return the settings of a candidate's training."""
        number = len(self.dimensions)
        return self._chosen(index, range(number - self.training_dimensions, number))

    def _chosen(self, index: int, dimensions: range) -> Settings:
        chosen: Settings = {}
        choices = self.choices_at(index)
        for place in dimensions:
            chosen |= self.dimensions[place].choices[choices[place]]
        return chosen

    def parameters(self, index: int) -> Settings:
        """Return the values of the columns that the dimensions set."""
        chosen = self._chosen(index, range(len(self.dimensions)))
        return {name: chosen[name] for name in self.candidates.names}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that the dimensions set."""
        return tuple(dict.fromkeys(c for d in self.dimensions for c in d.columns()))

    @cached_property
    def candidates(self) -> CandidateTable:
        """The values of those columns, for each candidate."""
        coded = [dimension.columns() for dimension in self.dimensions]
        return CandidateTable.of_codes(
            {
                name: (values, codes[self.choices[:, place]])
                for place, columns in enumerate(coded)
                for name, (values, codes) in columns.items()
            },
            len(self),
        )

    @property
    def ordered(self) -> dict[str, bool]:
        """Of the columns, whether their values stand in an order, where that was said."""
        return {column: said for d in self.dimensions for column, said in d.ordered.items()}

    @property
    def cost_matrix(self) -> NDArray[np.float64]:
        """The costs side by side, of shape (candidates, costs)."""
        columns = [column.astype(np.float64) for column in self.costs.values()]
        return np.stack(columns, axis=1) if columns else np.zeros((len(self), 0))

    def nearest(self, choices: Sequence[int], among: Indices) -> int:
        """Return the candidate that differs least from some choices: in steps, then in number.

        A step between ordered choices is a part of their range; between others, a whole one.
        """
        reach = [max(len(d.choices) - 1, 1) if is_ordered(d) else 0 for d in self.dimensions]
        return nearest_choices(self.choices, reach, np.asarray(choices), among)


def nearest_choices(choices: Indices, reach: Sequence[int], wanted: Indices, among: Indices) -> int:
    """Return the row of `choices` that differs least from others: in steps, then in number.

    Args:
        choices: of shape (candidates, dimensions).
        reach: steps from the first choice of a dimension to its last; 0 of one in no order, whose
            choices differ by a whole one.
        wanted: of shape (dimensions,).
        among: the rows to choose from.
    """
    away = choices[among] != wanted
    steps = np.abs(choices[among] - wanted)
    distances = np.where(np.array(reach) > 0, steps / np.maximum(reach, 1), away)
    return int(among[np.argmin(distances.sum(axis=1) + 1e-3 * away.sum(axis=1))])


def is_ordered(dimension: Dimension) -> bool:
    """Return whether choices stand in an order: as was said, or as numbers of one column do."""
    if len(dimension.choices[0]) == 1:
        (column,) = dimension.choices[0]
        if column in dimension.ordered:
            return dimension.ordered[column]
    values = [value for choice in dimension.choices for value in choice.values()]
    are_numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    return len(dimension.choices[0]) == 1 and are_numbers


def feasible_pool(space: DesignSpace, budget: Budget, seed: int = 0) -> Pool:
    """Return the distinct candidates of a space that a budget admits.

    Of settings that build the same network, the first of the grid stand for all. Of more than
    the limit `pool_candidates` candidates, the limit `drawn_candidates` are drawn uniformly, and
    the others are outside.

    Args:
        space: of any family.
        budget: bounds on costs.
        seed: of the draws.

    Raises:
        DseError: where no network of the space can be built.
    """
    require_buildable(space)
    if isinstance(space, CallableSpace):
        return _pool_of_callables(space, budget)
    if space.grid.size <= limit("pool_points"):
        pool = _pool_of_tables(space, budget)
        if len(pool) <= limit("pool_candidates"):
            return pool
    feasible = feasible_number(space, budget)
    drawn = draw(space, budget, min(limit("drawn_candidates"), feasible.most), seed)
    keys = RowMaker(space.tables).keys(drawn.choices)
    pool = pool_at(space, drawn.choices, keys)
    outside = OutsidePool(space, budget, tuple(pool.costs))
    return replace(pool, drawn_of=drawn.feasible, outside=outside)


def _pool_of_tables(space: BlockSpace, budget: Budget) -> Pool:
    maker, seen = RowMaker(space.tables), KeySet()
    choices, keys = [], []
    for scanned in scan(space.tables, budget):
        columns = space.tables.costs(scanned.choices, ())
        valid = scanned.choices[columns.is_valid]
        found = maker.keys(valid)
        is_first = seen.add(found)
        choices.append(valid[is_first])
        keys.append(found[is_first])
    return pool_at(space, np.concatenate(choices), np.concatenate(keys))


def pool_at(space: BlockSpace, choices: Indices, keys: Indices) -> Pool:
    """Return candidates at some choices as a pool."""
    columns = space.tables.costs(choices)
    return Pool(
        space.grid.dimensions,
        choices,
        {name: c for name, c in columns.costs.items() if columns.bears([name]).all()},
        keys,
        space.grid.family.defaults,
    )


def pool_of_found(space: BlockSpace, budget: Budget, choices: Indices) -> Pool:
    """Return distinct candidates as a pool, taken of all that a budget admits."""
    keys = RowMaker(space.tables).keys(choices)
    return replace(pool_at(space, choices, keys), drawn_of=feasible_number(space, budget))


def _pool_of_callables(space: CallableSpace, budget: Budget) -> Pool:
    # Whole networks are traced in parallel processes, and remembered.
    deque(space.points(), maxlen=0)
    found: dict[int, tuple[Sequence[int], Costs]] = {}
    dimensions = space.grid.dimensions
    for choices in itertools.product(*map(range, space.grid.sizes)):
        settings = space.grid.settings(choices)
        if space.grid.excluded_by(settings) is not None:
            continue
        point = space.point(settings)
        if isinstance(point.costs, Costs) and budget.admits(point.costs):
            found.setdefault(point.key, (choices, point.costs))
    costs = {name: [each[name] for _, each in found.values()] for name in space.blocks.shown_costs}
    shape = (len(found), len(dimensions))
    return Pool(
        dimensions,
        np.array([choice for choice, _ in found.values()], dtype=np.int64).reshape(shape),
        {
            name: np.array(column, dtype=np.int64)
            for name, column in costs.items()
            if None not in column
        },
        np.array(list(found), dtype=np.int64),
        space.grid.family.defaults,
    )
