"""One network: its blocks as boxes, with what each of them costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dse.costs import Unit
from dse.language import format_quantity
from dse.report.figures import figure_style as style

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class DrawnBlock:
    """A block of a network, in the order in which it runs."""

    name: str
    """As a page or a module has it."""
    output: str
    """The shape of what it gives, such as `1×16×112×112`; empty where it is not known."""
    costs: tuple[int | None, ...]
    """One for each cost that the picture shows; None where it is not known."""


def network_figure(
    blocks: Sequence[DrawnBlock], costs: Sequence[tuple[str, Unit]], title: str = ""
) -> Figure:
    """Draw the blocks of a network from top to bottom, and beside them bars of each of its costs.

    Args:
        blocks: in the order in which they run.
        costs: the name and the unit of each cost that is shown, such as macs, memory and time.
        title: above the picture, as it came.
    """
    height = 150 + 30 * max(len(blocks), 3)
    figure = style.new_figure(title or "a network", height=height)
    places = list(range(len(blocks)))
    room = 1.0 / (len(costs) + 1.35)
    starts = [room * (1.35 + number) for number in range(len(costs))]
    _draw_boxes(figure, blocks, costs)
    for number, ((name, unit), start) in enumerate(zip(costs, starts, strict=True)):
        values = [block.costs[number] for block in blocks]
        most = max((value for value in values if value is not None), default=0) or 1
        axis = f"x{number + 2}"
        figure.add_bar(
            x=[0 if value is None else value for value in values],
            y=places,
            orientation="h",
            xaxis=axis,
            name=style.safe_text(name),
            marker={"color": style.colour(number)},
            text=[style.told(value, unit) for value in values],
            textfont={"size": 9},
            textposition="outside",
            cliponaxis=False,
            hoverinfo="text",
            hovertext=[_hover(block, costs) for block in blocks],
        )
        total = sum(value for value in values if value is not None)
        heading = style.lines(style.safe_text(name), _heading(name, total, most, unit))
        figure.update_layout(
            {
                f"xaxis{number + 2}": {
                    "domain": [start, start + room * 0.42],
                    "range": [0, most],
                    "showgrid": False,
                    "showticklabels": False,
                    "zeroline": True,
                    "side": "top",
                    "title": {"text": heading, "font": {"size": 10}, "standoff": 4},
                    "anchor": "y",
                }
            }
        )
    figure.update_layout(
        showlegend=False,
        bargap=0.35,
        margin={"l": 8, "r": 16, "t": 110, "b": 16},
        xaxis={"visible": False, "domain": [0, room * 1.27], "range": [0, 1], "fixedrange": True},
        yaxis={"visible": False, "range": [len(blocks) - 0.4, -0.6], "fixedrange": True},
    )
    return figure


def _heading(name: str, total: int, most: int, unit: Unit) -> str:
    """Return what stands below the name of a cost: peaks of blocks do not add up."""
    if name.startswith("peak"):
        return f"≤ {format_quantity(most, unit)}"
    return f"Σ {format_quantity(total, unit)}"


def _draw_boxes(
    figure: Figure, blocks: Sequence[DrawnBlock], costs: Sequence[tuple[str, Unit]]
) -> None:
    for place, block in enumerate(blocks):
        figure.add_shape(
            type="rect",
            xref="x",
            yref="y",
            x0=0.01,
            x1=0.99,
            y0=place - 0.4,
            y1=place + 0.4,
            line={"color": style.QUIET, "width": 1},
            fillcolor=style.GRID,
        )
        figure.add_annotation(
            x=0.03,
            y=place,
            xref="x",
            yref="y",
            xanchor="left",
            showarrow=False,
            text=style.safe_text(block.name, 20),
            font={"size": 9.5},
        )
    # What lies below the boxes has their hovers.
    figure.add_scatter(
        x=[0.5] * len(blocks),
        y=list(range(len(blocks))),
        mode="markers",
        marker={"size": 14, "opacity": 0},
        hoverinfo="text",
        hovertext=[_hover(block, costs) for block in blocks],
    )


def _hover(block: DrawnBlock, costs: Sequence[tuple[str, Unit]]) -> str:
    numbers = (
        f"{style.safe_text(name)} {style.told(value, unit)}"
        for (name, unit), value in zip(costs, block.costs, strict=True)
    )
    gives = f"gives {style.safe_text(block.output)}" if block.output else ""
    return style.lines(style.safe_text(block.name), gives, *numbers)
