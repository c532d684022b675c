"""What a surrogate may read a candidate by: its settings, its costs, and what follows from them.

On some problems the costs nearly decide the objective, on others they say nothing and the settings
do; where many axes choose from one set, how often a choice occurs may say most. Which of them it is
is for the data to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.gaussian_kernels import (
    Kernel,
    KernelPart,
    LinearPart,
    MaternPart,
    PairsPart,
    matern,
)
from dse.search.samplers.like_axes import LikeAxes
from dse.search.samplers.pool_columns import (
    ChoiceBlock,
    ColumnBlock,
    CountBlock,
    Floats,
    Indices,
    PoolColumns,
    ValueBlock,
)
from dse.search.samplers.robust_scores import normal_scores

LARGEST_CORRELATION = 0.9999
"""Of two costs that are correlated more than this, one is left out."""

MOST_CATEGORIES = 16
"""Numbers of more values than this are no names."""

AT_ONCE = 20_000
"""Candidates whose counts are gone through at once."""


def readings(
    choices: NDArray[np.integer],
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
    return kernels or [Kernel((LinearPart(PoolColumns([_nothing(len(choices))])),))]


def _parts(
    choices: NDArray[np.integer],
    ordered: Sequence[bool],
    settings: list[ColumnBlock],
    costs: list[ColumnBlock],
    alike: Sequence[LikeAxes],
) -> Iterator[tuple[KernelPart, ...]]:
    of_costs = _smooth(costs) if costs else ()
    if settings:
        yield _smooth(settings)
    if costs:
        yield of_costs
    if settings and costs:
        yield (*_smooth(settings), *of_costs)
        yield of_costs[0], _together([*settings, *costs])
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

    columns: PoolColumns
    ordered: NDArray[np.bool_]
    """Whether a column is asked for a threshold, or for one of its values."""

    def rows(self, points: Indices) -> NDArray[np.float32]:
        """Return what is asked of some candidates, of shape (points, columns)."""
        return self.columns[points].astype(np.float32)


def tree_columns(
    choices: NDArray[np.integer],
    ordered: Sequence[bool],
    costs: Floats,
    alike: Sequence[LikeAxes] = (),
    hints: Floats | None = None,
) -> TreeColumns:
    """Return the settings, the costs, how often like axes have each choice, and the hints."""
    varied = np.ptp(choices, axis=0) > 0 if len(choices) else np.ones(len(ordered), dtype=bool)
    further = [*(each.counts() for each in alike), *_cost_columns(costs), *hint_columns(hints)]
    varied[:1] |= not varied.any() and not further
    is_ordered = [*np.array(ordered)[varied], *[True] * sum(block.width for block in further)]
    blocks = [ValueBlock(choices[:, varied]), *further]
    return TreeColumns(PoolColumns(blocks), np.array(is_ordered))


def hint_columns(hints: Floats | None) -> list[ColumnBlock]:
    """Return a block for each hint that varies: normal scores, and where it is unknown."""
    blocks: list[ColumnBlock] = []
    for column in [] if hints is None else hints.T:
        is_known = np.isfinite(column)
        if len(np.unique(column[is_known])) < 2:
            continue
        scores = np.zeros((len(column), 1))
        scores[is_known, 0] = normal_scores(column[is_known])
        blocks.append(ValueBlock(_standard(scores)))
        if not is_known.all():
            blocks.append(ValueBlock(_standard(is_known[:, None].astype(np.float64))))
    return blocks


def spread_columns(
    choices: NDArray[np.integer], ordered: Sequence[bool], costs: Floats
) -> PoolColumns:
    """Return columns in which distances say how different candidates are, settings and costs."""
    blocks = [
        _shrunk(block, 1 / np.sqrt(len(some)))
        for some in (setting_columns(choices, ordered), _cost_columns(costs))
        for block in some
    ]
    return PoolColumns(blocks or [_nothing(len(choices))])


def _shrunk(block: ColumnBlock, factor: float) -> ColumnBlock:
    if isinstance(block, ChoiceBlock):
        return ChoiceBlock(block.table * factor, block.choices)
    return ValueBlock(block.values, factor) if isinstance(block, ValueBlock) else block


def _nothing(candidates: int) -> ColumnBlock:
    """Return a column of zeros."""
    return ChoiceBlock(np.zeros((1, 1)), np.zeros(candidates, dtype=np.int8))


def _smooth(blocks: list[ColumnBlock]) -> tuple[KernelPart, ...]:
    together = _together(blocks)
    return LinearPart(together.columns), together


def _together(blocks: Sequence[ColumnBlock]) -> MaternPart:
    """Return smooth functions of all blocks, of a length scale each."""
    columns = PoolColumns(blocks)
    return MaternPart(columns, columns.groups)


def _of_like_axes(
    choices: NDArray[np.integer], ordered: Sequence[bool], alike: Sequence[LikeAxes]
) -> tuple[KernelPart, ...]:
    """Return parts by which like axes share what is learned of a choice."""
    counts = [_standard_counts(each.counts()) for each in alike]
    along = [_standard_counts(each.counts_along()) for each in alike]
    grouped = {axis for each in alike for axis in each.axes}
    others = [axis for axis in range(len(ordered)) if axis not in grouped]
    rest = setting_columns(choices[:, others], [ordered[axis] for axis in others])
    return (
        LinearPart(PoolColumns(counts)),
        LinearPart(PoolColumns(along)),
        LinearPart(PoolColumns(setting_columns(choices, ordered))),
        _together([*counts, *along, *rest]),
    )


def _pairs(choices: NDArray[np.integer], ordered: Sequence[bool]) -> PairsPart:
    axes, squares = [], []
    for column, is_ordered in zip(choices.T, ordered, strict=True):
        ranks, shares = _ranks(column)
        if len(shares) == 1:
            continue
        table = _axis_kernel(shares, is_ordered)
        axes.append(ChoiceBlock(_features(table), ranks))
        squares.append(ChoiceBlock(_features(table**2), ranks))
    of_axes, of_squares = PoolColumns(axes), PoolColumns(squares)
    return PairsPart(of_axes, of_squares, of_axes.groups, of_squares.groups)


def _ranks(column: NDArray[np.integer]) -> tuple[NDArray[np.integer], Floats]:
    """Return the rank of each choice among those that occur, and the share of each."""
    counts = np.bincount(column)
    occurs = counts > 0
    shares = counts[occurs] / len(column)
    if occurs.all():
        return column, shares
    ranks = (np.cumsum(occurs) - 1).astype(column.dtype)
    return ranks[column], shares


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


def _may_be_names(choices: NDArray[np.integer], ordered: Sequence[bool]) -> list[bool]:
    """Return which ordered dimensions are of few enough numbers to be names."""
    numbers = [int((np.bincount(column) > 0).sum()) for column in choices.T]
    return [
        is_ordered and 2 < number <= MOST_CATEGORIES
        for number, is_ordered in zip(numbers, ordered, strict=True)
    ]


def setting_columns(choices: NDArray[np.integer], ordered: Sequence[bool]) -> list[ColumnBlock]:
    """Return a block of columns for each dimension: its rank, or one column a category."""
    blocks: list[ColumnBlock] = []
    for column, is_ordered in zip(choices.T, ordered, strict=True):
        ranks, shares = _ranks(column)
        if len(shares) == 1:
            continue
        if is_ordered or len(shares) == 2:
            table = np.arange(len(shares), dtype=np.float64)[:, None]
        else:
            table = np.eye(len(shares))
        blocks.append(ChoiceBlock(_standard(table, shares), ranks))
    return blocks


def _standard(block: Floats, shares: Floats | None = None) -> Floats:
    """Return columns of mean 0, which all together have variance 1.

    Args:
        block: rows of candidates, or of choices.
        shares: how much of the pool each row is; by default all are as much.
    """
    shares = np.full(len(block), 1 / len(block)) if shares is None else shares
    centred = block - shares @ block
    return np.asarray(centred / np.sqrt(max((shares @ centred**2).sum(), 1e-12)))


def _standard_counts(block: CountBlock) -> CountBlock:
    """Return counts of mean 0, which all together have variance 1."""
    sums, squares, number = np.zeros(block.width), 0.0, len(block.choices)
    for start in range(0, number, AT_ONCE):
        rows = np.asarray(block.rows(np.arange(start, min(start + AT_ONCE, number))))
        sums += rows.sum(axis=0)
        squares += float((rows**2).sum())
    means = sums / number
    variance = squares / number - (means**2).sum()
    return replace(block, centre=means, scale=float(np.sqrt(max(variance, 1e-12))))


def _cost_columns(costs: Floats) -> list[ColumnBlock]:
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
        if all(abs((standard * other).mean()) < LARGEST_CORRELATION for other in kept):
            kept.append(standard)
    return [ValueBlock(column[:, None]) for column in kept]
