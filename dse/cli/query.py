"""`dse query`: ask the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import (
    NO_ROLES,
    READ_BY_PEOPLE,
    STREAMED,
    Roles,
    note,
    print_rows,
    print_stream,
)
from dse.errors import DseError

if TYPE_CHECKING:
    from dse.store import Answer

ROWS_OF_A_TABLE = 20

Condition = Annotated[
    str | None,
    typer.Argument(help="Such as 'macs < 300M and width >= 1'; all candidates without it."),
]


def query(
    condition: Condition = None,
    sort: Annotated[
        str | None,
        typer.Option(help="What to sort by; a minus puts the largest first: -accuracy,macs"),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="Rows at most, 0 for all. By default 20 in a table, else all."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(help="What to show, and in which order: id,width,macs / params"),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(help="One row for each value of these: depth,family"),
    ] = None,
    sql: Annotated[
        str | None,
        typer.Option(
            help="A SELECT of your own, over a connection that only reads: from candidate, "
            "measurement, run, or the view family_NAME of a family."
        ),
    ] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Ask the store which candidates meet a condition.

    A condition compares costs, axes, measurements, family, run and study, with units, arithmetic,
    and/or/not, in, like and is null:

        dse query "macs < 300M and width >= 1" --sort -params --limit 20

        dse query "280M <= macs <= 300M and family like 'mobile%'" --format csv

        dse query "macs / params > 50 and accuracy is not null" --sort -accuracy,macs

    Groups show a count and the least, mean and most of numbers, or what is named:

        dse query --group-by depth --columns "count,mean(macs),max(accuracy)"

    Candidates that cannot be built show up only where the condition asks for their reason:

        dse query "invalid is not null" --columns id,family,invalid
    """
    most = limit if limit is not None else (ROWS_OF_A_TABLE if output in READ_BY_PEOPLE else None)
    if sql is not None:
        from dse.store import answer_sql, open_for_reading

        if any(given is not None for given in (condition, sort, columns, group_by)):
            raise DseError("--sql is the whole question; leave out the condition and the others")
        selected = answer_sql(open_for_reading(store), sql, most or None)
        print_answer(selected, output, keep=True, wide=True)
        return
    # Loading SQLAlchemy takes longer than `dse --help` should.
    from dse.project import asked, asked_in_stream

    empty = "no candidate meets the condition" if condition else "the store holds no candidate"
    if output in STREAMED and not most and group_by is None:
        with asked_in_stream(store, condition, columns, sort) as stream:
            print_stream(stream.rows, output, stream.columns)
            for told in stream.notes() or (() if stream.total else (empty,)):
                note(told)
        return
    found = asked(store, condition, columns, sort, most or None, group_by)
    wide = columns is not None
    print_answer(found, output, empty, keep=wide or group_by is not None, wide=wide)


def print_answer(
    found: Answer,
    output: OutputFormat,
    empty: str = "no rows",
    keep: bool = False,
    wide: bool = False,
) -> None:
    """Print the rows of an answer, and notes: of none, of more than are shown, of other code.

    Args:
        found: the answer.
        output: one of the formats.
        empty: what to say where there are no rows.
        keep: as for `print_rows`.
        wide: as for `print_rows`.
    """
    if found.rows or output not in READ_BY_PEOPLE:
        # Columns that were named are shown where they were wanted.
        roles = NO_ROLES if wide else Roles(found.settings, found.asked)
        print_rows(found.rows, output, found.columns, keep, wide, found.units, roles)
    if not found.rows and not found.notes:
        note(empty)
    elif output in READ_BY_PEOPLE and len(found.rows) < found.total:
        note(f"{len(found.rows):,} of {found.total:,} shown")
    for line in found.notes:
        note(line)
