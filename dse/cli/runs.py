"""`dse runs` and `dse status`: which commands made the store, and how far they came."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.output import OutputFormat, note, print_rows
from dse.cli.query import DEFAULT_STORE, Output, Store
from dse.cli.terminal import one_line

_RUN = ("id", "started", "seconds", "outcome", "host", "git_commit", "git_dirty", "command")
_STATUS = ("id", "outcome", "done", "total", "left", "candidates", "invalid", "measurements")


def runs(
    id: Annotated[int | None, typer.Argument(help="One run, with its whole config.")] = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """List the runs of a store: when, where and by which command its rows were made.

    Example: dse runs 3
    """
    from dse.project import Project, recorded_runs

    if id is None:
        print_rows(recorded_runs(store), output, _RUN)
        return
    found = Project(store).run(id)
    if output is not OutputFormat.table:
        print_rows([found], output)
        return
    config, versions = found.pop("config"), found.pop("versions")
    width = max(map(len, found))
    for name, value in found.items():
        if value is not None:
            print(one_line(f"{name:<{width}}  {value}"))
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    print(one_line(f"{'versions':<{width}}  {listed}"))
    print("config")
    for line in _lines(config):
        print(one_line(f"  {line}"))


def status(output: Output = OutputFormat.table, store: Store = DEFAULT_STORE) -> None:
    """Show what each run has done, found invalid, failed at and left.

    A run that was killed or interrupted goes on when its command is run again: `dse rerun ID`.

    Example: dse status
    """
    from dse.project import recorded_runs, totals

    rows = recorded_runs(store)
    print_rows(rows, output, (*_STATUS, "failed", "command"), keep=True)
    held = totals(rows)
    note(
        f"{held['candidates']:,} candidates, {held['invalid']:,} of them invalid;"
        f" {held['failed']:,} measurements failed"
    )


def _lines(config: object, prefix: str = "") -> list[str]:
    """Return a config as `key.of.it=value` lines, as overrides are written."""
    if not isinstance(config, dict) or not config:
        return [f"{prefix}={config}"]
    lines = []
    for key, value in config.items():
        lines += _lines(value, f"{prefix}.{key}" if prefix else str(key))
    return lines
