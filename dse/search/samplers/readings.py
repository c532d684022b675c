"""What a surrogate may read a candidate by: its settings, its costs, and what follows from them.

On some problems the costs nearly decide the objective, on others they say nothing and the settings
do; where many axes choose from one set, how often a choice occurs may say most. Which of them it is
is for the data to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.gaussian_kernels import (
    Floats,
    Indices,
    Kernel,
    KernelPart,
    LinearPart,
    MaternPart,
    PairsPart,
    matern,
    of_groups,
)
from dse.search.samplers.like_axes import LikeAxes
from dse.search.samplers.robust_scores import normal_scores

LARGEST_CORRELATION = 0.9999
"""Of two costs that are correlated more than this, one is left out."""

MOST_CATEGORIES = 16
"""Numbers of more values than this are no names."""


def readings(
    choices: Indices,
    ordered: Sequence[bool],
    costs: Floats,
    alike: Sequence[LikeAxes] = (),
    hints: Floats | None = None,
) -> list[Kernel]:
    """Return a kernel for each reading of a pool's candidates.

    Args:
        choices: of each dimension, of shape (candidates, dimensions).
        ordered: whether the choices of each dimension stand in an order.
        costs: positive numbers of shape (candidates, costs).
        alike: dimensions that choose from one set.
        hints: numbers of shape (candidates, hints), NaN where unknown.
    """
    settings, by_costs = setting_columns(choices, ordered), _cost_columns(costs)
    kernels = [Kernel(parts) for parts in _parts(choices, ordered, settings, by_costs, alike)]
    by_hints = hint_columns(hints)
    if by_hints:
        kernels.append(Kernel(_smooth(by_hints)))
        kernels.append(Kernel((*_smooth(by_hints), *kernels[0].parts)))
    # A pool of one candidate, or of candidates that nothing tells apart.
    return kernels or [Kernel((LinearPart(np.zeros((len(choices), 1))),))]


def _parts(
    choices: Indices,
    ordered: Sequence[bool],
    settings: list[Floats],
    costs: list[Floats],
    alike: Sequence[LikeAxes],
) -> Iterator[tuple[KernelPart, ...]]:
    of_costs = _smooth(costs) if costs else ()
    if settings:
        yield _smooth(settings)
    if costs:
        yield of_costs
    if settings and costs:
        yield (*_smooth(settings), *of_costs)
        yield of_costs[0], MaternPart(*of_groups([*settings, *costs]))
    if len(settings) > 1:
        yield (*of_costs[:1], _pairs(choices, ordered))
    if alike:
        yield (*_of_like_axes(choices, ordered, alike), *of_costs)
    if any(_may_be_names(choices, ordered)):
        by_names = [
            is_ordered and not names
            for is_ordered, names in zip(ordered, _may_be_names(choices, ordered), strict=True)
        ]
        yield (*_smooth(setting_columns(choices, by_names)), *of_costs)


@dataclass(frozen=True)
class TreeColumns:
    """What trees ask of the candidates of a pool."""

    values: NDArray[np.float32]
    """Of shape (candidates, columns)."""
    ordered: NDArray[np.bool_]
    """Whether a column is asked for a threshold, or for one of its values."""


def tree_columns(
    choices: Indices,
    ordered: Sequence[bool],
    costs: Floats,
    alike: Sequence[LikeAxes] = (),
    hints: Floats | None = None,
) -> TreeColumns:
    """Return the settings, the costs, how often like axes have each choice, and the hints."""
    further = [*(each.counts() for each in alike), *_cost_columns(costs), *hint_columns(hints)]
    values = np.concatenate([choices, *further], axis=1).astype(np.float32)
    is_ordered = [*ordered, *[True] * sum(block.shape[1] for block in further)]
    varied = np.ptp(values, axis=0) > 0 if len(values) else np.ones(len(is_ordered), dtype=bool)
    varied[:1] |= not varied.any()
    return TreeColumns(values[:, varied], np.array(is_ordered)[varied])


def hint_columns(hints: Floats | None) -> list[Floats]:
    """Return a block for each hint that varies: normal scores, and where it is unknown."""
    blocks = []
    for column in [] if hints is None else hints.T:
        is_known = np.isfinite(column)
        if len(np.unique(column[is_known])) < 2:
            continue
        scores = np.zeros((len(column), 1))
        scores[is_known, 0] = normal_scores(column[is_known])
        blocks.append(_standard(scores))
        if not is_known.all():
            blocks.append(_standard(is_known[:, None].astype(np.float64)))
    return blocks


def spread_columns(choices: Indices, ordered: Sequence[bool], costs: Floats) -> Floats:
    """Return columns in which distances say how different candidates are, settings and costs."""
    groups = [
        np.concatenate(blocks, axis=1) / np.sqrt(len(blocks))
        for blocks in (setting_columns(choices, ordered), _cost_columns(costs))
        if blocks
    ]
    return np.concatenate(groups, axis=1) if groups else np.zeros((len(choices), 1))


def _smooth(columns: list[Floats]) -> tuple[KernelPart, ...]:
    together, groups = of_groups(columns)
    return LinearPart(together), MaternPart(together, groups)


def _of_like_axes(
    choices: Indices, ordered: Sequence[bool], alike: Sequence[LikeAxes]
) -> tuple[KernelPart, ...]:
    """Return parts by which like axes share what is learned of a choice."""
    counts = [_standard(each.counts()) for each in alike]
    along = [_standard(each.counts_along()) for each in alike]
    grouped = {axis for each in alike for axis in each.axes}
    others = [axis for axis in range(len(ordered)) if axis not in grouped]
    rest = setting_columns(choices[:, others], [ordered[axis] for axis in others])
    return (
        LinearPart(np.concatenate(counts, axis=1)),
        LinearPart(np.concatenate(along, axis=1)),
        LinearPart(np.concatenate(setting_columns(choices, ordered), axis=1)),
        MaternPart(*of_groups([*counts, *along, *rest])),
    )


def _pairs(choices: Indices, ordered: Sequence[bool]) -> PairsPart:
    axes, squares = [], []
    for column, is_ordered in zip(choices.T, ordered, strict=True):
        values, ranks, counts = np.unique(column, return_inverse=True, return_counts=True)
        if len(values) == 1:
            continue
        table = _axis_kernel(counts / len(column), is_ordered)
        axes.append(_features(table)[ranks])
        squares.append(_features(table**2)[ranks])
    return PairsPart(*_side_by_side(axes, squares))


def _side_by_side(
    axes: list[Floats], squares: list[Floats]
) -> tuple[Floats, Floats, Indices, Indices]:
    (columns, groups), (of_squares, groups_of_squares) = of_groups(axes), of_groups(squares)
    return columns, of_squares, groups, groups_of_squares


def _axis_kernel(shares: Floats, is_ordered: bool) -> Floats:
    """Return the covariances of the choices of an axis, of mean 0 and variance 1 over the pool."""
    if is_ordered:
        ranks = np.arange(len(shares), dtype=np.float64)
        centre = shares @ ranks
        ranks = (ranks - centre) / np.sqrt(shares @ (ranks - centre) ** 2)
        table = matern((ranks[:, None] - ranks[None, :]) ** 2)
    else:
        table = np.eye(len(shares))
    means = table @ shares
    table = table - means[:, None] - means[None, :] + shares @ means
    return np.asarray(table / (shares @ np.diag(table)))


def _features(table: Floats) -> Floats:
    """Return columns whose products are a table of covariances."""
    values, vectors = np.linalg.eigh(table)
    kept = values > 1e-6 * values.max()
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def _may_be_names(choices: Indices, ordered: Sequence[bool]) -> list[bool]:
    """Return which ordered dimensions are of few enough numbers to be names."""
    numbers = [len(np.unique(column)) for column in choices.T]
    return [
        is_ordered and 2 < number <= MOST_CATEGORIES
        for number, is_ordered in zip(numbers, ordered, strict=True)
    ]


def setting_columns(choices: Indices, ordered: Sequence[bool]) -> list[Floats]:
    """Return a block of columns for each dimension: its rank, or one column a category."""
    blocks = []
    for dimension, is_ordered in enumerate(ordered):
        values, ranks = np.unique(choices[:, dimension], return_inverse=True)
        if len(values) == 1:
            continue
        if is_ordered or len(values) == 2:
            block = ranks[:, None].astype(np.float64)
        else:
            block = (ranks[:, None] == np.arange(len(values))).astype(np.float64)
        blocks.append(_standard(block))
    return blocks


def _standard(block: Floats) -> Floats:
    """Return columns of mean 0, which all together have variance 1."""
    centred = block - block.mean(axis=0)
    return np.asarray(centred / np.sqrt(max((centred**2).mean(axis=0).sum(), 1e-12)))


def _cost_columns(costs: Floats) -> list[Floats]:
    kept: list[Floats] = []
    for cost in costs.T:
        # A zero has no logarithm; everything moves by the least positive cost, whatever its unit.
        offset = cost[cost > 0].min(initial=np.inf) if (cost <= 0).any() else 0.0
        if np.isinf(offset):
            continue
        column = np.log(cost + offset)
        spread = column.std()
        if spread < 1e-9:
            continue
        standard = (column - column.mean()) / spread
        if all(abs((standard * other[:, 0]).mean()) < LARGEST_CORRELATION for other in kept):
            kept.append(standard[:, None])
    return kept
