"""Axes that take the same choices, such as the operation of each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dse.search.samplers.gaussian_kernels import Floats, Indices

LEAST_AXES = 3
"""Fewer axes than this are told apart well enough one by one."""

SHARED = 0.5
"""Axes are alike that share more than this part of the choices of both."""


@dataclass(frozen=True)
class LikeAxes:
    """Axes that choose from one set, in the order in which they are named."""

    axes: tuple[int, ...]
    choices: Indices
    """Of shape (candidates, axes): the number of each choice in that set."""

    def counts(self) -> Floats:
        """Return how often each choice occurs, of shape (candidates, choices)."""
        return self._weighted(np.ones(len(self.axes)))

    def counts_along(self) -> Floats:
        """Return how much more often each choice occurs at the end than at the beginning."""
        return self._weighted(np.linspace(-1, 1, len(self.axes)))

    def _weighted(self, weights: Floats) -> Floats:
        total = np.zeros((len(self.choices), int(self.choices.max()) + 1))
        rows = np.arange(len(self.choices))
        for weight, column in zip(weights, self.choices.T, strict=True):
            total[rows, column] += weight
        return total


def like_axes(
    candidates: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> tuple[LikeAxes, ...]:
    """Return the groups of axes that choose from the same values, or nearly so."""
    values = {name: dict.fromkeys(candidate[name] for candidate in candidates) for name in names}
    varied = [name for name in names if len(values[name]) > 1]
    groups: list[list[str]] = []
    for name in varied:
        for group in groups:
            if _share(values[name].keys(), values[group[0]].keys()) > SHARED:
                group.append(name)
                break
        else:
            groups.append([name])
    return tuple(
        _numbered(candidates, names, group) for group in groups if len(group) >= LEAST_AXES
    )


def _share(some: Any, others: Any) -> float:
    return len(some & others) / len(some | others)


def _numbered(
    candidates: Sequence[Mapping[str, Any]], names: Sequence[str], group: Sequence[str]
) -> LikeAxes:
    number: dict[Any, int] = {}
    choices = np.array(
        [[number.setdefault(each[name], len(number)) for name in group] for each in candidates],
        dtype=np.int64,
    )
    return LikeAxes(tuple(names.index(name) for name in group), choices)
