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
    CostBlock,
    CountBlock,
    PoolColumns,
    RankBlock,
    ValueBlock,
)
from dse.search.samplers.pool_rows import Floats, Indices, PoolRows
from dse.search.samplers.robust_scores import normal_scores

LARGEST_CORRELATION = 0.9999
"""Of two costs that are correlated more than this, one is left out."""

MOST_CATEGORIES = 16
"""Numbers of more values than this are no names."""

AT_ONCE = 20_000
"""Candidates whose counts are gone through at once."""


def readings(
    candidates: PoolRows, ordered: Sequence[bool], alike: Sequence[LikeAxes] = ()
) -> list[Kernel]:
    """Return a kernel for each reading of a pool's candidates.

    Args:
        candidates: those that are listed.
        ordered: whether the choices of each axis stand in an order.
        alike: axes that choose from one set.
    """
    kernels = [Kernel(parts) for parts in _parts(candidates, ordered, alike)]
    by_hints = hint_columns(candidates)
    if by_hints:
        kernels.append(Kernel(_smooth(by_hints)))
        kernels.append(Kernel((*_smooth(by_hints), *kernels[0].parts)))
    # A pool of one candidate, or of candidates that nothing tells apart.
    return kernels or [Kernel((LinearPart(PoolColumns([_nothing(candidates)])),))]


def _parts(
    candidates: PoolRows, ordered: Sequence[bool], alike: Sequence[LikeAxes]
) -> Iterator[tuple[KernelPart, ...]]:
    settings, costs = setting_columns(candidates, ordered), cost_columns(candidates)
    of_costs = _smooth(costs) if costs else ()
    if settings:
        yield _smooth(settings)
    if costs:
        yield of_costs
    if settings and costs:
        yield (*_smooth(settings), *of_costs)
        yield of_costs[0], _together([*settings, *costs])
    if len(settings) > 1:
        yield (*of_costs[:1], _pairs(candidates, ordered))
    if alike:
        yield (*_of_like_axes(candidates, ordered, alike), *of_costs)
    may_be_names = _may_be_names(candidates, ordered)
    if any(may_be_names):
        by_names = [
            is_ordered and not names
            for is_ordered, names in zip(ordered, may_be_names, strict=True)
        ]
        yield (*_smooth(setting_columns(candidates, by_names)), *of_costs)


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
    candidates: PoolRows, ordered: Sequence[bool], alike: Sequence[LikeAxes] = ()
) -> TreeColumns:
    """Return the settings, the costs, how often like axes have each choice, and the hints."""
    choices = candidates.choices
    varied = np.ptp(choices, axis=0) > 0 if len(choices) else np.ones(len(ordered), dtype=bool)
    counts = [each.counts(candidates) for each in alike]
    further: list[ColumnBlock] = [*counts, *cost_columns(candidates), *hint_columns(candidates)]
    varied[:1] |= not varied.any() and not further
    is_ordered = [*np.array(ordered)[varied], *[True] * sum(block.width for block in further)]
    blocks = [RankBlock(candidates, np.flatnonzero(varied)), *further]
    return TreeColumns(PoolColumns(blocks), np.array(is_ordered))


def hint_columns(candidates: PoolRows) -> list[ColumnBlock]:
    """Return a block for each hint that varies: normal scores, and where it is unknown."""
    blocks: list[ColumnBlock] = []
    for column in [] if candidates.hints is None else candidates.hints.T:
        is_known = np.isfinite(column)
        if len(np.unique(column[is_known])) < 2:
            continue
        scores = np.zeros(len(column))
        scores[is_known] = normal_scores(column[is_known])
        blocks.append(_hinted(scores))
        if not is_known.all():
            blocks.append(_hinted(is_known.astype(np.float64)))
    return blocks


def _hinted(column: Floats) -> ValueBlock:
    """Return a column of mean 0 and variance 1, which is 0 before that where a hint is unknown."""
    *listed, others = _standard(np.append(column, 0.0)[:, None], _all_but_the_last(len(column)))
    return ValueBlock(np.array(listed), others)


def _all_but_the_last(number: int) -> Floats:
    return np.append(np.full(number, 1 / number), 0.0)


def spread_columns(candidates: PoolRows, ordered: Sequence[bool]) -> PoolColumns:
    """Return columns in which distances say how different candidates are, settings and costs."""
    settings, costs = setting_columns(candidates, ordered), cost_columns(candidates)
    blocks: list[ColumnBlock] = [
        *(replace(each, table=each.table / np.sqrt(len(settings))) for each in settings),
        *(replace(each, factor=1 / np.sqrt(len(costs))) for each in costs),
    ]
    return PoolColumns(blocks or [_nothing(candidates)])


def _nothing(candidates: PoolRows) -> ColumnBlock:
    """Return a column of zeros."""
    return ValueBlock(np.zeros((len(candidates), 1)), np.zeros(1))


def _smooth(blocks: Sequence[ColumnBlock]) -> tuple[KernelPart, ...]:
    together = _together(blocks)
    return LinearPart(together.columns), together


def _together(blocks: Sequence[ColumnBlock]) -> MaternPart:
    """Return smooth functions of all blocks, of a length scale each."""
    columns = PoolColumns(blocks)
    return MaternPart(columns, columns.groups)


def _of_like_axes(
    candidates: PoolRows, ordered: Sequence[bool], alike: Sequence[LikeAxes]
) -> tuple[KernelPart, ...]:
    """Return parts by which like axes share what is learned of a choice."""
    counts = [_standard_counts(each.counts(candidates)) for each in alike]
    along = [_standard_counts(each.counts_along(candidates)) for each in alike]
    grouped = {axis for each in alike for axis in each.axes}
    settings = setting_columns(candidates, ordered)
    rest = [block for block in settings if block.axis not in grouped]
    return (
        LinearPart(PoolColumns(counts)),
        LinearPart(PoolColumns(along)),
        LinearPart(PoolColumns(settings)),
        _together([*counts, *along, *rest]),
    )


def _pairs(candidates: PoolRows, ordered: Sequence[bool]) -> PairsPart:
    axes, squares = [], []
    for axis, is_ordered in enumerate(ordered):
        occurs, shares = _occurring(candidates.choices[:, axis])
        if len(shares) == 1:
            continue
        table = _axis_kernel(shares, is_ordered)
        axes.append(ChoiceBlock(candidates, axis, _of_all(occurs, _features(table))))
        squares.append(ChoiceBlock(candidates, axis, _of_all(occurs, _features(table**2))))
    of_axes, of_squares = PoolColumns(axes), PoolColumns(squares)
    return PairsPart(of_axes, of_squares, of_axes.groups, of_squares.groups)


def _occurring(column: NDArray[np.integer]) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether each choice occurs, and the shares of those that do."""
    counts = np.bincount(column)
    occurs = counts > 0
    return occurs, counts[occurs] / len(column)


def _of_all(occurs: NDArray[np.bool_], table: Floats) -> Floats:
    """Return a row for each choice, from one for each that occurs."""
    found = np.zeros((len(occurs), table.shape[1]))
    found[occurs] = table
    return found


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


def _may_be_names(candidates: PoolRows, ordered: Sequence[bool]) -> list[bool]:
    """Return which ordered axes are of few enough numbers to be names."""
    numbers = [int((np.bincount(column) > 0).sum()) for column in candidates.choices.T]
    return [
        is_ordered and 2 < number <= MOST_CATEGORIES
        for number, is_ordered in zip(numbers, ordered, strict=True)
    ]


def setting_columns(candidates: PoolRows, ordered: Sequence[bool]) -> list[ChoiceBlock]:
    """Return a block of columns for each axis: its rank, or one column a category."""
    blocks = []
    for axis, is_ordered in enumerate(ordered):
        occurs, shares = _occurring(candidates.choices[:, axis])
        if len(shares) == 1:
            continue
        if is_ordered or len(shares) == 2:
            table = np.arange(len(shares), dtype=np.float64)[:, None]
        else:
            table = np.eye(len(shares))
        blocks.append(ChoiceBlock(candidates, axis, _of_all(occurs, _standard(table, shares))))
    return blocks


def _standard(block: Floats, shares: Floats) -> Floats:
    """Return columns of mean 0, which all together have variance 1.

    Args:
        block: rows of candidates, or of choices.
        shares: how much of the pool each row is.
    """
    centred = block - shares @ block
    return np.asarray(centred / np.sqrt(max((shares @ centred**2).sum(), 1e-12)))


def _standard_counts(block: CountBlock) -> CountBlock:
    """Return counts of mean 0, which all together have variance 1."""
    sums, squares, number = np.zeros(block.width), 0.0, block.number
    for start in range(0, number, AT_ONCE):
        rows = np.asarray(block.rows(np.arange(start, min(start + AT_ONCE, number))))
        sums += rows.sum(axis=0)
        squares += float((rows**2).sum())
    means = sums / number
    variance = squares / number - (means**2).sum()
    return replace(block, centre=means, scale=float(np.sqrt(max(variance, 1e-12))))


def cost_columns(candidates: PoolRows) -> list[CostBlock]:
    """Return the logarithm of each cost that says more than those before."""
    kept: list[Floats] = []
    blocks = []
    for number, cost in enumerate(candidates.costs.T):
        # A zero has no logarithm; everything moves by the least positive cost, whatever its unit,
        # and what is negative to there.
        lowest = min(float(cost.min(initial=0.0)), 0.0)
        above = cost - lowest
        offset = float(above[above > 0].min(initial=np.inf)) if (above <= 0).any() else 0.0
        if np.isinf(offset):
            continue
        offset -= lowest
        column = np.log(cost + offset)
        spread = column.std()
        if spread < 1e-9:
            continue
        standard = (column - column.mean()) / spread
        if all(abs((standard * other).mean()) < LARGEST_CORRELATION for other in kept):
            kept.append(standard)
            mean = float(column.mean())
            blocks.append(CostBlock(candidates, number, offset, mean, float(spread)))
    return blocks
