"""Choices and costs of the candidates of a pool: those that it lists, and others that came."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T", bound=np.generic)

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class PoolRows:
    """A row for each candidate. Further ones may come behind those that are listed.

    Args:
        choices: of the listed ones, of shape (candidates, axes), each axis numbered from 0 on.
        costs: numbers of shape (candidates, costs); None for none.
        hints: numbers of shape (candidates, hints), NaN where unknown, as they are of all others.
    """

    def __init__(
        self,
        choices: NDArray[np.integer],
        costs: Floats | None = None,
        hints: Floats | None = None,
    ) -> None:
        self.listed, self.hints = len(choices), hints
        self._choices = choices
        self._costs = np.zeros((len(choices), 0)) if costs is None else costs
        self._number = len(choices)

    def __len__(self) -> int:
        """Return the number of candidates, listed or not."""
        return self._number

    @property
    def choices(self) -> NDArray[np.integer]:
        """Of shape (candidates, axes)."""
        return self._choices[: self._number]

    @property
    def costs(self) -> Floats:
        """Of shape (candidates, costs)."""
        return self._costs[: self._number]

    def add(self, choices: NDArray[np.integer], costs: Floats) -> Indices:
        """Take further candidates; return their numbers."""
        number = self._number + len(choices)
        if number > len(self._choices):
            room = max(number, len(self._choices) + len(self._choices) // 8)
            self._choices = _with_room(self._choices, room)
            self._costs = _with_room(self._costs, room)
        self._choices[self._number : number] = choices
        self._costs[self._number : number] = costs
        found = np.arange(self._number, number)
        self._number = number
        return found

    def forget(self, number: int) -> None:
        """Leave out all candidates from a number on."""
        self._number = number


def _with_room(rows: NDArray[_T], room: int) -> NDArray[_T]:
    found = np.empty((room, rows.shape[1]), dtype=rows.dtype)
    found[: len(rows)] = rows
    return found
