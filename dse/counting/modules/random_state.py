"""PyTorch's random numbers, which counting leaves where they were."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


@contextlib.contextmanager
def random_state_kept() -> Iterator[None]:
    """Leave the random state of the CPU as it was.

    What `torch.random.fork_rng(devices=[])` does, which looks for other devices each time.
    """
    state = torch.random.get_rng_state()
    try:
        yield
    finally:
        torch.random.set_rng_state(state)
