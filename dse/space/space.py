"""A design space: a family with a grid, its candidates and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dse.costs import Conditions, Costs, unit_of
from dse.errors import DseError
from dse.space.budget import Budget, cheapest
from dse.space.candidate import Candidate, settings_key
from dse.space.costing import BlockTable, Invalid
from dse.space.grid import Grid, Settings
from dse.units import format_quantity


@dataclass(frozen=True, slots=True)
class CostedPoint:
    """A point of a space: its settings, its network if there is one, and the costs of that."""

    settings: Settings
    key: int
    candidate: Candidate | None
    costs: Costs | Invalid


@dataclass(frozen=True)
class DesignSpace:
    """Family × grid, costed with one table of blocks."""

    grid: Grid
    blocks: BlockTable

    @property
    def conditions(self) -> Conditions:
        """What the costs depend on besides the architecture."""
        return self.blocks.conditions

    def point(self, settings: Settings) -> CostedPoint:
        """Return the costed point at full settings; one that cannot be built says why."""
        family = self.grid.family
        try:
            candidate = family.resolve(settings)
        except DseError as error:
            key = settings_key(family.name, settings)
            return CostedPoint(settings, key, None, Invalid(str(error)))
        return CostedPoint(settings, candidate.key, candidate, self.blocks.cost(candidate))

    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, costed."""
        return map(self.point, self.grid)

    @cached_property
    def has_points(self) -> bool:
        """Whether the exclusions leave any point."""
        return next(iter(self.grid), None) is not None

    def feasible(self, budget: Budget) -> Iterator[CostedPoint]:
        """Yield the points whose costs a budget admits."""
        for point in self.points():
            if isinstance(point.costs, Costs) and budget.admits(point.costs):
                yield point

    def require_feasible(self, budget: Budget) -> None:
        """Raise a `DseError` that names the nearest candidate if nothing meets the budget."""
        if not self.has_points:
            raise DseError("the grid is empty: its exclusions remove every point")
        if budget and next(self.feasible(budget), None) is None:
            raise DseError(self._impossible(budget))

    def _impossible(self, budget: Budget) -> str:
        costed = [
            (point.settings, point.costs)
            for point in self.points()
            if isinstance(point.costs, Costs)
        ]
        nearest = cheapest(budget, costed)
        if nearest is None:
            return "no candidate of the grid can be built"
        settings, costs = nearest
        named = ", ".join(f"{name}={value}" for name, value in settings.items())
        amounts = ", ".join(
            f"{bound.cost} {format_quantity(getattr(costs, bound.cost), unit_of(bound.cost))}"
            for bound in budget.bounds
        )
        return f"no candidate meets {budget}; the cheapest is {named} with {amounts}"
