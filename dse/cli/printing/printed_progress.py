"""Progress of long work: a bar on a terminal, plain lines elsewhere; both on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from dse.cli.printing.output import is_silent, note
from dse.cli.terminal import drawing_output
from dse.project import Steps, shown_steps


@contextmanager
def progress(what: str, total: int, unit: str) -> Iterator[Steps]:
    """Show the progress of `total` steps; the context gives what to call to advance by some.

    On a terminal it is a bar with the rate and the time left.
    """
    if is_silent():
        yield _Nothing(what, total, unit)
    else:
        with shown_steps(what, total, unit, drawing_output(sys.stderr), note) as steps:
            yield steps


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


class _Nothing(Steps):
    """Work whose progress nobody wants to see."""

    def show(self) -> None:
        pass
