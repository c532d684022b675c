"""The networks of least or greatest peaks: level by level of what the peak may be, exactly."""

from __future__ import annotations

from dse.space.budget import Bound, Budget
from dse.space.graph.amounts import amounts_of
from dse.space.graph.exact_optimum import Optimum, best_networks
from dse.space.graph.front_networks import CostGoal, exact_front, is_of_sums_and_peaks
from dse.space.graph.networks import NetworkGraph


def has_best_by_level(graph: NetworkGraph, goal: CostGoal, budget: Budget) -> bool:
    """Return whether `best_by_level` takes a goal and these bounds."""
    if not is_of_sums_and_peaks(goal.cost):
        return False
    return not amounts_of(graph, _with(budget, Bound(goal.cost, 0, None))).is_partial


def best_by_level(
    graph: NetworkGraph, goal: CostGoal, budget: Budget, number: int
) -> list[Optimum]:
    """Return the networks within a budget that have the best of a cost with peaks in it.

    The best value is the only point of the front of that one goal; as many networks as are wanted
    have it as a rule. Where they are fewer, the best of all worse values comes next.

    Args:
        graph: of a space.
        goal: a weighted sum of sums over blocks and of peaks.
        budget: bounds on such costs.
        number: how many at most.

    Returns:
        distinct networks, the best first, with what the goal has as values, negative where it is to
        be small.

    Raises:
        DseError: as for `exact_front`.
    """
    found: list[Optimum] = []
    rest, sign = budget, 1 if goal.is_large else -1
    while len(found) < number:
        front = exact_front(graph, [goal], rest)
        if not len(front.values):
            break
        value = int(front.values[0, 0])
        level = _with(budget, Bound(goal.cost, value, value))
        same = best_networks(graph, {}, level, number - len(found))
        found += [Optimum(each.path, sign * value, sign * value) for each in same]
        rest = _with(budget, _worse(goal, value))
    return found


def _worse(goal: CostGoal, value: int) -> Bound:
    if goal.is_large:
        return Bound(goal.cost, None, value - 1)
    return Bound(goal.cost, value + 1, None)


def _with(budget: Budget, bound: Bound) -> Budget:
    return Budget((*budget.bounds, bound), budget.conditions)
