"""`dse status`: how far runs and studies are."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import Roles, note, print_rows
from dse.errors import DseError

_RUNS = ("id", "outcome", "done", "total", "left", "candidates", "invalid", "measurements")
_STUDY = ("id", "name", "trials", "done", "failed", "pruned", "running", "claimed", "waiting")
_EVERY = 1.0
"""Seconds between two looks at a study."""


def status(
    study: Annotated[int | None, typer.Argument(help="A study, as `dse search` prints it.")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="A line for whatever changes, until the study ends.")
    ] = False,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Show what each run has done, or how far a study is and who works on it.

    A run that was killed or interrupted goes on when its command is run again: `dse rerun ID`.

    Example: dse status 3 --follow
    """
    from dse.project import recorded_runs, recorded_studies, recorded_study, totals

    if study is None:
        if follow:
            raise DseError("--follow needs a study, as in: dse status 3 --follow")
        rows, studies = recorded_runs(store), recorded_studies(store)
        print_rows(rows, output, (*_RUNS, "failed", "command"), keep=True)
        held = totals(rows)
        note(
            f"{held['candidates']:,} candidates, {held['invalid']:,} of them invalid;"
            f" {held['failed']:,} measurements failed"
        )
        for each in studies:
            note(f"study {each['id']} of run {each['run_id']}: {_line(each)}")
        return
    found = recorded_study(study, store)
    if not follow:
        roles = Roles(needed=("trials", "done", "best"))
        print_rows([found], output, (*_STUDY, "workers", "best"), keep=True, roles=roles)
        return
    if output is not OutputFormat.table:
        raise DseError(f"--format {output}: a study that is followed is told in lines")
    shown = None
    while True:
        line = _line(found)
        if line != shown:
            print(line, flush=True)
            shown = line
        if _ended(found) >= found["trials"] or not found["workers"]:
            return
        time.sleep(_EVERY)
        found = recorded_study(study, store)


def _ended(row: Mapping[str, Any]) -> int:
    return int(row["done"] + row["failed"] + row["pruned"])


def _line(row: Mapping[str, Any]) -> str:
    """Return how far a study is in a line."""
    states = ("done", "failed", "pruned", "running", "claimed", "waiting")
    counts = ", ".join(f"{row[state]:,} {state}" for state in states if row[state])
    best = "" if row.get("best") is None else f"; best {row['best']:.6g}"
    workers = f"{row['workers']:,} worker" + ("" if row["workers"] == 1 else "s")
    ended = f"{_ended(row):,} of {row['trials']:,} trials ended"
    return f"{ended} ({counts or 'none yet'}); {workers}{best}"
