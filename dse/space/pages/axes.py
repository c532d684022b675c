"""The axes of a family: their defaults, and the columns that they have in settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dse.errors import DseError
from dse.language import Expression, Value, Where, shortened

AxisType = Literal["number", "text", "boolean"]
Per = Literal["stage", "layer", "edge"]
Default = Value | tuple[Value | tuple[Value, ...], ...]
"""One value for all; or one for each stage or edge; or, for each stage, one for each of its layers.
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """One named choice of a family."""

    name: str
    default: Default
    absent: Default
    """What expressions see where the axis does not exist: the page's own default."""
    per: Per | None = None
    """Whether each stage, each layer of each stage, or each edge of a cell has its own value."""
    when: Expression | None = None
    """The condition on other axes under which the axis exists."""
    choices: tuple[str, ...] = ()
    """The words that it may take, where it chooses among named blocks."""
    ordered: bool | None = None
    """Whether its values stand in an order; None where the page does not say it."""
    edges: tuple[str, ...] = ()
    """Of an axis of edges: those, such as `2_1` for that into node 2 from node 1."""

    @property
    def type(self) -> AxisType:
        """Whether the values are numbers, words or booleans."""
        return value_type(default_at(self.default, 1, 1))

    def columns(self, layers: tuple[int, ...]) -> tuple[str, ...]:
        """Return the settings that the axis stands for, given the number of layers a stage."""
        if self.per is None:
            return (self.name,)
        if self.per == "edge":
            return tuple(f"{self.name}_{edge}" for edge in self.edges)
        stages = range(1, len(layers) + 1)
        if self.per == "stage":
            return tuple(f"{self.name}_{stage}" for stage in stages)
        return tuple(
            f"{self.name}_{stage}_{layer}"
            for stage in stages
            for layer in range(1, layers[stage - 1] + 1)
        )


def value_type(value: Value) -> AxisType:
    """Return the type of an axis value: number, text or boolean."""
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def default_at(default: Default, stage: int, layer: int) -> Value:
    """Return a default at a stage and layer, from 1; a stage's last value goes on for the rest."""
    if not isinstance(default, tuple):
        return default
    value = default[stage - 1]
    return value[min(layer, len(value)) - 1] if isinstance(value, tuple) else value


def read_ordered(value: object, where: Where) -> bool:
    """Return whether values stand in an order, as `ordered` says.

    Raises:
        DseError: for what is neither true nor false.
    """
    if not isinstance(value, bool):
        raise DseError(f"{where}: {shortened(value)} is neither true nor false")
    return value


def check_ordered(axis: Axis, ordered: bool | None, where: Where) -> None:
    """Refuse an order of values that have none.

    Raises:
        DseError: for words and booleans that are said to be ordered.
    """
    if ordered and axis.type != "number":
        raise DseError(f"{where}: only numbers stand in an order, and {axis.name} is a {axis.type}")
