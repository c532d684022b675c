"""Which points are dominated by none: exact, for any number of objectives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_BLOCK = 2048
"""Points that are compared with one another at a time."""

_SIEVE = 512
"""Points that look best at first, against which all others are tried before the exact pass."""

_IN_VAIN = 8
"""Points in a row that sieve out next to nothing, after which the sieve is given up."""

_TRIED = 16
"""Points of a front in more than two goals that new ones are tried against first."""

_LEVELS = 40
"""Values of an objective that are few: fronts of so many objectives less are quicker to find."""

_MOST_BY_LEVEL = 4
"""Objectives of such fronts at most: each level of each of more would have levels of its own."""

Ranks = npt.NDArray[np.int64]


def non_dominated(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
    """Return the positions of the points that no other point dominates, in order.

    A point dominates another that is nowhere better, and worse in one objective at least. Equal
    points do not dominate each other: all of them are kept.

    Args:
        columns: the values of each objective, of which less is better; of any type with an order.
    """
    if len(columns[0]) == 0:
        return np.empty(0, dtype=np.int64)
    waiting, ranks = _sieved([np.unique(column, return_inverse=True)[1] for column in columns])
    points, place = np.unique(ranks, axis=0, return_inverse=True)
    kept = np.zeros(len(points), dtype=bool)
    kept[_front(points)] = True
    return waiting[np.flatnonzero(kept[place.reshape(-1)])]


def distinct_front(columns: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
    """Return the positions of the points that no other dominates, one of those that are equal.

    Args:
        columns: of which less is better.
    """
    differing = [column for column in columns if len(column) and (column != column[0]).any()]
    if not differing:
        return np.zeros(min(1, len(columns[0])), dtype=np.int64)
    if len(differing) == 1:
        return np.array([differing[0].argmin()])
    front = non_dominated(differing)
    starts, order = _runs([column[front] for column in differing])
    first: npt.NDArray[np.int64] = front[order[starts]]
    return first


def fronts(columns: Sequence[npt.NDArray[Any]], number: int) -> npt.NDArray[np.int64]:
    """Return the positions of the points on so many fronts, taken off one after the other.

    They are all but points than which as many others are nowhere worse. Of equal points one is on a
    front, and the next on the one behind it.

    Args:
        columns: of which less is better.
        number: of fronts.
    """
    if number == 1 or len(columns[0]) == 0:
        return distinct_front(columns)
    # Distinct points, each with how many there are of it that no front has yet.
    starts, order = _runs(columns)
    left = np.diff(np.append(starts, len(order)))
    taken = np.zeros_like(left)
    waiting = np.arange(len(starts))
    for _ in range(number):
        if not len(waiting):
            break
        places = order[starts[waiting]]
        front = waiting[distinct_front([column[places] for column in columns])]
        taken[front] += 1
        waiting = waiting[taken[waiting] < left[waiting]]
    at = np.repeat(starts, taken)
    copies = np.arange(len(at)) - np.repeat(np.cumsum(taken) - taken, taken)
    kept: npt.NDArray[np.int64] = order[at + copies]
    return kept


def _runs(
    columns: Sequence[npt.NDArray[Any]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where each run of equal points starts in an order of points, and that order."""
    order = np.lexsort(columns)
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for column in columns:
        ordered = column[order]
        is_new[1:] |= ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_new), order


def _sieved(columns: list[Ranks]) -> tuple[npt.NDArray[np.int64], Ranks]:
    """Return the positions and the ranks of points that are not dominated at first sight.

    Most points are dominated by one of those with the least ranks in all.
    """
    waiting = np.arange(len(columns[0]))
    total = np.sum(columns, axis=0)
    best = np.argpartition(total, _SIEVE)[:_SIEVE] if len(total) > _SIEVE else waiting[:0]
    in_vain = 0
    for one in np.stack([column[best] for column in columns], axis=1):
        reached, equal = columns[0] >= one[0], columns[0] == one[0]
        for column, rank in zip(columns[1:], one[1:], strict=True):
            reached &= column >= rank
            equal &= column == rank
        left = np.flatnonzero(~reached | equal)
        in_vain = in_vain + 1 if len(left) > 0.999 * len(waiting) else 0
        waiting, columns = waiting[left], [column[left] for column in columns]
        if in_vain == _IN_VAIN:
            break
    return waiting, np.stack(columns, axis=1)


def _front(points: Ranks) -> npt.NDArray[np.int64]:
    """Return the positions of the non-dominated of distinct points in lexicographic order."""
    if points.shape[1] <= 2:
        return _staircase(points)
    if points.shape[1] <= _MOST_BY_LEVEL:
        levels = [len(np.unique(column)) for column in points.T]
        if min(levels) <= _LEVELS:
            return _by_level(points, int(np.argmin(levels)))
    if points.shape[1] == 3:
        return _spiral(points)
    waiting = np.arange(len(points))
    # What dominates a point comes before it, so what is on the front once stays there.
    front: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
    for start in range(0, len(waiting), _BLOCK):
        some = waiting[start : start + _BLOCK]
        for first in range(0, len(front), _BLOCK):
            some = some[~_dominated(points[some], points[front[first : first + _BLOCK]])]
        some = some[~_dominated(points[some], points[some])]
        front = np.concatenate([front, some])
    return front


def _by_level(points: Ranks, objective: int) -> npt.NDArray[np.int64]:
    """Return the front of points, one of whose objectives has few values: a front for each.

    Beside those that are less in that objective, points are compared in the other ones alone.
    """
    others = np.delete(points, objective, axis=1)
    front: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
    beating = front
    for level in np.unique(points[:, objective]):
        # Of points that are equal in the others, the one of an earlier level comes first.
        places = np.concatenate([beating, np.flatnonzero(points[:, objective] == level)])
        rows, firsts = np.unique(others[places], axis=0, return_index=True)
        best = firsts[_front(rows)]
        front = np.concatenate([front, places[best[best >= len(beating)]]])
        beating = places[best]
    return np.sort(front)


def _staircase(points: Ranks) -> npt.NDArray[np.int64]:
    """Return the front of points of one or two objectives: each step lies below all before it."""
    last = points[:, -1]
    if points.shape[1] == 1:
        return np.array([0])
    lowest_before = np.concatenate([[last.max() + 1], np.minimum.accumulate(last)[:-1]])
    return np.flatnonzero(last < lowest_before)


def _spiral(points: Ranks) -> npt.NDArray[np.int64]:
    """Return the front of points of three objectives, however large it is.

    Beside the first objective, what came before a point leaves a staircase in the other two: the
    third falls where the second rises. The step at or before the point decides.
    """
    seconds: list[int] = []
    thirds: list[int] = []
    front = []
    for place, (_, second, third) in enumerate(points.tolist()):
        step = bisect_right(seconds, second)
        if step and thirds[step - 1] <= third:
            continue
        front.append(place)
        start = step - 1 if step and seconds[step - 1] == second else step
        end = start
        while end < len(thirds) and thirds[end] >= third:
            end += 1
        seconds[start:end] = [second]
        thirds[start:end] = [third]
    return np.array(front, dtype=np.int64)


def _dominated(points: Ranks, by: Ranks) -> npt.NDArray[np.bool_]:
    """Return which distinct points have one among the others that is nowhere worse."""
    nowhere_worse = np.ones((len(points), len(by)), dtype=bool)
    equal = nowhere_worse.copy()
    for objective in range(points.shape[1]):
        mine, theirs = points[:, objective, None], by[None, :, objective]
        nowhere_worse &= theirs <= mine
        equal &= theirs == mine
    found: npt.NDArray[np.bool_] = np.any(nowhere_worse & ~equal, axis=1)
    return found


def beaten(new: Ranks, front: Ranks) -> npt.NDArray[np.bool_]:
    """Return which points a front beats for certain; of what is left, some may be beaten still.

    Args:
        new: of shape (points, goals); less is better.
        front: the same, of points that do not dominate each other.
    """
    beaten = np.zeros(len(new), dtype=np.bool_)
    if not len(front):
        return beaten
    if new.shape[1] == 2:
        # A staircase: the last step that is no worse in the first goal is the best in the second.
        order = np.lexsort((front[:, 1], front[:, 0]))
        lowest = np.minimum.accumulate(front[order, 1])
        step = np.searchsorted(front[order, 0], new[:, 0], side="right") - 1
        beaten[:] = (step >= 0) & (lowest[np.maximum(step, 0)] < new[:, 1])
        return beaten
    for strong in front[:: max(1, len(front) // _TRIED)]:
        beaten |= (strong <= new).all(axis=1) & (strong < new).any(axis=1)
    return beaten
