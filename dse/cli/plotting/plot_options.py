"""The options that kinds of pictures share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Where = Annotated[str | None, typer.Option(help="Which candidates: 'macs < 300M'.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Candidates at most, the first by id; all without it.")
]
Color = Annotated[
    str | None, typer.Option(help="What points are coloured by: an axis, a cost, family …")
]
Picture = Annotated[
    Path | None,
    typer.Option(
        help="Draw to a .html, whole in itself, a .json of Plotly, or a .png, .svg or .pdf; "
        "without it as text."
    ),
]
Title = Annotated[str, typer.Option(help="Above the picture.")]
Maximize = Annotated[
    bool | None,
    typer.Option(
        "--maximize/--minimize",
        help="Whether more is better; by default as the studies of the store have it, else less.",
    ),
]
Seed = Annotated[int, typer.Option(help="Of what is drawn by chance.")]
Axes = Annotated[str, typer.Option(help="Axes, comma-separated; by default those that vary.")]
Value = Annotated[str, typer.Argument(help="A measurement, a cost, or arithmetic over them.")]
