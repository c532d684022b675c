"""The words that mean the same in every command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.formats import OutputFormat
from dse.configs import DEFAULT_STORE, STORE_VARIABLE

OF_ALL_COMMANDS = "--quiet prints no progress and no remarks, --debug the traceback of an error."
"""What every command takes, told below its own options."""

Store = Annotated[
    str,
    typer.Option(metavar="URL", envvar=STORE_VARIABLE, help="A SQLite file, or an SQLAlchemy URL."),
]
Output = Annotated[
    OutputFormat, typer.Option("--format", help="How to print; but in the two tables, exact.")
]
ConfigDir = Annotated[
    Path | None, typer.Option(help="A directory of your own with family/, grid/ … of pages.")
]
Allow = Annotated[
    list[str] | None, typer.Option(help="A module of yours that pages may name; repeat it.")
]

__all__ = ["DEFAULT_STORE", "OF_ALL_COMMANDS", "Allow", "ConfigDir", "Output", "Store"]
