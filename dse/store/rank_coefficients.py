"""Spearman's ρ and Kendall's τ-b of two columns of numbers, as of `scipy.stats`.

SciPy takes as long to load as a million candidates take here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.int64]


def rank_coefficients(first: NDArray[Any], second: NDArray[Any]) -> tuple[float, float]:
    """Return ρ and τ-b.

    Args:
        first: of shape (candidates,), of two values or more.
        second: likewise.
    """
    import numpy as np

    places, others = _places(first), _places(second)
    sizes, of_others = np.bincount(places), np.bincount(others)
    ranks = [_mean_ranks(sizes)[places], _mean_ranks(of_others)[others]]
    rho = np.asarray(np.corrcoef(np.stack(ranks)))[1, 0]
    both = np.sort(places * len(of_others) + others)
    total, tied = _pairs(len(both)), _tied(sizes)
    tied_others = _tied(of_others)
    ends = np.flatnonzero(np.append(both[1:] != both[:-1], True))
    tied_in_both = _tied(np.diff(ends, prepend=-1))
    discordant = inversions(both % len(of_others))
    more = total - tied - tied_others + tied_in_both - 2 * discordant
    tau = more / np.sqrt(total - tied) / np.sqrt(total - tied_others)
    return float(rho), float(min(1.0, max(-1.0, tau)))


def _places(values: NDArray[Any]) -> Column:
    """Return the place of each value among the distinct ones."""
    import numpy as np

    order = np.argsort(values)
    ordered = values[order]
    places = np.empty(len(values), dtype=np.int64)
    places[order] = np.cumsum(np.append(False, ordered[1:] != ordered[:-1]))
    return places


def _mean_ranks(sizes: Column) -> NDArray[np.float64]:
    """Return the mean of the ranks that the equal numbers at each place share."""
    import numpy as np

    ends = np.cumsum(sizes)
    return np.asarray(0.5 * (ends + (ends - sizes) + 1))


def _pairs(number: int) -> int:
    return number * (number - 1) // 2


def _tied(sizes: Column) -> int:
    """Return how many pairs are equal, from how many are of each kind."""
    return int((sizes * (sizes - 1) // 2).sum())


def inversions(places: Column) -> int:
    """Return how many pairs stand the wrong way round, the larger number first.

    Bit by bit from the highest on: numbers that agree in all higher bits stand together, in their
    order, as a wavelet matrix has them (10.1016/j.is.2014.06.002). A pair is counted at the first
    bit in which it differs.

    Args:
        places: whole numbers from 0 on.
    """
    import numpy as np

    left, found = places.astype(np.int32), 0
    # Where numbers that agree so far start, and how many they are.
    starts, sizes = np.zeros(1, dtype=np.int32), np.array([len(left)], dtype=np.int32)
    ones = np.zeros(len(left) + 1, dtype=np.int32)
    for bit in reversed(range(int(places.max()).bit_length())):
        is_one = (left & 1 << bit) != 0
        np.cumsum(is_one, out=ones[1:])
        before, number = ones[starts], int(ones[-1])
        of_one = ones[starts + sizes] - before
        # Before each zero the ones of its own; those before a one are 0, 1, 2 and so on.
        found += int(ones[:-1].sum(dtype=np.int64)) - _pairs(number)
        found -= int(np.dot(before.astype(np.int64), sizes - of_one))
        left = np.concatenate([left[~is_one], left[is_one]])
        starts = np.concatenate([starts - before, len(left) - number + before])
        sizes = np.concatenate([sizes - of_one, of_one])
        starts, sizes = starts[sizes > 0], sizes[sizes > 0]
    return found
