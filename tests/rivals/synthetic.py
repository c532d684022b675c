"""Tables whose laws are known: what a sampler makes of them tells what it takes for granted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.search.measured_tables.tabulated import MeasuredTable
from dse.search.pools.candidate_pool import Pool
from dse.space import Dimension

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

OPERATORS = tuple("abcdef")


def additive(seed: int) -> MeasuredTable:
    """The value is a sum over six axes in no order, of four choices: 4,096 rows."""
    rng, choices = np.random.default_rng(seed), grid([4] * 6)
    return measured(named(6, OPERATORS[:4]), choices, effects(rng, choices), rng)


def interacting(seed: int) -> MeasuredTable:
    """Pairs of neighbouring axes matter, and single ones little: 15,625 rows."""
    rng, choices = np.random.default_rng(seed), grid([5] * 6)
    values = 0.3 * effects(rng, choices)
    for axis in range(5):
        pairs = rng.normal(size=(5, 5))
        values = values + pairs[choices[:, axis], choices[:, axis + 1]]
    return measured(named(6, OPERATORS[:5]), choices, values, rng)


def noisy(seed: int) -> MeasuredTable:
    """A sum as smooth as numbers in order make it, seen with noise and scored without."""
    rng, choices = np.random.default_rng(seed), grid([8] * 4)
    optimum = rng.uniform(1, 6, size=4)
    truth = -((choices - optimum) ** 2 * rng.uniform(0.2, 1, size=4)).sum(axis=1)
    seen = truth + rng.normal(size=len(truth)) * 0.15 * truth.std()
    axes = [
        Dimension(f"n{axis}", _of(f"n{axis}", (1, 2, 4, 8, 16, 32, 64, 128))) for axis in range(4)
    ]
    return measured(axes, choices, seen, rng, truth)


def plateaus(seed: int) -> MeasuredTable:
    """Most candidates are equal to many others: a sum of two products, in six steps."""
    rng, choices = np.random.default_rng(seed), grid([6] * 5)
    ranks = choices / 5
    weights = rng.uniform(0.5, 1.5, size=2)
    values = weights[0] * ranks[:, 0] * ranks[:, 1] + weights[1] * ranks[:, 2] * (1 - ranks[:, 3])
    axes = [Dimension(f"n{axis}", _of(f"n{axis}", range(6))) for axis in range(5)]
    return measured(axes, choices, np.floor(6 * values / values.max()), rng)


def like_axes(seed: int) -> MeasuredTable:
    """Twenty axes of the same six operators: how often each is there, and how deep, 20,000 rows."""
    rng = np.random.default_rng(seed)
    choices = np.unique(rng.integers(0, 6, size=(20_000, 20)), axis=0)
    counts = (choices[:, :, None] == np.arange(6)).sum(axis=1)
    saturating = np.sqrt(counts) @ rng.normal(size=6)
    deep = rng.normal(size=6)[choices] @ (np.arange(20) / 19)
    return measured(named(20, OPERATORS), choices, saturating + 0.3 * deep, rng)


def conditional(seed: int) -> MeasuredTable:
    """Two switches of three, each with two axes that matter only while it is on: 16,384 rows."""
    rng, choices = np.random.default_rng(seed), grid([2, 2, 4, 4, 4, 4, 4, 4])
    values = effects(rng, choices[:, 6:])
    for switch in range(2):
        inner = effects(rng, choices[:, 2 + 2 * switch : 4 + 2 * switch]) - rng.uniform(0, 0.5)
        values = values + choices[:, switch] * inner
    axes = [Dimension(f"on{axis}", _of(f"on{axis}", ("no", "yes"))) for axis in range(2)]
    axes += [Dimension(f"in{axis}", _of(f"in{axis}", OPERATORS[:4])) for axis in range(4)]
    axes += [Dimension(f"n{axis}", _of(f"n{axis}", range(4))) for axis in range(2)]
    return measured(axes, choices, values, rng)


def numbered(seed: int) -> MeasuredTable:
    """Categories whose names are numbers, in an order that means nothing: 7,776 rows."""
    rng, choices = np.random.default_rng(seed), grid([6] * 5)
    axes = [Dimension(f"kind{axis}", _of(f"kind{axis}", range(6))) for axis in range(5)]
    return measured(axes, choices, effects(rng, choices), rng)


SYNTHETIC: dict[str, Callable[[int], MeasuredTable]] = {
    each.__name__: each
    for each in (additive, interacting, noisy, plateaus, like_axes, conditional, numbered)
}


def grid(counts: Sequence[int]) -> Indices:
    """Return every combination of so many choices of each axis."""
    return np.array(list(itertools.product(*map(range, counts))), dtype=np.int64)


def named(axes: int, operators: Sequence[str]) -> list[Dimension]:
    """Return so many axes of the same operators."""
    return [Dimension(f"op{axis}", _of(f"op{axis}", operators)) for axis in range(axes)]


def effects(rng: np.random.Generator, choices: Indices) -> Floats:
    """Return a sum of what each choice of each axis adds, drawn for it alone."""
    drawn = [rng.normal(size=int(column.max()) + 1)[column] for column in choices.T]
    return np.asarray(np.sum(drawn, axis=0))


def measured(
    axes: Sequence[Dimension],
    choices: Indices,
    values: Floats,
    rng: np.random.Generator,
    scored: Floats | None = None,
) -> MeasuredTable:
    """Return a table with a cost that grows with the value, as costs do, but loosely."""
    drawn = effects(rng, choices)
    shown = (values if scored is None else scored).copy()
    size = 0.5 * (shown - shown.mean()) / shown.std() + (drawn - drawn.mean()) / drawn.std()
    cost = np.round(1e6 * np.exp(0.5 * size))
    pool = Pool(tuple(axes), choices, {"cost": cost}, np.arange(len(choices)))
    return MeasuredTable(pool, values[:, None], scores=scored)


def _of(axis: str, values: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    return tuple({axis: value} for value in values)
