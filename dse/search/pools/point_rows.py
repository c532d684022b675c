"""What the store knows a design space as, and one of its candidates."""

from __future__ import annotations

from dse.costs import Costs
from dse.space import CostedPoint, DesignSpace, Invalid
from dse.store import CandidateRow, CostScope


def scope_of(space: DesignSpace) -> CostScope:
    """Return what the costs of a space's candidates are for, and what makes them."""
    return CostScope(space.grid.family.name, space.conditions, space.code)


def candidate_row(space: DesignSpace, point: CostedPoint) -> CandidateRow:
    """Return the row that the store keeps of a costed point."""
    invalid = point.costs.reason if isinstance(point.costs, Invalid) else None
    # A resolved candidate has only the settings that make a difference to it.
    settings = point.settings if point.candidate is None else point.candidate.settings
    return CandidateRow(
        key=point.key,
        family=space.grid.family.name,
        conditions=space.conditions,
        settings=dict(settings),
        costs=point.costs if isinstance(point.costs, Costs) else None,
        invalid=invalid,
        code=space.code,
    )
