"""From a space to a supernet of it, with weights to begin from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dse.space import BlockSpace, Budget, DesignSpace, Settings
from dse.supernet.candidate_draws import DrawnCandidates, drawn_candidates
from dse.supernet.explained import AxisSharing, explained
from dse.supernet.possible_blocks import possible_blocks
from dse.supernet.shared_tensors import SharedWeights
from dse.supernet.supernet_file import Supernet
from dse.supernet.supernet_plan import PlacedBlock, ShareRules, SupernetPlan


@dataclass(frozen=True)
class PlannedSupernet:
    """What a supernet would be, before its weights take memory."""

    space: DesignSpace
    plan: SupernetPlan
    candidates: DrawnCandidates
    """To train on."""
    is_bounded: bool = False
    """Whether a budget says which these are."""

    @property
    def elements(self) -> int:
        """How many weights it holds."""
        total = 0
        for shape in self.plan.storages().values():
            size = 1
            for each in shape:
                size *= each
            total += size
        return total

    def explained(self) -> list[AxisSharing]:
        """Return how each axis is shared, as seen from the largest and the smallest candidate."""
        points = self.candidates.points
        family = self.space.grid.family
        bases = [{**family.defaults, **point.settings} for point in (points[0], points[-1])]
        return explained(self.plan, self.space.grid, bases)

    def supernet(
        self,
        page: Mapping[str, Any],
        grid: Mapping[str, Any],
        training: Mapping[str, Any],
        seed: int,
    ) -> Supernet:
        """Return the supernet with weights drawn from a seed."""
        shared = SharedWeights(self.space.grid.family, self.plan, seed)
        return Supernet(shared, page, grid, training, self.trained_values)

    @property
    def trained_values(self) -> dict[str, list[Any]]:
        """The values of each axis that are trained: under a budget, those that it was found with.

        Where settings are only drawn there are none: of an axis nearly every draw has another.
        """
        space, family = self.space, self.space.grid.family
        if isinstance(space, BlockSpace) and space.is_drawn_from:
            return {}
        if self.is_bounded:
            settings: Iterable[Settings] = (each.settings for each in self.candidates.points)
        else:
            settings = (each for one in space.grid.dimensions for each in one.choices)
        found: dict[str, dict[Any, None]] = {}
        for each in settings:
            for axis, value in each.items():
                found.setdefault(axis, {})[value] = None
        of_defaults = {name: {value: None} for name, value in family.defaults.items()}
        return {axis: [*values] for axis, values in (of_defaults | found).items()}


def plan_supernet(space: DesignSpace, budget: Budget, number: int, seed: int) -> PlannedSupernet:
    """Return what a supernet of a space would be.

    It has room for every candidate of the grid; of a space whose settings are only drawn, for those
    that were.

    Args:
        space: of any family.
        budget: which candidates it is trained on.
        number: of those, at most.
        seed: of their draws.

    Raises:
        DseError: where nothing is within the budget.
    """
    candidates = drawn_candidates(space, budget, number, seed)
    plan = SupernetPlan(ShareRules(space.grid.family.share))
    plan.cover(_blocks(space, plan, candidates))
    return PlannedSupernet(space, plan, candidates, bool(budget))


def _blocks(
    space: DesignSpace, plan: SupernetPlan, candidates: DrawnCandidates
) -> Iterable[PlacedBlock]:
    if isinstance(space, BlockSpace) and not space.is_drawn_from:
        yield from possible_blocks(space, plan)
        return
    for point in candidates.points:
        if point.candidate is not None:
            yield from plan.placed(space.grid.family, point.candidate)
