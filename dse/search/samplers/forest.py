"""Extremely randomised trees over a pool, all grown at once, level by level.

"Extremely randomized trees" (10.1007/s10994-006-6226-1), on resampled observations: those that a
tree has not seen tell how well it predicts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.pool_rows import Floats, Indices

TREES = 48
DEPTH = 12
"""Levels of a tree at most."""

MOST_QUESTIONS = 24
"""Splits that are tried at a node."""

IN_CACHE = 16_000
"""Pairs of a tree and a candidate that are gone through together."""

Singles = NDArray[np.float32]
Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Forest:
    """Trees side by side; their nodes stand in one table, the first node of each tree in front."""

    columns: Indices
    """What each node asks of; −1 of a leaf."""
    lows: Singles
    highs: Singles
    """Between which a candidate goes to the node's first child."""
    children: Indices
    """The first child of each node; the second is the next."""
    means: Floats
    counts: Indices
    """How often each tree has seen each observation, of shape (trees, observations)."""

    def predict(self, asked: Singles) -> Floats:
        """Return the prediction of each tree, of shape (trees, candidates).

        Args:
            asked: of shape (candidates, columns).
        """
        return np.asarray(self.means[self.leaves(asked)])

    def leaves(self, asked: Singles) -> NDArray[np.int32]:
        """Return the leaf of each candidate in each tree, of shape (trees, candidates)."""
        trees, size = len(self.counts), len(asked)
        together, flat = max(IN_CACHE // max(size, 1), 1), np.ascontiguousarray(asked).ravel()
        found = np.empty((trees, size), dtype=np.int32)
        for first in range(0, trees, together):
            some = np.arange(first, min(first + together, trees), dtype=np.int32)
            reached = self._reached(np.repeat(some, size), flat, asked.shape[1])
            found[some] = reached.reshape(len(some), size)
        return found

    def _reached(self, node: NDArray[np.int32], flat: Singles, width: int) -> NDArray[np.int32]:
        """Return the leaves below some nodes, one candidate after the other for each tree."""
        reached, places = node.copy(), np.arange(len(node))
        candidates = places % (len(flat) // width)
        for _ in range(DEPTH + 1):
            columns = self.columns[node]
            goes_on = columns >= 0
            if not goes_on.all():
                places, candidates = places[goes_on], candidates[goes_on]
                node, columns = node[goes_on], columns[goes_on]
            if not len(node):
                break
            asked = flat[candidates * width + columns]
            outside = (asked < self.lows[node]) | (asked > self.highs[node])
            node = (self.children[node] + outside).astype(np.int32)
            reached[places] = node
        return reached

    def with_values(self, asked: Singles, counts: Indices, values: Floats) -> Forest:
        """Return trees of the same splits, with further observations and with other values.

        Args:
            asked: of all observed candidates, of shape (observations, columns).
            counts: how often each tree sees each further one, of shape (trees, further ones).
            values: of all.
        """
        counts = np.concatenate([self.counts, counts], axis=1)
        leaves, weights = self.leaves(asked).ravel(), counts.ravel().astype(np.float64)
        sums = np.bincount(leaves, weights * np.tile(values, len(counts)), len(self.means))
        seen = np.bincount(leaves, weights, len(self.means))
        means = np.where(seen > 0, sums / np.maximum(seen, 1), self.means)
        return replace(self, means=means, counts=counts)


def grow(asked: Singles, ordered: Truths, values: Floats, rng: np.random.Generator) -> Forest:
    """Return trees that learned from observations.

    Args:
        asked: of each observed candidate, of shape (observations, columns).
        ordered: whether a column is asked for a threshold, or for one of its values.
        values: observed.
        rng: of the samples and of the splits that are tried.
    """
    number = len(values)
    counts = rng.multinomial(number, np.full(number, 1 / number), size=TREES)
    node, sample = np.nonzero(counts)
    seen = _Seen(node, sample, counts[node, sample].astype(np.float64))
    levels: list[_Level] = []
    first, width = 0, TREES
    while width:
        level, seen = _level(seen, first, width, asked, ordered, values, rng, len(levels) == DEPTH)
        levels.append(level)
        first, width = first + width, 2 * int((level.columns >= 0).sum())
    return Forest(
        np.concatenate([each.columns for each in levels]),
        np.concatenate([each.lows for each in levels]),
        np.concatenate([each.highs for each in levels]),
        np.concatenate([each.children for each in levels]),
        np.concatenate([each.means for each in levels]),
        counts,
    )


@dataclass(frozen=True)
class _Seen:
    """What each tree sees, as far as it is not in a leaf: a row for each tree and observation."""

    node: Indices
    sample: Indices
    weight: Floats


@dataclass(frozen=True)
class _Level:
    """The nodes of a level of all trees, of shape (nodes,) each."""

    columns: Indices
    lows: Singles
    highs: Singles
    children: Indices
    means: Floats


def _level(
    seen: _Seen,
    first: int,
    width: int,
    asked: Singles,
    ordered: Truths,
    values: Floats,
    rng: np.random.Generator,
    is_last: bool,
) -> tuple[_Level, _Seen]:
    """Return the nodes of a level, and what goes to the next one."""
    here, own = seen.node - first, values[seen.sample]
    weights = np.bincount(here, seen.weight, width)
    sums = np.bincount(here, seen.weight * own, width)
    columns, lows, highs = _questions(seen.sample, here, width, asked, ordered, rng)
    found = asked[seen.sample[:, None], columns[here]]
    inside = (found >= lows[here]) & (found <= highs[here])
    cells = (here[:, None] * columns.shape[1] + np.arange(columns.shape[1])).ravel()
    taken = (inside * seen.weight[:, None]).ravel()
    shape, size = columns.shape, columns.size
    left = np.bincount(cells, taken, size).reshape(shape)
    left_sums = np.bincount(cells, taken * np.repeat(own, shape[1]), size).reshape(shape)
    right, right_sums = weights[:, None] - left, sums[:, None] - left_sums
    gains = left_sums**2 / np.maximum(left, 1e-9) + right_sums**2 / np.maximum(right, 1e-9)
    gains = np.where((left > 0.5) & (right > 0.5), gains, -np.inf)
    best, nodes = gains.argmax(axis=1), np.arange(width)
    is_split = gains[nodes, best] > sums**2 / weights + 1e-9
    is_split &= not is_last
    children = first + width + 2 * (np.cumsum(is_split) - 1)
    level = _Level(
        np.where(is_split, columns[nodes, best], -1),
        *(lows[nodes, best], highs[nodes, best]),
        *(children, sums / weights),
    )
    goes_on = is_split[here]
    second = ~inside[np.arange(len(here)), best[here]]
    after = (children[here] + second)[goes_on]
    return level, _Seen(after, seen.sample[goes_on], seen.weight[goes_on])


def _questions(
    sample: Indices,
    here: Indices,
    width: int,
    asked: Singles,
    ordered: Truths,
    rng: np.random.Generator,
) -> tuple[Indices, Singles, Singles]:
    """Return splits to try at each node, of shape (nodes, splits): columns, lows and highs.

    A threshold lies between two random observations of the node, a value is that of one.
    """
    shape = (width, min(2 * asked.shape[1], MOST_QUESTIONS))
    columns = rng.integers(asked.shape[1], size=shape)
    order, sizes = np.argsort(here, kind="stable"), np.bincount(here, minlength=width)
    starts = np.cumsum(sizes) - sizes
    chosen = starts[:, None] + (rng.random((2, *shape)) * sizes[:, None]).astype(np.int64)
    one, other = asked[sample[order[chosen]], columns]
    is_ordered = ordered[columns]
    threshold = one + rng.random(shape, dtype=np.float32) * (other - one)
    lows = np.where(is_ordered, np.float32(-np.inf), one)
    return columns, lows, np.where(is_ordered, threshold, one)
