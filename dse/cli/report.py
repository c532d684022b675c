"""`dse report`: one page that tells what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store
from dse.errors import DseError

DEFAULT_PAGE = Path("outputs/report.html")


def report(
    others: Annotated[
        list[str] | None, typer.Argument(help="Behind --compare, further groups.")
    ] = None,
    study: Annotated[
        int | None, typer.Option(help="A study by its id; by default the latest.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(help="In place of a study, candidates: 'macs < 300M'.")
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="In place of a study, groups of candidates, a condition each."),
    ] = None,
    output: Annotated[Path, typer.Option(help="The page, a .html.")] = DEFAULT_PAGE,
    store: Store = DEFAULT_STORE,
    allow: Allow = None,
) -> None:
    """Write one page that tells what was found: whole in itself, to read, print and mail.

    It has the question, the answer with its layers and its costs against the budget, the front, how
    the search went, the space, tables to sort and filter, and where all of it is from.

    Example: dse report --study 3 --output study.html

    Of groups of candidates: dse report --compare "family = 'resnet'" "family = 'regnet'"
    """
    from dse.cli.terminal import one_line
    from dse.configs import within
    from dse.project import report_of, write_report

    if others and not compare:
        raise DseError(
            f"report takes no {others[0]!r}; write --where, --study or --compare before it"
        )
    groups = [*(compare or ()), *(others or ())]
    if output == DEFAULT_PAGE:
        output = within(output, DEFAULT_PAGE.parent)
    write_report(report_of(store, study, where, groups, allow or ()), output)
    print(one_line(f"wrote {output}"))
