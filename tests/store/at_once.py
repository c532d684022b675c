"""Calls that begin at one moment, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from dse.errors import DseError


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what calls return that begin at one moment, or the error that each was told."""
    start = threading.Barrier(len(calls))
    came: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        start.wait()
        try:
            came[place] = calls[place]()
        except DseError as error:
            came[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came
