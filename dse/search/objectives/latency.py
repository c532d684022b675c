"""Latency of a network on this machine."""

from __future__ import annotations

import statistics
import time

import torch
from torch import nn

from dse.errors import DseError
from dse.space import CostedPoint


def latency(
    candidate: CostedPoint,
    module: nn.Module,
    device: str,
    batch: int = 1,
    warmup: int = 5,
    repeats: int = 30,
) -> dict[str, float]:
    """Return the median milliseconds of a forward pass, and how they spread.

    Some passes go before, so that caches are warm. `latency_spread` is the distance between the
    quartiles. Measure alone: other work on the machine shows.

    Raises:
        DseError: for fewer than two repeats.
    """
    assert candidate.candidate is not None
    if repeats < 2:
        raise DseError(f"latency: {repeats} repeats have no spread")
    images = torch.randn(batch, *candidate.candidate.input_shape, device=device)
    module.eval()
    milliseconds = []
    with torch.inference_mode():
        for _ in range(warmup):
            module(images)
        for _ in range(repeats):
            _wait(device)
            started = time.perf_counter()
            module(images)
            _wait(device)
            milliseconds.append((time.perf_counter() - started) * 1000)
    first, median, third = statistics.quantiles(milliseconds, n=4)
    return {"latency_ms": median, "latency_spread": third - first}


def _wait(device: str) -> None:
    """Wait until a device has done what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
