"""Goals over costs in short: `minimize=macs`, `maximize=params`, or several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dse.cost_formulas import find_formula
from dse.errors import DseError

COST = "dse.search.objectives.cost"


@dataclass(frozen=True)
class NamedGoal:
    """An objective as a page has it, with its name."""

    name: str
    content: Mapping[str, Any]


def goals_in_short(minimize: Any, maximize: Any) -> NamedGoal | None:
    """Return the objective whose goals are costs to be small and costs to be large.

    Args:
        minimize: a cost or a formula over costs, several, or None.
        maximize: likewise.

    Returns:
        None where no cost is given.

    Raises:
        DseError: for what is no formula over costs, and for one that is named twice.
    """
    goals: dict[str, dict[str, str]] = {}
    for direction, given in (("minimize", minimize), ("maximize", maximize)):
        for cost in _costs(given, direction):
            find_formula(cost, direction)
            if cost in goals:
                raise DseError(f"{direction}: {cost} is named twice among the goals")
            goals[cost] = {"_target_": COST, "cost": cost, "direction": direction}
    if len(goals) > 1:
        return NamedGoal("several", {"goals": goals})
    for cost, goal in goals.items():
        return NamedGoal("cost", {**goal, "name": cost})
    return None


def refuse_two_objectives(minimize: Any, maximize: Any, is_given: bool) -> None:
    """Refuse goals in short beside an objective that was chosen.

    Raises:
        DseError: naming the key.
    """
    for key, value in (("minimize", minimize), ("maximize", maximize)):
        if value is not None and is_given:
            raise DseError(f"{key}: is an objective itself; leave objective out, or {key}")


def _costs(given: Any, where: str) -> list[str]:
    several = [given] if isinstance(given, str) else given
    if several is None:
        return []
    is_list = isinstance(several, Sequence) and all(isinstance(each, str) for each in several)
    if not is_list or not several:
        raise DseError(f"{where}: expected a cost, or several, not {given!r}")
    return list(several)
