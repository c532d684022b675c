"""Pareto fronts of a search and how much they dominate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dse.dominance import non_dominated
from dse.search.hypervolume import hypervolume
from dse.search.studies.search_result import Evaluated, SearchResult

Floats = NDArray[np.float64]


def front_of(result: SearchResult) -> list[Evaluated]:
    """Return the evaluations that none dominates, in the order of the first goal."""
    finished = result.finished()
    if not finished:
        return []
    less = _less(result, finished)
    kept = non_dominated(list(less.T))
    return [finished[place] for place in kept[np.argsort(less[kept, 0], kind="stable")]]


def pareto_front(result: SearchResult) -> tuple[list[Evaluated], list[float], float]:
    """Return the evaluations that none dominates, a reference point and their hypervolume.

    The reference holds the worst value of each goal among everything that was evaluated, whether
    it meets the limits or not, so the hypervolume says how far the front has come from there. The
    order is that of the first goal.
    """
    front = front_of(result)
    if not front:
        return [], [], 0.0
    evaluated = [e for e in (*result.warm, *result.evaluations) if e.values is not None]
    worst = _less(result, evaluated).max(axis=0)
    reference = result.objective.signed((-worst).tolist())
    return front, reference, hypervolume(_less(result, front), worst)


def _less(result: SearchResult, evaluated: Sequence[Evaluated]) -> Floats:
    """Return the values of evaluations, less of which is better in every goal."""
    return np.array([[-v for v in result.objective.signed(e.values or [])] for e in evaluated])
