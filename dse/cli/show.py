"""`dse show ID`: one candidate from the store, closely."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.formats import CountFormat


def show(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    store: Annotated[str, typer.Option(help="Path or URL of the store.")] = "outputs/dse.db",
    format: Annotated[CountFormat, typer.Option(help="How to print.")] = CountFormat.table,
    memory: Annotated[
        bool, typer.Option(help="Show how memory goes, and what is alive at the peak.")
    ] = False,
    training: Annotated[
        bool, typer.Option(help="With --memory: of a training step instead of inference.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the memory to a .png, .svg or .html.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(help="A module of yours that its page names; repeat it.")
    ] = None,
) -> None:
    """Show one candidate, with its costs and layers.

    Example: dse show 17

    Does it fit? dse show 17 --memory --training --picture memory.svg
    """
    from dse.cli.found_candidates import Look, print_candidate

    print_candidate(id, store, Look(format, memory, training, picture), allow or ())
