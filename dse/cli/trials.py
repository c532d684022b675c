"""`dse trials`: the trials of a study."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.output import OutputFormat, print_rows
from dse.cli.query import DEFAULT_STORE, Output, Store


def trials(
    study: Annotated[int, typer.Argument(help="The study's id, as `dse search` prints it.")],
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """List the trials of a study: who evaluated what where and when, and the best by then.

    Example: dse trials 3 --format csv
    """
    from dse.project import recorded_trials

    rows = recorded_trials(study, store)
    hidden = ("ended", *(("claimed",) if output is OutputFormat.table else ()))
    columns = [name for name in dict.fromkeys(k for row in rows for k in row) if name not in hidden]
    print_rows(rows, output, columns)
