"""`dse pareto`: the candidates that no other one beats."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import READ_BY_PEOPLE
from dse.cli.query import ROWS_OF_A_TABLE, print_answer
from dse.errors import DseError

Numbers = list[str] | None


def pareto(
    least: Annotated[
        Numbers, typer.Option("--min", metavar="COLUMN", help="To be small; may be repeated.")
    ] = None,
    most: Annotated[
        Numbers, typer.Option("--max", metavar="COLUMN", help="To be large; may be repeated.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(help="Which candidates are compared: 'macs < 300M'.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="Rows at most, 0 for all. By default 20 in a table, else all."),
    ] = None,
    columns: Annotated[str | None, typer.Option(help="What to show: id,width,macs")] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Show the non-dominated candidates: none is as good in every number and better in one.

    Numbers are costs, axes, measurements, or arithmetic over them. Candidates with equal numbers
    are all shown, those without one of the numbers are left out.

    Example: dse pareto --min macs --max accuracy --where "family = 'mobilenet_v2'"
    """
    from dse.project import undominated

    if not least and not most:
        raise DseError("say what is to be small or large, as in --min macs --max accuracy")
    rows = limit if limit is not None else (ROWS_OF_A_TABLE if output in READ_BY_PEOPLE else None)
    found = undominated(store, least or (), most or (), where, columns, rows or None)
    empty = "no candidate has all of these numbers"
    empty = f"{empty} and meets the condition" if where else empty
    print_answer(found, output, empty, keep=True, wide=columns is not None)
