"""The one form in which the store writes moments: UTC, to the microsecond, sortable as text."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def now() -> str:
    """Return this moment, such as `2025-01-31T12:00:00.000000Z`."""
    return datetime.now(UTC).strftime(_FORM)


def local_moment(text: str | None) -> datetime | None:
    """Return a moment as `now` writes it, in local time and without a time zone."""
    if text is None:
        return None
    moment = datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    return moment.astimezone().replace(tzinfo=None)


def seconds_between(start: str, end: str) -> float:
    """Return the time between two moments as `now` writes them."""
    return (datetime.strptime(end, _FORM) - datetime.strptime(start, _FORM)).total_seconds()
