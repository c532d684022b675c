"""The forms in which commands print."""

from __future__ import annotations

import enum


class CountFormat(enum.StrEnum):
    """How `dse count` prints."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class OutputFormat(enum.StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    markdown = "markdown"
    parquet = "parquet"
