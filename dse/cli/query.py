"""`dse query`: ask the store."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.output import OutputFormat, note, print_rows

DEFAULT_STORE = "outputs/dse.db"
ROWS_OF_A_TABLE = 20


def query(
    condition: Annotated[
        str | None,
        typer.Argument(help="Such as 'macs < 300M and width >= 1'; all candidates without it."),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(help="Columns to sort by; a minus puts the largest first: -accuracy,macs"),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="Rows at most, 0 for all. By default 20 in a table, else all."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="Which columns, and in which order: id,width,macs"),
    ] = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="csv and json hold exact integers.")
    ] = OutputFormat.table,
    store: Annotated[
        str, typer.Option(metavar="URL", help="A SQLite file, or an SQLAlchemy URL.")
    ] = DEFAULT_STORE,
) -> None:
    """Ask the store which candidates meet a condition.

    A condition compares costs, axes and measurements, with units, arithmetic, and/or/not, in, like
    and is null:

        dse query "macs < 300M and width >= 1" --sort -params --limit 20

        dse query "280M <= macs <= 300M and family like 'mobile%'" --format csv

        dse query "macs / params > 50 and accuracy is not null" --sort -accuracy,macs

    Candidates that cannot be built show up only where the condition asks for their reason:

        dse query "invalid is not null" --columns id,family,invalid
    """
    # Loading SQLAlchemy takes longer than `dse --help` should.
    from dse.store.database import open_for_reading
    from dse.store.questions import answer

    named = [name.strip() for name in columns.split(",")] if columns is not None else None
    most = limit if limit is not None else (ROWS_OF_A_TABLE if output == "table" else None)
    found = answer(open_for_reading(store), condition, sort, most or None, named)
    if found.rows or output != OutputFormat.table:
        print_rows(found.rows, output, found.columns, keep=named is not None)
    if not found.rows:
        note("no candidate meets the condition" if condition else "the store holds no candidate")
    elif output == OutputFormat.table and len(found.rows) < found.total:
        note(f"{len(found.rows):,} of {found.total:,} shown")
