"""The forms in which commands print and write models."""

from __future__ import annotations

import enum


class CountFormat(enum.StrEnum):
    """How `dse count` prints."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
