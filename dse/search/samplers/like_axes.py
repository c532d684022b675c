"""Axes that take the same choices, such as the operation of each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dse.search.samplers.pool_columns import CountBlock
from dse.search.samplers.pool_rows import Floats, Indices, PoolRows

LEAST_AXES = 3
"""Fewer axes than this are told apart well enough one by one."""

SHARED = 0.5
"""Axes are alike that share more than this part of the choices of both."""


@dataclass(frozen=True)
class LikeAxes:
    """Axes that choose from one set, in the order in which they are named."""

    axes: tuple[int, ...]
    numbers: tuple[Indices, ...]
    """For each axis the number in that set of each of its choices."""

    def counts(self, candidates: PoolRows) -> CountBlock:
        """Return how often each choice occurs, of shape (candidates, choices)."""
        return self._weighted(candidates, np.ones(len(self.axes)))

    def counts_along(self, candidates: PoolRows) -> CountBlock:
        """Return how much more often each choice occurs at the end than at the beginning."""
        return self._weighted(candidates, np.linspace(-1, 1, len(self.axes)))

    def _weighted(self, candidates: PoolRows, weights: Floats) -> CountBlock:
        width = 1 + max(int(each.max()) for each in self.numbers)
        return CountBlock(candidates, self.axes, self.numbers, weights, np.zeros(width))


def like_axes(values: Mapping[str, Sequence[Any]]) -> tuple[LikeAxes, ...]:
    """Return the groups of axes that choose from the same values, or nearly so.

    Args:
        values: of each axis, in the order of its choices.
    """
    groups: list[list[str]] = []
    for name, own in values.items():
        if len(own) < 2:
            continue
        for group in groups:
            if _share(set(own), set(values[group[0]])) > SHARED:
                group.append(name)
                break
        else:
            groups.append([name])
    return tuple(_numbered(values, group) for group in groups if len(group) >= LEAST_AXES)


def _share(some: set[Any], others: set[Any]) -> float:
    return len(some & others) / len(some | others)


def _numbered(values: Mapping[str, Sequence[Any]], group: Sequence[str]) -> LikeAxes:
    number: dict[Any, int] = {}
    names = list(values)
    return LikeAxes(
        tuple(names.index(name) for name in group),
        tuple(
            np.array([number.setdefault(value, len(number)) for value in values[name]])
            for name in group
        ),
    )
