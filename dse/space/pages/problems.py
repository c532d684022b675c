"""Errors of a page, collected so that one reading tells all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dse.errors import DseError

MOST_ERRORS = 50
"""Errors after which a page is not read on."""


class PageError(DseError):
    """Everything that is wrong with a page; as one line, the first and how many more there are."""

    def __init__(self, errors: Sequence[DseError]) -> None:
        more = f" ({len(errors) - 1} more: `dse check` lists them)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0]}{more}")
        self.errors = tuple(map(str, errors))


class Problems:
    """Collects errors while reading goes on.

    >>> problems = Problems()
    >>> with problems.collected():
    ...     raise DseError("page.yaml:3: axes.width: …")
    >>> problems.settle()
    Traceback (most recent call last):
    dse.space.pages.problems.PageError: page.yaml:3: axes.width: …
    """

    def __init__(self) -> None:
        self._errors: list[DseError] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep a `DseError` that is raised inside, instead of passing it on.

        Raises:
            PageError: of all of them, where there are `MOST_ERRORS`.
        """
        try:
            yield
        except PageError:
            raise
        except DseError as error:
            self._errors.append(error)
            if len(self._errors) == MOST_ERRORS:
                self.settle()

    def settle(self) -> None:
        """Raise a `PageError` if anything was collected: what follows would only add to it."""
        if self._errors:
            raise PageError(self._errors)
