"""A column of numbers or of words, as pictures take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dse.costs import Unit
from dse.report.figures.figure_style import axis_of, in_order, scale_of, told


@dataclass(frozen=True)
class PlottedColumn:
    """What all candidates have of a cost, an axis or a measurement."""

    name: str
    values: npt.NDArray[Any]
    """Of shape (candidates): floats, NaN for a missing one; or objects, None for a missing one."""
    unit: Unit | None = None
    """Of a cost; None for what is none."""

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, and not words or truths."""
        return self.values.dtype.kind in "fiu"

    @property
    def categories(self) -> list[Any]:
        """The distinct values in order; those of numbers that are not missing."""
        if self.is_number:
            return [float(value) for value in np.unique(self.values[~np.isnan(self.values)])]
        return in_order(self.values.tolist())

    def at(self, places: npt.NDArray[np.int64]) -> PlottedColumn:
        """Return the column of some candidates."""
        return PlottedColumn(self.name, self.values[places], self.unit)

    def scaled(self) -> tuple[npt.NDArray[Any], dict[str, Any]]:
        """Return its values as an axis shows them, and the layout of that axis."""
        if not self.is_number:
            axis: dict[str, Any] = {"type": "category", "title": {"text": told(self.name)}}
            texts = np.array([told(value) for value in self.values.tolist()], dtype=object)
            order = [told(value) for value in self.categories]
            return texts, axis | {"categoryorder": "array", "categoryarray": order}
        divisor, suffix = scale_of(self.values, self.unit)
        values = self.values / divisor
        return values, axis_of(self.name, values, self.unit, suffix)

    def told(self) -> list[str]:
        """Return every value as a hover shows it."""
        return [told(value, self.unit) for value in self.values.tolist()]


def column_of(name: str, values: Sequence[Any], unit: Unit | None = None) -> PlottedColumn:
    """Return a column of plain values: of numbers if all that are there are numbers.

    Args:
        name: as people know it.
        values: of the candidates; None for a missing one.
        unit: of a cost.
    """
    there = [value for value in values if value is not None]
    if there and all(isinstance(v, int | float) and not isinstance(v, bool) for v in there):
        numbers = [np.nan if value is None else float(value) for value in values]
        return PlottedColumn(name, np.array(numbers, dtype=np.float64), unit)
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return PlottedColumn(name, column, unit)
