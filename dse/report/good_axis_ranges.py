"""In which range of an axis the best networks lie, by the empirical bootstrap.

After "Designing Network Design Spaces" (arXiv:2003.13678), as its authors' pycls does it: a
quarter of the samples is drawn with replacement, the best of them is kept, and that again and
again; 95 % of the values that the best ones have are the good range, and their median is the
likeliest best value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SHARE = 0.25
"""Of the samples in a draw."""
DRAWS = 2500
CONFIDENCE = 0.95

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GoodRange:
    """Where the best networks lie along one axis."""

    axis: str
    low: float
    median: float
    high: float
    at: Values
    """The values of the axis that all samples have."""
    errors: Values
    """What they are judged by, in the same order."""


def good_ranges(
    axes: Sequence[tuple[str, Values]], errors: Values, is_score: bool = False, seed: int = 0
) -> list[GoodRange]:
    """Return the good range of each axis.

    Args:
        axes: their names, with the value of each sample: finite numbers.
        errors: of the samples, all finite.
        is_score: whether more is better.
        seed: of the draws; all axes share them.
    """
    best = best_of_draws(-errors if is_score else errors, seed)
    tail = 100 * (1 - CONFIDENCE) / 2
    found = []
    for name, values in axes:
        low, median, high = np.percentile(
            values[best], [tail, 50, 100 - tail], method="inverted_cdf"
        )
        found.append(GoodRange(name, float(low), float(median), float(high), values, errors))
    return found


def best_of_draws(
    errors: Values, seed: int, share: float = SHARE, draws: int = DRAWS
) -> npt.NDArray[np.int64]:
    """Return the position of the least error in each of many draws with replacement."""
    number = len(errors)
    size = max(1, round(share * number))
    random = np.random.default_rng(seed)
    order = np.argsort(errors, kind="stable")
    # The best of a draw is the one with the least rank; a row at a time keeps memory small.
    ranks = np.array([random.integers(0, number, size).min() for _ in range(draws)])
    best: npt.NDArray[np.int64] = order[ranks]
    return best
