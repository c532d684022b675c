"""What measurements of other candidates tell of a pool."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.like_axes import like_axes
from dse.search.samplers.pool_rows import Floats, Indices, PoolRows
from dse.search.samplers.ranks import ranked
from dse.search.samplers.readings import readings, tree_columns
from dse.search.samplers.robust_scores import robust_scores
from dse.search.samplers.surrogate import Evidence, Surrogate

MOST = 300
"""Measurements that are learned from: the best half, and others."""


@dataclass(frozen=True)
class EarlierTask:
    """Measurements of candidates of another pool: another resolution, budget or space."""

    candidates: Sequence[Mapping[str, Any]]
    costs: NDArray[np.float64]
    """Of shape (candidates, costs); the same costs as those of the pool."""
    values: NDArray[np.float64]
    """Of shape (candidates,)."""


def earlier_hint(
    task: EarlierTask, candidates: Sequence[Mapping[str, Any]], costs: Floats, seed: int = 0
) -> Floats:
    """Return what an earlier task predicts of the candidates of a pool, of shape (candidates,).

    By the settings that all of both have, and by their costs, as a sampler's surrogate reads them.

    Args:
        task: with two measurements at least.
        candidates: of the pool.
        costs: of these, of shape (candidates, costs).
        seed: of the surrogate's draws.

    Raises:
        ValueError: for fewer than two measurements, or other costs.
    """
    if len(task.values) < 2:
        raise ValueError(f"an earlier task has {len(task.values)} measurements")
    if task.costs.shape != (len(task.candidates), costs.shape[1]):
        raise ValueError(f"an earlier task has costs of shape {task.costs.shape}")
    names = [name for name in candidates[0] if all(name in each for each in task.candidates)]
    pairs = itertools.chain(task.candidates, candidates)
    both = CandidateTable.of([{name: each[name] for name in names} for each in pairs])
    choices, ordered, ranks = ranked(both, {})
    rows = PoolRows(choices, np.concatenate([task.costs, costs]))
    alike = like_axes({name: list(own) for name, own in zip(names, ranks, strict=True)})
    learned = _learned(task.values, seed)
    evidence = Evidence(learned, robust_scores(task.values[learned]))
    surrogate = Surrogate(
        readings(rows, ordered, alike),
        tree_columns(rows, ordered, alike),
        seed,
        len(learned),
    )
    pool = np.arange(len(task.candidates), len(both))
    found = surrogate.models(len(learned), lambda size: evidence, pool)
    values, nothing = evidence.values[found.used], np.array([], dtype=np.int64)
    means = [model.predictions(values, nothing)[0] for model in found.models]
    return np.asarray(found.weights @ np.array(means))


def _learned(values: Floats, seed: int) -> Indices:
    """Return the measurements to learn from."""
    if len(values) <= MOST:
        return np.arange(len(values))
    order = np.argsort(-values)
    rest = np.random.default_rng(seed).permutation(order[MOST // 2 :])
    return np.sort(np.concatenate([order[: MOST // 2], rest[: MOST - MOST // 2]]))
