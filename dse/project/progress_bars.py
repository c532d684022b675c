"""How far long work is: a bar in a notebook or on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from dse.html_tables import html_text
from dse.project.told_progress import Progress, silent

PLAIN_EVERY = 5.0
"""Seconds between two plain lines."""

_NOTEBOOK_EVERY = 0.1
"""Seconds between two changes of a bar in a notebook."""

_LEAST_BAR, _LONGEST_BAR = 10, 40

_MOST_DIGITS = 9
"""Of a total that is not known yet."""

_FAST = 10.0
"""Steps a second from which a whole number of them tells the pace."""

WantedProgress = Progress | bool | None
"""True for a bar; a function that is told how many steps of how many are done; None for neither."""


class Steps(ABC):
    """Work that is done step by step: called with a number of steps, it advances by these.

    A total of 0 is not known yet.
    """

    def __init__(self, what: str, total: int, unit: str) -> None:
        self.what, self.total, self.unit = what, total, unit
        self.done = 0

    def __call__(self, steps: int) -> None:
        """Advance by some steps."""
        self.reach(self.done + steps, self.total)

    def reach(self, done: int, total: int) -> None:
        """Show that so many steps of so many are done."""
        self.done, self.total = done, total
        self.show()

    @abstractmethod
    def show(self) -> None:
        """Show how far the work is."""


@contextmanager
def wanted_progress(
    wanted: WantedProgress, what: str, unit: str
) -> Iterator[tuple[Progress, Callable[[], None]]]:
    """Show the progress of a call of the library, if that is wanted.

    Args:
        wanted: by the caller.
        what: the work is.
        unit: of its steps.

    Yields:
        What to tell how many steps of how many are done, and what to call when the work begins.
    """
    if wanted is not True:
        yield wanted or silent, lambda: None
        return
    with shown_steps(what, 0, unit, sys.stderr, _say) as steps:
        yield steps.reach, steps.show


def _say(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def shown_steps(
    what: str, total: int, unit: str, stream: TextIO, say: Callable[[str], None]
) -> Iterator[Steps]:
    """Show steps where they are seen: in a notebook, on a terminal, or as a line now and then.

    Args:
        what: the work is.
        total: number of steps.
        unit: of the steps.
        stream: where a bar is drawn, if it is a terminal.
        say: prints a line where it is none.
    """
    if is_notebook():
        bar = _NotebookBar(what, total, unit)
        try:
            yield bar
        finally:
            bar.end()
    elif stream.isatty():
        with _terminal_bar(what, total, unit, stream) as steps:
            yield steps
    else:
        yield _Lines(what, total, unit, say)


def is_notebook() -> bool:
    """Return whether this is the kernel of a notebook, which shows HTML."""
    running = sys.modules.get("IPython")
    shell = None if running is None else running.get_ipython()
    return getattr(shell, "kernel", None) is not None


def paced(rate: float, unit: str) -> str:
    """Return how fast work goes, in steps a second, or where these are few in steps a minute."""
    if not rate:
        return ""
    return f"{rate:,.0f} {unit}/s" if rate >= _FAST else f"{60 * rate:.0f} {unit}/min"


@contextmanager
def _terminal_bar(what: str, total: int, unit: str, stream: TextIO) -> Iterator[Steps]:
    """Draw a bar with the rate and the time left, which is gone when the work is done."""
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
            return Text(paced(task.finished_speed or task.speed or 0, unit))

    console = Console(file=stream)
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), MofNCompleteColumn()]
    digits = len(str(total)) if total else _MOST_DIGITS
    room = console.width - len(what) - 2 * digits - 2
    # What has no room is left out; a number cut short would be another one.
    for column, width in ((TimeRemainingColumn(), 9), (Rate(), len(unit) + 12)):
        if room > width:
            columns.append(column)
            room -= width
    if room > _LEAST_BAR:
        columns.insert(1, BarColumn(bar_width=min(room - 1, _LONGEST_BAR)))

    class Bar(Steps):
        def show(self) -> None:
            bar.update(task, completed=self.done, total=self.total or None)

    # Rich would write what others print meanwhile to the console, beside a door of the stream.
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(what, total=total or None)
        yield Bar(what, total, unit)


class _NotebookBar(Steps):
    """A bar that is changed in its place, and stays as it ended; it asks for no widgets."""

    def __init__(self, what: str, total: int, unit: str) -> None:
        super().__init__(what, total, unit)
        self._began = time.monotonic()
        self._shown = 0.0
        self._place: Any = None

    def show(self) -> None:
        now = time.monotonic()
        if self._place is None:
            # Only a kernel has it, and nothing else is to wait for it.
            from IPython.display import display

            self._place = display(self, display_id=True)  # type: ignore[no-untyped-call]
        elif now - self._shown >= _NOTEBOOK_EVERY:
            self._place.update(self)
        else:
            return
        self._shown = now

    def end(self) -> None:
        """Show the last of the steps, however soon it came."""
        if self._place is not None:
            self._place.update(self)

    def __repr__(self) -> str:
        if not self.total:
            return f"{self.what} …"
        pace = paced(self.done / max(time.monotonic() - self._began, 1e-9), self.unit)
        told = f"{self.what}: {self.done:,} of {self.total:,} {self.unit}"
        return f"{told}, {pace}" if pace else told

    def _repr_html_(self) -> str:
        known = f' value="{self.done}" max="{self.total}"' if self.total else ""
        return f"<div><progress{known}></progress> {html_text(repr(self))}</div>"


class _Lines(Steps):
    """A line every few seconds."""

    def __init__(self, what: str, total: int, unit: str, say: Callable[[str], None]) -> None:
        super().__init__(what, total, unit)
        self.say = say
        self.started = self.printed = time.monotonic()

    def show(self) -> None:
        now = time.monotonic()
        if now - self.printed < PLAIN_EVERY or not self.total:
            return
        self.printed = now
        rate = self.done / (now - self.started)
        # Nobody knows how long the first step takes.
        left = f", {(self.total - self.done) / rate:,.0f} s left" if rate else ""
        self.say(f"{self.what}: {self.done:,} of {self.total:,} {self.unit}, {rate:,.1f}/s{left}")
