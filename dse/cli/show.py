"""`dse show ID`: one candidate from the store, closely."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.count import CountFormat


def show(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    store: Annotated[str, typer.Option(help="Path or URL of the store.")] = "outputs/dse.db",
    format: Annotated[CountFormat, typer.Option(help="How to print.")] = CountFormat.table,
    allow: Annotated[
        list[str] | None, typer.Option(help="A module of yours that its page names; repeat it.")
    ] = None,
) -> None:
    """Show one candidate, with its costs and layers.

    Example: dse show 17
    """
    from dse.cli.candidates import print_candidate

    print_candidate(id, store, format, allow or ())
