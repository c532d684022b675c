"""Goals that follow from the architecture alone need no search: the best is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dse.cost_formulas import find_formula, formula_values
from dse.limits import limit
from dse.search.key_set import Integers
from dse.search.objective import Objective
from dse.search.objectives import cost_of
from dse.space import BlockSpace, Budget, is_exact_for, optimum, require_buildable, scan


@dataclass(frozen=True)
class Best:
    """The best candidate of a space within a budget."""

    choices: Integers
    """Of shape (dimensions,)."""
    value: float
    """Of the goal."""
    bound: float
    """No candidate within the budget is better than this."""

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none is better."""
        return self.value == self.bound


def goal_of_costs(objective: Objective) -> dict[str, float] | None:
    """Return the weight of each formula over costs in an objective; None where it measures."""
    if len(objective.goals) != 1 or objective.limits:
        return None
    (goal,) = objective.goals
    weights: dict[str, float] = {}
    for measure in objective.measures:
        cost = cost_of(measure.function, measure.options)
        if cost is None or measure.name not in goal.weights:
            return None
        for term, times in _terms(cost).items():
            weights[term] = weights.get(term, 0.0) + times * goal.weights[measure.name]
    return weights


def _terms(formula: str) -> dict[str, float]:
    """Return a formula by the costs that it is a weighted sum of; else as it is."""
    found = find_formula(formula).linear
    if found is None or found.constant:
        return {formula: 1.0}
    return {name: float(weight) for name, weight in found.weights.items()}


def best_of_costs(
    space: BlockSpace, budget: Budget, weights: Mapping[str, float], maximize: bool
) -> Best | None:
    """Return the best candidate by a weighted sum of costs, or of formulas over costs.

    Args:
        space: of a family of blocks.
        budget: that something meets.
        weights: of costs.
        maximize: whether the sum is to be large.

    Returns:
        None where the space is too large to go through and a cost, or a bound, is no sum over
        blocks: that is for a search.

    Raises:
        DseError: where no network of the space can be built.
    """
    require_buildable(space)
    sign = 1.0 if maximize else -1.0
    signed = {cost: sign * weight for cost, weight in weights.items()}
    graph = space.graph_of([*signed, *budget.costs])
    if is_exact_for(signed, budget, graph):
        found = optimum(graph, signed, budget)
        if found is None:
            return None
        choices = graph.choices_at(found.path[None])[0]
        return Best(choices, sign * found.value, sign * found.bound)
    if space.grid.size <= limit("pool_points"):
        return _scanned(space, budget, signed, sign)
    return None


def _scanned(
    space: BlockSpace, budget: Budget, weights: Mapping[str, float], sign: float
) -> Best | None:
    best: Best | None = None
    needed = tuple({name: None for cost in weights for name in find_formula(cost).names})
    for scanned in scan(space.tables, budget):
        columns = space.tables.costs(scanned.choices, needed)
        named = {name: columns.column(name) for name in needed}
        values = {cost: formula_values(cost, named) for cost in weights}
        known = columns.bears(needed)
        for found in values.values():
            known &= found.known
        if not known.any():
            continue
        total = sum(weight * values[cost].numbers for cost, weight in weights.items())
        place = int(np.argmax(np.where(known, total, -np.inf)))
        value = sign * float(np.asarray(total)[place])
        if best is None or sign * value > sign * best.value:
            best = Best(scanned.choices[place], value, value)
    return best
