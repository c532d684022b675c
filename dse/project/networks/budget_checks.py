"""Whether one model keeps a budget, bound by bound, and which of its layers take the most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.cost_formulas import cost_value, formula_unit
from dse.costs import COSTS, Costs
from dse.counting import Layer
from dse.errors import DseError
from dse.html_tables import FieldsShown
from dse.language import format_beside, format_quantity
from dse.space import Budget, read_budget

LAYERS = 3
"""How many layers are named of a cost that is over."""


@dataclass(frozen=True)
class CheckedBound(FieldsShown):
    """One bound or condition of a budget beside what the model has."""

    bound: str
    """As it is shown, such as `macs <= 1G`."""
    costs: tuple[tuple[str, int | None], ...]
    """What it is about, with the values of the model; None for what it does not have."""
    holds: bool
    largest: tuple[str, ...] = ()
    """The layers that most of it is from, where it does not hold and is a sum over layers."""

    @property
    def value(self) -> str:
        """What the model has, with units; to the last digit where rounding hides the difference."""
        shown = [self._shown(cost, value) for cost, value in self.costs]
        if len(shown) == 1:
            return shown[0]
        return ", ".join(f"{cost} {s}" for (cost, _), s in zip(self.costs, shown, strict=True))

    def _shown(self, cost: str, value: int | None) -> str:
        if value is None:
            return "–"
        unit = formula_unit(cost)
        if self.holds:
            return format_quantity(value, unit)
        return format_beside(value, unit, self.bound)


def checked_bounds(budget: str, costs: Costs, layers: Sequence[Layer] = ()) -> list[CheckedBound]:
    """Return each bound of a budget beside what a model has.

    Args:
        budget: a text such as `macs <= 300M and params <= 5M`.
        costs: of the model.
        layers: of it, each with what is its own.

    Raises:
        DseError: for a text that is no budget, or one without a bound.
    """
    read: Budget = read_budget({"where": budget})
    if not read:
        raise DseError(f"--budget: {budget!r} bounds nothing, as macs <= 300M would")
    found = []
    for bound in read.bounds:
        holds = bound.admits(costs)
        value = cost_value(costs, bound.cost)
        over = not holds and value is not None and bound.high is not None and value > bound.high
        largest = _largest(bound.cost, layers) if over else ()
        found.append(CheckedBound(str(bound), ((bound.cost, value),), holds, largest))
    for condition in read.conditions:
        values = tuple((name, cost_value(costs, name)) for name in sorted(set(condition.names)))
        has_all = all(value is not None for _, value in values)
        holds = has_all and bool(condition.holds(dict(values)))
        found.append(CheckedBound(str(condition), values, holds))
    return found


def _largest(cost: str, layers: Sequence[Layer]) -> tuple[str, ...]:
    if cost not in COSTS or COSTS[cost].composes not in ("sum", "derived"):
        return ()
    amounts = [(cost_value(layer.costs, cost) or 0, layer.name or "(itself)") for layer in layers]
    amounts = sorted((each for each in amounts if each[0]), key=lambda each: -each[0])[:LAYERS]
    return tuple(f"{name} {format_quantity(value, formula_unit(cost))}" for value, name in amounts)
