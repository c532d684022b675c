"""Candidates that a supernet is trained on: the largest, the smallest, and uniform draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dse.costs import Costs
from dse.errors import DseError
from dse.space import (
    BlockSpace,
    Budget,
    CostedPoint,
    DesignSpace,
    best_networks,
    draw,
    draw_settings,
    feasible_number,
    is_exact_for,
    require_buildable,
    require_feasible,
    too_few,
)

MOST_DRAWN = 20_000
"""Candidates that are drawn at most, from which each step takes some."""


@dataclass(frozen=True)
class DrawnCandidates:
    """Candidates within a budget, from the largest to the smallest by multiply-accumulates."""

    points: tuple[CostedPoint, ...]

    @property
    def largest(self) -> CostedPoint:
        """The one that others learn from."""
        return self.points[0]

    def within(self, share: float) -> tuple[CostedPoint, ...]:
        """Return the largest of them: a share of all, at least one."""
        return self.points[: max(1, round(share * len(self.points)))]


def drawn_candidates(space: DesignSpace, budget: Budget, number: int, seed: int) -> DrawnCandidates:
    """Draw candidates uniformly from all within a budget; the largest and the smallest are among.

    Of a space whose settings are only drawn, they are the first that a search draws with the same
    budget and seed, and the largest and the smallest are of these.

    Args:
        space: of any family.
        budget: bounds on costs.
        number: how many are wanted; fewer where there are fewer.
        seed: of the draws.

    Raises:
        DseError: where nothing is within the budget.
    """
    number = min(number, MOST_DRAWN)
    is_drawn_from = isinstance(space, BlockSpace) and space.is_drawn_from
    if not is_drawn_from:
        require_buildable(space)
    if isinstance(space, BlockSpace) and is_drawn_from:
        points = _drawn_settings(space, budget, number, seed)
    elif isinstance(space, BlockSpace):
        require_feasible(space, budget)
        points = [*_ends(space, budget), *_drawn(space, budget, number, seed)]
    else:
        points = [
            p for p in space.points() if isinstance(p.costs, Costs) and budget.admits(p.costs)
        ]
    distinct = {point.key: point for point in points if isinstance(point.costs, Costs)}
    if not distinct:
        raise DseError(f"supernet: no candidate can be built that meets {budget}")
    return DrawnCandidates(tuple(sorted(distinct.values(), key=_size, reverse=True)))


def _size(point: CostedPoint) -> tuple[int, int, int]:
    assert isinstance(point.costs, Costs)
    return point.costs.macs, point.costs.params, point.key


def _drawn(space: BlockSpace, budget: Budget, number: int, seed: int) -> Iterable[CostedPoint]:
    feasible = feasible_number(space, budget)
    if not feasible.most:
        return []
    wanted = min(number, feasible.most if feasible.is_exact else max(feasible.least, 1))
    return _points(space, draw(space, budget, wanted, seed).choices)


def _drawn_settings(space: BlockSpace, budget: Budget, number: int, seed: int) -> list[CostedPoint]:
    drawn = draw_settings(space, budget, number, seed)
    if not len(drawn):
        raise too_few(drawn, 1, budget)
    return [space.point(settings) for settings in drawn.space.grid]


def _ends(space: BlockSpace, budget: Budget) -> Iterable[CostedPoint]:
    """Return the candidates of the most and the fewest multiply-accumulates, where they are found.

    Under a budget on what is no sum over blocks they are the ends of what is drawn.
    """
    found: list[CostedPoint] = []
    graph = space.graph_of([*budget.bounded, "macs"])
    for sign in (1.0, -1.0):
        goal = {"macs": sign}
        if is_exact_for(goal, budget, graph):
            best = best_networks(graph, goal, budget, 1)
            found += _points(space, [graph.choices_at(each.path[None])[0] for each in best])
    return found


def _points(space: BlockSpace, choices: Iterable[Any]) -> list[CostedPoint]:
    return [space.point(space.grid.settings(each.tolist())) for each in choices]
