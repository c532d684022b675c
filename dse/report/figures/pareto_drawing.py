"""A cloud of candidates in two or three numbers, with the front that no other one beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from dse.report.figures import figure_style as style
from dse.report.figures.cloud_traces import cloud_traces, with_colours
from dse.report.figures.plotted_column import PlottedColumn

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Direction = Literal["min", "max"]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class ParetoCloud:
    """Candidates in two or three numbers."""

    goals: tuple[PlottedColumn, ...]
    """The numbers of those that are drawn."""
    directions: tuple[Direction, ...]
    """Of each number, whether it is to be small or large."""
    on_front: npt.NDArray[np.bool_]
    """Which of those that are drawn are on the front."""
    total: int
    """Candidates in all, those that are not drawn included."""
    hovers: tuple[str, ...] = ()
    """What to tell of each, as safe text; none for its numbers alone."""
    colour: PlottedColumn | None = None
    """By what they are coloured."""
    bounds: Mapping[str, Interval] = field(default_factory=dict)
    """Of a budget, by the names of numbers: the least and the most."""


def pareto_figure(cloud: ParetoCloud, title: str = "") -> Figure:
    """Draw candidates and their front.

    Two numbers are an area with the front as steps, beyond which no candidate is; three are a space
    that can be turned. A budget is dashed lines.

    Args:
        cloud: two or three numbers of the candidates.
        title: above the picture, as it came.
    """
    names = [column.name for column in cloud.goals]
    figure = style.new_figure(title or " against ".join(names[::-1]), height=520)
    hovers = cloud.hovers or tuple(_hovers(cloud.goals))
    if len(cloud.goals) == 3:
        _draw_space(figure, cloud, hovers)
    else:
        _draw_area(figure, cloud, hovers)
    shown, total = len(cloud.on_front), cloud.total
    style.remark(
        figure, f"{shown:,} of {total:,} points shown; the front is whole" if shown < total else ""
    )
    return figure


def _hovers(goals: Sequence[PlottedColumn]) -> list[str]:
    told = [[f"{style.safe_text(goal.name)} {value}" for value in goal.told()] for goal in goals]
    return [style.lines(*row) for row in zip(*told, strict=True)]


def _draw_area(figure: Figure, cloud: ParetoCloud, hovers: Sequence[str]) -> None:
    (x, x_axis), (y, y_axis) = (goal.scaled() for goal in cloud.goals)
    behind = np.flatnonzero(~cloud.on_front)
    front = np.flatnonzero(cloud.on_front)
    front = front[np.lexsort((cloud.goals[1].values[front], cloud.goals[0].values[front]))]
    for trace in cloud_traces([x, y], hovers, behind, cloud.colour, is_loud=not len(front)):
        figure.add_trace(trace)
    figure.add_scatter(
        x=_steps(x[front], cloud.directions[0] == "min", is_first=True),
        y=_steps(y[front], cloud.directions[0] == "min", is_first=False),
        mode="lines",
        name="front",
        showlegend=False,
        hoverinfo="skip",
        line={"color": style.colour(3), "width": 2},
    )
    marker: dict[str, Any] = {
        "size": 8,
        "color": style.colour(3),
        "line": {"width": 1, "color": style.colour(3)},
    }
    figure.add_scatter(
        x=x[front].tolist(),
        y=y[front].tolist(),
        mode="markers",
        name=f"front ({len(front):,})",
        hoverinfo="text",
        hovertext=[hovers[place] for place in front.tolist()],
        marker=with_colours(marker, cloud.colour, front),
    )
    figure.update_layout(xaxis=x_axis, yaxis=y_axis)
    for goal, add in zip(cloud.goals, (figure.add_vline, figure.add_hline), strict=True):
        for bound in _bounds(cloud, goal):
            label = f"{style.safe_text(goal.name)} {style.told(bound, goal.unit)}"
            at = bound / style.scale_of(goal.values, goal.unit)[0]
            add(at, line={"dash": "dash", "color": style.colour(0), "width": 1.5})
            _name_bound(figure, label, at, is_vertical=goal is cloud.goals[0])


def _name_bound(figure: Figure, label: str, at: float, is_vertical: bool) -> None:
    axis, other = ("x", "y") if is_vertical else ("y", "x")
    is_log = figure.layout[f"{axis}axis"].type == "log"
    figure.add_annotation(
        {axis: float(np.log10(at)) if is_log else at, f"{axis}ref": axis, f"{other}ref": "paper"},
        **{other: 0.01},
        text=label,
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"size": 11, "color": style.colour(0)},
    )


def _bounds(cloud: ParetoCloud, goal: PlottedColumn) -> list[float]:
    return [bound for bound in cloud.bounds.get(goal.name, ()) if bound is not None]


def _steps(values: npt.NDArray[Any], is_least: bool, is_first: bool) -> list[float]:
    """Return the corners of steps along a front, in one of its numbers.

    Between two points of a front lies what both would just not beat: where the first number is to
    be small, the second keeps its value until the next point comes.
    """
    repeated = np.repeat(values, 2)
    moved = repeated[1:] if is_first == is_least else repeated[:-1]
    corners: list[float] = moved.tolist()
    return corners


def _draw_space(figure: Figure, cloud: ParetoCloud, hovers: Sequence[str]) -> None:
    scaled = [goal.scaled() for goal in cloud.goals]
    values = [each for each, _ in scaled]
    behind, front = np.flatnonzero(~cloud.on_front), np.flatnonzero(cloud.on_front)
    for trace in cloud_traces(values, hovers, behind, cloud.colour, is_loud=not len(front)):
        figure.add_trace(trace)
    marker: dict[str, Any] = {"size": 4, "color": style.colour(3)}
    figure.add_scatter3d(
        **{axis: each[front].tolist() for axis, each in zip("xyz", values, strict=True)},
        mode="markers",
        name=f"front ({len(front):,})",
        hoverinfo="text",
        hovertext=[hovers[place] for place in front.tolist()],
        marker=with_colours(marker, cloud.colour, front),
    )
    axes = {f"{axis}axis": layout for axis, (_, layout) in zip("xyz", scaled, strict=True)}
    figure.update_layout(scene={**axes, "aspectmode": "cube"}, height=600)
    camera = {"eye": {"x": 1.5, "y": 1.5, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.15}}
    figure.update_layout(
        margin={"l": 0, "r": 0, "b": 0}, legend={"y": 0, "yanchor": "bottom"}, scene_camera=camera
    )
    figure.update_scenes(
        {
            f"{axis}axis": {"backgroundcolor": "rgba(0,0,0,0)", "gridcolor": style.QUIET}
            for axis in "xyz"
        }
    )
