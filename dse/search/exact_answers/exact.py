"""Goals that follow from the architecture alone need no search: the best is worked out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from dse.cost_formulas import cost_of_terms, find_formula, is_sum_over_blocks, is_weighted_sum
from dse.limits import limit
from dse.search.exact_answers.exact_scan import best_listed, front_listed
from dse.search.objective import Goal, Objective
from dse.search.objectives import cost_of
from dse.search.pools import Integers
from dse.space import (
    BlockSpace,
    Budget,
    CostGoal,
    EntangledError,
    NetworkGraph,
    best_apart,
    best_by_level,
    best_networks,
    exact_front,
    has_best_by_level,
    has_exact_front,
    is_exact_for,
    require_buildable,
)


@dataclass(frozen=True)
class Best:
    """One of the best candidates of a space within a budget."""

    choices: Integers
    """Of shape (dimensions,)."""
    value: float
    """Of the goal."""
    bound: float
    """No candidate within the budget is better than this, but for those that are told before it."""

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none is better, but for those that are told before it."""
        return self.value == self.bound


def goal_of_costs(objective: Objective) -> dict[str, float] | None:
    """Return the weight of each formula over costs in an objective; None where it measures."""
    if len(objective.goals) != 1 or objective.limits:
        return None
    (goal,) = objective.goals
    formulas = _formulas(objective)
    if formulas is None or goal.weights.keys() != formulas.keys():
        return None
    weights: dict[str, float] = {}
    for name, cost in formulas.items():
        for term, times in _terms(cost).items():
            weights[term] = weights.get(term, 0.0) + times * goal.weights[name]
    return weights


def goals_of_costs(objective: Objective) -> list[CostGoal] | None:
    """Return each of several goals as a formula over costs; None where one of them measures."""
    formulas = _formulas(objective)
    if len(objective.goals) < 2 or objective.limits or formulas is None:
        return None
    return [_cost_goal(goal, formulas) for goal in objective.goals]


def _formulas(objective: Objective) -> dict[str, str] | None:
    """Return the formula over costs of each measure; None where one measures."""
    found: dict[str, str] = {}
    for measure in objective.measures:
        cost = cost_of(measure.function, measure.options)
        if cost is None:
            return None
        found[measure.name] = cost
    return found


def _cost_goal(goal: Goal, formulas: Mapping[str, str]) -> CostGoal:
    # Each of several goals is one measure.
    (name,) = goal.weights
    return CostGoal(_whole(formulas[name]), goal.direction == "maximize")


def _whole(formula: str) -> str:
    """Return a formula that orders networks in the same way, with whole weights where it has any.

    A factor and a constant make no difference to what is better.
    """
    found = find_formula(formula).linear
    if found is None or not found.weights:
        return formula
    times = math.lcm(*(weight.denominator for weight in found.weights.values()))
    terms = {name: int(weight * times) for name, weight in found.weights.items()}
    whole = cost_of_terms(terms)
    return whole if is_weighted_sum(whole) else formula


def _terms(formula: str) -> dict[str, float]:
    """Return a formula by the costs that it is a weighted sum of; else as it is."""
    found = find_formula(formula).linear
    if found is None or found.constant:
        return {formula: 1.0}
    return {name: float(weight) for name, weight in found.weights.items()}


def best_of_costs(
    space: BlockSpace,
    budget: Budget,
    weights: Mapping[str, float],
    maximize: bool,
    number: int = 1,
    apart: int | None = None,
) -> list[Best] | None:
    """Return the best candidates by a weighted sum of costs, or of formulas over costs.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        weights: of costs.
        maximize: whether the sum is to be large.
        number: how many distinct networks at most.
        apart: in how many dimensions of the grid each differs from all before it, at least.

    Returns:
        the best first; None where the space is too large to go through and a cost, or a bound, is
        neither of sums over blocks nor of peaks, or the best are to be apart: that is for a
        search.

    Raises:
        DseError: where no network of the space can be built.
    """
    require_buildable(space)
    sign = 1.0 if maximize else -1.0
    signed = {cost: sign * weight for cost, weight in weights.items()}
    asked = (*weights, *budget.bounded)
    graph = _graph(space, asked) if all(map(is_sum_over_blocks, weights)) else None
    if graph is not None and is_exact_for(signed, budget, graph):
        found = (
            best_networks(graph, signed, budget, number)
            if apart is None
            else best_apart(graph, signed, budget, number, apart)
        )
        return [
            Best(graph.choices_at(each.path[None])[0], sign * each.value, sign * each.bound)
            for each in found
        ]
    if space.grid.size > limit("pool_points"):
        return (
            None if apart is not None else _best_of_peaks(space, budget, weights, maximize, number)
        )
    choices, values = best_listed(space, budget, signed, number, apart)
    return [
        Best(each, sign * value, sign * value)
        for each, value in zip(choices, values.tolist(), strict=True)
    ]


def _best_of_peaks(
    space: BlockSpace, budget: Budget, weights: Mapping[str, float], maximize: bool, number: int
) -> list[Best] | None:
    """Return the best by a weighted sum with peaks in it; None where that is for a search."""
    exactly = {cost: Fraction(weight) for cost, weight in weights.items()}
    times = math.lcm(*(weight.denominator for weight in exactly.values()))
    formula = cost_of_terms({cost: int(weight * times) for cost, weight in exactly.items()})
    if not is_weighted_sum(formula):
        return None
    graph, goal = _graph(space, (formula, *budget.bounded)), CostGoal(formula, maximize)
    if graph is None or not has_best_by_level(graph, goal, budget):
        return None
    found = best_by_level(graph, goal, budget, number)
    values = [(each.value if maximize else -each.value) / times for each in found]
    return [
        Best(graph.choices_at(each.path[None])[0], value, value)
        for each, value in zip(found, values, strict=True)
    ]


def _graph(space: BlockSpace, costs: Iterable[str]) -> NetworkGraph | None:
    """Return the graph of the networks that have some costs; None where it is too large.

    The space can be gone through then.

    Raises:
        EntangledError: where neither is possible.
    """
    try:
        return space.graph_of(costs)
    except EntangledError:
        if space.grid.size > limit("pool_points"):
            raise
        return None


def front_of_costs(space: BlockSpace, budget: Budget, goals: list[CostGoal]) -> Integers | None:
    """Return the choices of a network at every point of a Pareto front, of the whole space.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        goals: costs, or formulas over costs.

    Returns:
        of shape (points, dimensions); None where that is for a search, as for `best_of_costs`, or
        where nothing is within the budget.

    Raises:
        DseError: where no network of the space can be built, and where the front takes too many
            ways to be worked out.
    """
    require_buildable(space)
    asked = (*(goal.cost for goal in goals), *budget.bounded)
    graph = _graph(space, asked) if all(is_weighted_sum(goal.cost) for goal in goals) else None
    if graph is not None and has_exact_front(graph, goals, budget):
        paths = exact_front(graph, goals, budget).paths
        return graph.choices_at(paths) if len(paths) else None
    if space.grid.size > limit("pool_points"):
        return None
    return front_listed(space, budget, goals)
