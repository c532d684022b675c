"""`dse trials`: the trials of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import Roles, print_rows
from dse.errors import DseError, nearest

_WHERE_AND_WHEN = ("state", "attempt", "host", "process", "run", "device", "started", "finished")


def trials(
    study: Annotated[int, typer.Argument(help="The study's id, as `dse search` prints it.")],
    columns: Annotated[
        str | None, typer.Option(help="What to show, and in which order: number,state,host")
    ] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """List the trials of a study: who evaluated what where and when, and the best by then.

    Example: dse trials 3 --format csv
    """
    from dse.project import recorded_trials

    found = recorded_trials(study, store)
    rows = found.rows
    if columns is not None:
        print_rows(rows, output, _known(columns, rows), keep=True)
        return
    hidden = ("ended", *(("claimed",) if output is OutputFormat.table else ()))
    shown = [name for name in _names(rows) if name not in hidden]
    print_rows(rows, output, shown, roles=Roles((*_WHERE_AND_WHEN, *found.settings)))


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _known(columns: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns that are asked for.

    Raises:
        DseError: for one that no trial has.
    """
    asked, names = [name.strip() for name in columns.split(",")], _names(rows)
    for name in asked:
        if name not in names:
            raise DseError(f"--columns: unknown column {name!r}; {nearest(name, names)}")
    return asked
