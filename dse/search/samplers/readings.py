"""What a surrogate may read a candidate by: its settings, its costs, or both.

On some problems the costs nearly decide the objective, on others they say nothing and the settings
do; which of them is for the data to say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.gaussian_kernels import Floats, Kernel, KernelPart, of_groups

LARGEST_CORRELATION = 0.9999
"""Of two costs that are correlated more than this, one is left out."""


def readings(choices: NDArray[np.int64], ordered: Sequence[bool], costs: Floats) -> list[Kernel]:
    """Return a kernel for each reading of a pool's candidates.

    Args:
        choices: of each dimension, of shape (candidates, dimensions).
        ordered: whether the choices of each dimension stand in an order.
        costs: positive numbers of shape (candidates, costs).
    """
    by_settings = _setting_columns(choices, ordered)
    by_costs = _cost_columns(costs)
    kernels = []
    if by_settings:
        kernels.append(Kernel(_parts(by_settings)))
    if by_costs:
        kernels.append(Kernel(_parts(by_costs)))
    if by_settings and by_costs:
        kernels.append(Kernel((*_parts(by_settings), *_parts(by_costs))))
        both, groups = of_groups([*by_settings, *by_costs])
        kernels.append(Kernel((_parts(by_costs)[0], KernelPart("matern", both, groups))))
    if not kernels:
        # A pool of one candidate, or of candidates that nothing tells apart.
        nothing = np.zeros((len(choices), 1))
        kernels.append(Kernel((KernelPart("linear", nothing, np.zeros(1, dtype=np.int64)),)))
    return kernels


def spread_columns(choices: NDArray[np.int64], ordered: Sequence[bool], costs: Floats) -> Floats:
    """Return columns in which distances say how different candidates are, settings and costs."""
    groups = [
        np.concatenate(blocks, axis=1) / np.sqrt(len(blocks))
        for blocks in (_setting_columns(choices, ordered), _cost_columns(costs))
        if blocks
    ]
    return np.concatenate(groups, axis=1) if groups else np.zeros((len(choices), 1))


def _parts(columns: list[Floats]) -> tuple[KernelPart, ...]:
    together, groups = of_groups(columns)
    return (KernelPart("linear", together, groups), KernelPart("matern", together, groups))


def _setting_columns(choices: NDArray[np.int64], ordered: Sequence[bool]) -> list[Floats]:
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
        block -= block.mean(axis=0)
        # All columns of a dimension together have variance 1.
        blocks.append(block / np.sqrt((block**2).mean(axis=0).sum()))
    return blocks


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
