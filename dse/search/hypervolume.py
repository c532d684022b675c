"""How much some points dominate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def hypervolume(points: Floats, reference: Floats) -> float:
    """Return the volume between points and a reference, of which less is better.

    By slices along the last objective (10.1109/TEVC.2005.861417), exact for any number of them.
    """
    points = points[(points < reference).all(axis=1)]
    if not len(points):
        return 0.0
    if points.shape[1] == 1:
        return float(reference[0] - points.min())
    order = np.argsort(points[:, -1])
    points = points[order]
    ends = np.append(points[1:, -1], reference[-1])
    total = 0.0
    for number, (start, end) in enumerate(zip(points[:, -1], ends, strict=True), start=1):
        if end > start:
            total += float(end - start) * hypervolume(points[:number, :-1], reference[:-1])
    return total
