"""The mean and the sample standard deviation of numbers, in SQL."""

from __future__ import annotations

import math
import sqlite3
from typing import Any, cast

from sqlalchemy import ColumnElement, Double, func


def mean(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the mean of numbers; null of none.

    The `avg` of PostgreSQL adds up squares beside, which of numbers over 1e154 are none.
    """
    return func.sum(value.cast(Double)) / func.count(value)


def sample_deviation(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the square root of the sample variance of numbers; null for less than two."""
    return func.stddev_samp(value.cast(Double))


def teach_deviation(connection: sqlite3.Connection) -> None:
    """Add to SQLite, which has none, the function of that name that servers have."""
    # Its stub knows of aggregates of whole numbers alone.
    connection.create_aggregate("stddev_samp", 1, cast(Any, _Deviation))


class _Deviation:
    """Adds up squares around the mean so far, so that large numbers do not round them away.

    "Note on a Method for Calculating Corrected Sums of Squares and Products", Welford 1962.
    """

    def __init__(self) -> None:
        self._count, self._mean, self._squares = 0, 0.0, 0.0

    def step(self, number: float | None) -> None:
        """Take a number; null is none."""
        if number is None:
            return
        self._count += 1
        distance = number - self._mean
        self._mean += distance / self._count
        self._squares += distance * (number - self._mean)

    def finalize(self) -> float | None:
        """Return the deviation of what was taken."""
        return None if self._count < 2 else math.sqrt(self._squares / (self._count - 1))
