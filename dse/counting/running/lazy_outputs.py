"""What a model returns that has not run yet: generators are run to their end, others refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from dse.errors import DseError

MOST_ITEMS = 10_000
"""Of an iterator that a model returns; one that goes on is taken to have no end."""


def followed(
    items: Iterator[Any],
    running: Callable[[], AbstractContextManager[None]],
    note: Callable[[Any], None],
) -> Iterator[Any]:
    """Yield what a module returns bit by bit.

    Args:
        items: that the module returned.
        running: makes the context in which each is made.
        note: takes each.
    """
    while True:
        with running():
            try:
                item = next(items)
            except StopIteration:
                return
        note(item)
        yield item


def run_to_its_end(output: Any) -> Any:
    """Return the output of a model with a list for each iterator in it, which runs its operators.

    Raises:
        DseError: for what only an event loop runs, or what has more than `MOST_ITEMS` items.
    """
    if inspect.isawaitable(output) or inspect.isasyncgen(output):
        if inspect.iscoroutine(output):
            output.close()
        raise DseError(
            f"it returns {type(output).__name__} objects, of which nothing has run: "
            "give a module whose forward is no async function"
        )
    if isinstance(output, Iterator):
        items: list[Any] = []
        for item in output:
            if len(items) == MOST_ITEMS:
                raise DseError(f"it returns an iterator of more than {MOST_ITEMS:,} items")
            items.append(run_to_its_end(item))
        return items
    if type(output) in (list, tuple):
        return type(output)(map(run_to_its_end, output))
    if type(output) is dict:
        return {key: run_to_its_end(item) for key, item in output.items()}
    return output
