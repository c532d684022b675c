"""The one form in which the store writes moments: UTC, to the microsecond, sortable as text."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Return this moment, such as `2025-01-31T12:00:00.000000Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
