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
