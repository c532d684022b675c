"""The forms in which commands print and write models."""

from __future__ import annotations

import enum


class CountFormat(enum.StrEnum):
    """How `dse count` prints."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class ExportFormat(enum.StrEnum):
    """What `dse export` writes."""

    config = "config"
    python = "python"
    torch = "torch"
    onnx = "onnx"
