"""`dse show ID`: one candidate from the store, closely."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store
from dse.cli.formats import LayerFormat


def show(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    store: Store = DEFAULT_STORE,
    format: Annotated[LayerFormat, typer.Option(help="How to print.")] = LayerFormat.table,
    depth: Annotated[
        int | None, typer.Option(min=0, help="Add layers deeper than this to their module.")
    ] = None,
    memory: Annotated[
        bool, typer.Option(help="Show how memory goes, and what is alive at the peak.")
    ] = False,
    training: Annotated[
        bool, typer.Option(help="With --memory: of a training step instead of inference.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the memory to a .html, .png, .svg or .pdf.")
    ] = None,
    allow: Allow = None,
) -> None:
    """Show one candidate, with its costs and layers.

    Example: dse show 17

    Does it fit? dse show 17 --memory --training --picture memory.svg
    """
    from dse.cli.printing import Look, print_candidate

    print_candidate(id, store, Look(format, memory, training, picture, depth), allow or ())
