"""`dse diff`: what sets two candidates apart."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.output import OutputFormat
from dse.cli.query import DEFAULT_STORE, Output, Store


def diff(
    first: Annotated[int, typer.Argument(help="The id of a candidate, as `dse query` prints it.")],
    second: Annotated[int, typer.Argument(help="The id of another one.")],
    layers: Annotated[
        bool, typer.Option(help="Compare the layers too, which takes a while.")
    ] = True,
    allow: Annotated[
        list[str] | None, typer.Option(help="A module of yours that a page may name; repeat it.")
    ] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Show how two candidates differ in settings, costs, measurements and layers.

    Example: dse diff 3 17
    """
    from dse.cli.comparing import compare, print_difference

    print_difference(compare(first, second, store, layers, allow or ()), output)
