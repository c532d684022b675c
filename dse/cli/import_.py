"""`dse import`: measurements of one's own, and the candidates that they are of."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, ConfigDir, Store
from dse.cli.terminal import one_line


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A table: csv, json, jsonl or parquet.")],
    name: Annotated[
        str | None,
        typer.Option("--as", help="The one measurement to import, and the name to store it under."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="What the numbers are known by when they come again; the file's name."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what the source no longer has.")
    ] = False,
    family: Annotated[
        str | None, typer.Option(help="The family of all rows, where no column says it.")
    ] = None,
    config_dir: ConfigDir = None,
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Import measurements from a table; candidates that are not there are made of the rows' axes.

    A row is about the candidate of its `id`, of its `key`, or of its axes, those that it leaves out
    at their defaults. Every other column of numbers is a measurement; costs and conditions in the
    table are passed over. Several rows of one candidate are replicates: all are kept, by the seed
    in a column `seed` or else by their order, and their mean counts. Either all rows are imported
    or none. A source that is imported again adds what is new, changes what changed, and keeps what
    it no longer has.

    Example: dse import pixel.csv --as latency_ms
    """
    from dse.configs import without_passwords
    from dse.language import numbered
    from dse.project import TableImport, import_table

    command = shlex.join(["dse", *context.obj])
    wanted = TableImport(file, name, source, replace, family, config_dir, tuple(allow or ()))
    done = import_table(wanted, store, command)
    merged = done.merged
    gone = "removed" if replace else "no longer in it and kept"
    invalid = f", {done.invalid:,} of which cannot be built" if done.invalid else ""
    missing = f", {merged.missing:,} {gone}" if merged.missing else ""
    for line in (
        f"{numbered(done.rows, 'row')} of {numbered(done.candidates, 'candidate')}, "
        f"{done.made:,} of them new{invalid}",
        f"{numbered(done.measurements, 'measurement')}: {', '.join(done.whats) or 'none'}",
        f"source {done.source!r}: {merged.new:,} new, {merged.equal:,} equal, "
        f"{merged.changed:,} changed{missing}",
        f"stored in {without_passwords(store)}",
    ):
        print(one_line(line))
