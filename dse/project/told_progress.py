"""How the work of a call is told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told how many steps of how many are done."""


def silent(done: int, total: int) -> None:
    """Tell nobody how far the work is."""
