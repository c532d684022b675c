"""From the config of a Hydra command to the space that it describes."""

from __future__ import annotations

from dse.cli.composition.request import Request
from dse.errors import DseError
from dse.project import Space, record_refused, space_of
from dse.space import Budget, checked_afterwards


def requested_space(request: Request) -> Space:
    """Return the design space that a request describes.

    Raises:
        DseError: for anything in the family or the grid that does not hold.
    """
    return space_of(
        request.values,
        request.choices,
        request.source("family"),
        request.conditions,
        request.files.get("device"),
        request.config_dir,
    )


def print_checked(budget: Budget) -> None:
    """Say what of a budget is tried on whole candidates, as it is no sum over blocks."""
    left = checked_afterwards(budget)
    if left:
        print(f"checked on whole candidates, listed or drawn: {' and '.join(left)}")


def refused(url: str, request: Request | None, command: str, error: DseError) -> None:
    """Record a job that failed before its run began."""
    record_refused(url, request.recorded if request else {}, command, error)
