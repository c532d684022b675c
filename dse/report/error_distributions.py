"""Error distribution functions: how good the networks of a design space are, as a whole.

After "On Network Design Spaces for Visual Recognition" (arXiv:1905.13214) and "Designing Network
Design Spaces" (arXiv:2003.13678): F(e) = 1/n Σ 1[eᵢ < e] over networks that are drawn uniformly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ErrorDistribution:
    """The share of networks that are better than each value, with a band."""

    name: str
    at: Values
    """Errors, or scores, from the best to the worst."""
    share: Values
    """Of networks that are better than each."""
    low: Values
    """Of 95 % of all bootstrap samples at each, the least."""
    high: Values
    number: int
    """Networks."""


def error_distribution(
    values: Values, name: str = "", is_score: bool = False, confidence: float = 0.95
) -> ErrorDistribution:
    """Return the distribution function of errors, or of scores.

    The band is that of the bootstrap with infinitely many samples: of n networks that are drawn
    with replacement, the number that is better than a value is binomial with n and the share
    itself, so that its quantiles are known and nothing has to be drawn.

    Args:
        values: of the networks, all finite.
        name: of the group.
        is_score: whether more is better, so that better than a value is above it.
        confidence: of the band, at each value by itself.
    """
    # SciPy's distributions take a while to load.
    from scipy.special import bdtrik

    errors = np.sort(-values if is_score else values)
    # The function steps up right behind each error; behind the last one it is 1.
    at = np.unique(errors)
    number = len(errors)
    below = np.searchsorted(errors, at, side="right")
    share = below / number
    tail = (1 - confidence) / 2
    low, high = (
        np.where(share < 1, np.ceil(bdtrik(q, number, np.minimum(share, 1 - 1e-15))), number)
        for q in (tail, 1 - tail)
    )
    ends = -at if is_score else at
    return ErrorDistribution(name, ends, share, low / number, high / number, number)
