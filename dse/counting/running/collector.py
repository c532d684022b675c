"""Python's collector of cycles, which neither decides when a tensor dies nor interrupts a count.

The first full collection after PyTorch was imported goes through all that it brought along, which
takes longer than most counts.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Leave the collector off; afterwards it is as it was."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@contextlib.contextmanager
def seldom_collecting() -> Iterator[None]:
    """Have the collector look for cycles a hundred times less often, as while many models run.

    A run of a model leaves none, so that it would go through what stays, over and over.
    """
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


_SELDOM = 100_000
"""Objects that come to be, and stay, until the collector looks at them."""
