"""Axes that take the same choices, such as the operation of each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.pool_columns import CountBlock, Floats

LEAST_AXES = 3
"""Fewer axes than this are told apart well enough one by one."""

SHARED = 0.5
"""Axes are alike that share more than this part of the choices of both."""


@dataclass(frozen=True)
class LikeAxes:
    """Axes that choose from one set, in the order in which they are named."""

    axes: tuple[int, ...]
    choices: NDArray[np.integer]
    """Of shape (candidates, axes): the number of each choice in that set."""

    def counts(self) -> CountBlock:
        """Return how often each choice occurs, of shape (candidates, choices)."""
        return self._weighted(np.ones(len(self.axes)))

    def counts_along(self) -> CountBlock:
        """Return how much more often each choice occurs at the end than at the beginning."""
        return self._weighted(np.linspace(-1, 1, len(self.axes)))

    def _weighted(self, weights: Floats) -> CountBlock:
        return CountBlock(self.choices, weights, np.zeros(int(self.choices.max()) + 1))


def like_axes(table: CandidateTable) -> tuple[LikeAxes, ...]:
    """Return the groups of axes that choose from the same values, or nearly so."""
    groups: list[list[str]] = []
    for name, values in table.values.items():
        if len(values) < 2:
            continue
        for group in groups:
            if _share(set(values), set(table.values[group[0]])) > SHARED:
                group.append(name)
                break
        else:
            groups.append([name])
    return tuple(_numbered(table, group) for group in groups if len(group) >= LEAST_AXES)


def _share(some: set[Any], others: set[Any]) -> float:
    return len(some & others) / len(some | others)


def _numbered(table: CandidateTable, group: Sequence[str]) -> LikeAxes:
    number: dict[Any, int] = {}
    axes = [table.names.index(name) for name in group]
    choices = np.empty((len(table), len(axes)), dtype=table.numbers.dtype)
    for place, (axis, name) in enumerate(zip(axes, group, strict=True)):
        shared = [number.setdefault(value, len(number)) for value in table.values[name]]
        choices[:, place] = np.array(shared)[table.numbers[:, axis]]
    return LikeAxes(tuple(axes), choices)
