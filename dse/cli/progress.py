"""Progress of long work: a bar on a terminal, plain lines elsewhere; both on standard error."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from dse.cli.output import is_silent, note
from dse.cli.terminal import drawing_output

PLAIN_EVERY = 5.0
"""Seconds between two plain lines."""
_LEAST_BAR, _LONGEST_BAR = 10, 40


class Steps(ABC):
    """Work that is done step by step: called with a number of steps, it advances by these."""

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
def progress(what: str, total: int, unit: str) -> Iterator[Steps]:
    """Show the progress of `total` steps; the context gives what to call to advance by some.

    On a terminal it is a bar with the rate and the time left.
    """
    if is_silent():
        yield _Nothing(what, total, unit)
    elif sys.stderr.isatty():
        with _bar(what, total, unit) as steps:
            yield steps
    else:
        yield _Lines(what, total, unit)


@contextmanager
def progress_when_begun(
    first: Callable[[], str],
    what: str,
    total: Callable[[], int],
    unit: str,
    is_remark: bool = False,
) -> Iterator[tuple[Callable[[], None], Callable[[int, int], None]]]:
    """Show the progress of work that may be refused before it begins.

    Args:
        first: gives the line that is printed when it begins.
        what: the work is.
        total: gives the number of its steps.
        unit: of the steps.
        is_remark: whether the first line goes beside the output, which programs read.

    Yields:
        What to call when the work begins, and what to tell how many steps of how many are done.
    """
    with ExitStack() as stack:
        shown: list[Steps] = []

        def begin() -> None:
            if is_remark:
                note(first())
            elif not is_silent():
                print(first(), flush=True)
            shown.append(stack.enter_context(progress(what, total(), unit)))

        def tell(done: int, total: int) -> None:
            if shown:
                shown[0].reach(done, total)

        yield begin, tell


def paced(rate: float, unit: str) -> str:
    """Return how fast work goes, in steps a second, or where these are few in steps a minute."""
    if not rate:
        return ""
    return f"{rate:,.0f} {unit}/s" if rate >= _FAST else f"{60 * rate:.0f} {unit}/min"


_FAST = 10.0
"""Steps a second from which a whole number of them tells the pace."""


@contextmanager
def _bar(what: str, total: int, unit: str) -> Iterator[Steps]:
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

    console = Console(file=drawing_output(sys.stderr))
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), MofNCompleteColumn()]
    room = console.width - len(what) - 2 * len(str(total)) - 2
    # What has no room is left out; a number cut short would be another one.
    for column, width in ((TimeRemainingColumn(), 9), (Rate(), len(unit) + 12)):
        if room > width:
            columns.append(column)
            room -= width
    if room > _LEAST_BAR:
        columns.insert(1, BarColumn(bar_width=min(room - 1, _LONGEST_BAR)))

    class Bar(Steps):
        def show(self) -> None:
            bar.update(task, completed=self.done, total=self.total)

    # Rich would write what others print meanwhile to the console, beside the door.
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(what, total=total)
        yield Bar(what, total, unit)


class _Nothing(Steps):
    """Work whose progress nobody wants to see."""

    def show(self) -> None:
        pass


class _Lines(Steps):
    """A line every few seconds."""

    def __init__(self, what: str, total: int, unit: str) -> None:
        super().__init__(what, total, unit)
        self.started = self.printed = time.monotonic()

    def show(self) -> None:
        now = time.monotonic()
        if now - self.printed < PLAIN_EVERY:
            return
        self.printed = now
        rate = self.done / (now - self.started)
        # Nobody knows how long the first step takes.
        left = f", {(self.total - self.done) / rate:,.0f} s left" if rate else ""
        note(f"{self.what}: {self.done:,} of {self.total:,} {self.unit}, {rate:,.1f}/s{left}")
