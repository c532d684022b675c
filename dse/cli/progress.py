"""Progress of long work: a bar on a terminal, plain lines elsewhere; both on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from dse.cli.terminal import drawing_output
from dse.store import note_progress

PLAIN_EVERY = 5.0
"""Seconds between two plain lines."""


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """Show the progress of `total` steps; the context gives a function to advance by some.

    On a terminal it is a bar with the rate and the time left.
    """
    shown = _bar(what, total, unit) if sys.stderr.isatty() else _lines(what, total, unit)
    with shown as advance:
        yield advance


def noting(
    engine: Engine, run_id: int, total: int, advance: Callable[[int], None]
) -> Callable[[int], None]:
    """Return a function that advances by some steps and notes in the store how far the run is."""
    done = 0

    def advance_and_note(steps: int) -> None:
        nonlocal done
        done += steps
        advance(steps)
        note_progress(engine, run_id, done, total)

    return advance_and_note


@contextmanager
def _bar(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:,.0f} {unit}/s")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    console = Console(file=drawing_output(sys.stderr))
    # Rich would write what others print meanwhile to the console, beside the door.
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)


@contextmanager
def _lines(what: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    done, started = 0, time.monotonic()
    printed = started

    def advance(steps: int) -> None:
        nonlocal done, printed
        done += steps
        now = time.monotonic()
        if now - printed >= PLAIN_EVERY:
            printed = now
            rate = done / (now - started)
            left = (total - done) / rate if rate else 0
            print(
                f"{what}: {done:,} of {total:,} {unit}, {rate:,.1f}/s, {left:,.0f} s left",
                file=sys.stderr,
            )

    yield advance
