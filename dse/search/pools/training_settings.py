"""Settings of training that a search varies beside the network, such as `lr`.

They make no other network and no other cost: what is searched is each network that meets the
budget, with each of their combinations, and what is measured belongs to both.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dse.errors import DseError, nearest
from dse.limits import limit
from dse.search.objective import Objective
from dse.search.objectives import cost_of
from dse.search.pools.candidate_pool import Pool
from dse.search.pools.trial_keys import trial_key
from dse.space import Dimension
from dse.store import canonical_json


def varied(dimensions: Sequence[Dimension], objective: Objective) -> tuple[Dimension, ...]:
    """Return the training settings that count in a search: those that its objective takes.

    One that has a single value, as a page's default, is left out where nothing takes it.

    Raises:
        DseError: for one of several values that nothing takes.
    """
    # A cost is of the network, whatever its training.
    measures = [each for each in objective.measures if cost_of(each.function, each.options) is None]
    found = []
    for dimension in dimensions:
        names = dict.fromkeys(name for choice in dimension.choices for name in choice)
        example = dict(dimension.choices[0])
        taken = {name for each in measures for name in each.taken(example)}
        if names.keys() <= taken:
            found.append(dimension)
        elif len(dimension.choices) > 1:
            name = next(each for each in names if each not in taken)
            known = [option for each in measures for option in each.possible_options]
            told = nearest(name, known) if known else "it has none"
            raise DseError(
                f"grid.{name}: {objective.name} takes no training setting of this name; {told}"
            )
    return tuple(found)


def with_training(pool: Pool, dimensions: Sequence[Dimension], seed: int) -> Pool:
    """Return a pool whose candidates are networks, each with each training setting.

    Of more than the limit `pool_candidates`, the limit `drawn_candidates` are drawn uniformly.
    """
    if not dimensions:
        return pool
    combinations = list(itertools.product(*(range(len(each.choices)) for each in dimensions)))
    number = len(pool) * len(combinations)
    places = np.arange(number)
    if number > limit("pool_candidates"):
        drawn = np.random.default_rng(seed).choice(
            number, min(number, limit("drawn_candidates")), replace=False
        )
        places = np.sort(drawn)
    network, training = places // len(combinations), places % len(combinations)
    texts = [
        canonical_json(
            {
                name: value
                for dimension, choice in zip(dimensions, each, strict=True)
                for name, value in dimension.choices[choice].items()
            }
        )
        for each in combinations
    ]
    # Of no network, so that what is left is what the settings alone add to a key.
    added = np.array([trial_key(0, text) for text in texts], dtype=np.int64)
    return replace(
        pool,
        dimensions=(*pool.dimensions, *dimensions),
        choices=np.hstack(
            [pool.choices[network], np.array(combinations, dtype=np.int64)[training]]
        ),
        costs={name: column[network] for name, column in pool.costs.items()},
        keys=pool.keys[network] ^ added[training],
        networks=pool.keys[network],
        training_dimensions=len(dimensions),
        outside=None if pool.outside is None else replace(pool.outside, training=tuple(dimensions)),
    )
