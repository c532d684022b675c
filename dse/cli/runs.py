"""`dse runs`: which commands made the store."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import print_rows
from dse.cli.terminal import one_line

_RUN = ("id", "started", "seconds", "outcome", "host", "git_commit", "git_dirty", "command")


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


def _lines(config: object, prefix: str = "") -> list[str]:
    """Return a config as `key.of.it=value` lines, as overrides are written."""
    if not isinstance(config, dict) or not config:
        return [f"{prefix}={config}"]
    lines = []
    for key, value in config.items():
        lines += _lines(value, f"{prefix}.{key}" if prefix else str(key))
    return lines
