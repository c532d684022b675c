"""The forms in which commands print."""

from __future__ import annotations

import enum

from dse.errors import DseError, nearest


class LayerFormat(enum.StrEnum):
    """How layers of a model are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class CountFormat(enum.StrEnum):
    """How `dse count` prints: as layers are, or as a comment on a pull request."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    github = "github"


class OutputFormat(enum.StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    markdown = "markdown"
    parquet = "parquet"


def output_format(name: str) -> OutputFormat:
    """Return a format by its name.

    Raises:
        DseError: for an unknown one.
    """
    if name not in list(OutputFormat):
        raise DseError(f"format: unknown {name!r}; {nearest(name, OutputFormat)}")
    return OutputFormat(name)
