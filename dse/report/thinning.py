"""Which points of a dense cloud are drawn: no eye tells a million points from a few thousand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST = 4000
"""Points of a cloud that a picture has."""

Places = npt.NDArray[np.int64]


def thinned(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], most: int = MOST) -> Places:
    """Return the positions of points that look like all of them, in order; the same every time.

    A grid of cells lies over the points. Each cell that has any keeps its first, so that the
    outline and lonely points stay; what room is left goes to points evenly spread over all.

    Args:
        x: of shape (points), all finite; cells are wider where large values span decades.
        y: likewise.
        most: points to keep.
    """
    if len(x) <= most:
        return np.arange(len(x))
    side = max(1, int((most * 0.75) ** 0.5))
    cell = _cells(x, side) * side + _cells(y, side)
    _, first = np.unique(cell, return_index=True)
    room = most - len(first)
    others = np.linspace(0, len(x) - 1, room, dtype=np.int64) if room > 0 else first[:0]
    return np.union1d(first, others).astype(np.int64)


def _cells(values: npt.NDArray[np.float64], side: int) -> npt.NDArray[np.int64]:
    """Return in which of so many equal ranges each value is; on a logarithmic scale if it suits."""
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low >= 100:
        values, low, high = np.log(values), float(np.log(low)), float(np.log(high))
    if high == low:
        return np.zeros(len(values), dtype=np.int64)
    cells = ((values - low) * (side / (high - low))).astype(np.int64)
    return np.minimum(cells, side - 1)
