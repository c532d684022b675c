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
from dse.space.processes import cost_in_processes
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
        candidate = self._resolved(settings)
        if isinstance(candidate, Invalid):
            key = settings_key(self.grid.family.name, settings)
            return CostedPoint(settings, key, None, candidate)
        return CostedPoint(settings, candidate.key, candidate, self.blocks.cost(candidate))

    def _resolved(self, settings: Settings) -> Candidate | Invalid:
        try:
            return self.grid.family.resolve(settings)
        except DseError as error:
            return Invalid(str(error))

    def points(self) -> Iterator[CostedPoint]:
        """Yield every point of the grid, costed; those of callables in parallel processes."""
        if self.grid.family.is_callable:
            return self._traced_points()
        return map(self.point, self.grid)

    def _traced_points(self) -> Iterator[CostedPoint]:
        costed = cost_in_processes(self._unknown(), self.conditions, self.grid.family.allow)
        for settings in self.grid:
            candidate = self._resolved(settings)
            while isinstance(candidate, Candidate) and not self.blocks.knows(candidate.key):
                found, costs = next(costed)
                self.blocks.remember(
                    found.key, costs if isinstance(costs, Costs) else Invalid(costs)
                )
            yield self.point(settings)
        costed.close()

    def _unknown(self) -> Iterator[Candidate]:
        """Yield each candidate of the grid whose costs are not known, once."""
        seen: set[int] = set()
        for candidate in map(self._resolved, self.grid):
            if isinstance(candidate, Candidate) and candidate.key not in seen:
                seen.add(candidate.key)
                if not self.blocks.knows(candidate.key):
                    yield candidate

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
