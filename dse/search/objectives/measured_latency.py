"""Latency of a network on this machine."""

from __future__ import annotations

import statistics
import time

import torch
from torch import nn

from dse.counting import real_tensor
from dse.errors import DseError
from dse.space import CostedPoint, network_inputs


def latency(
    candidate: CostedPoint,
    module: nn.Module,
    device: str,
    batch: int = 1,
    warmup: int = 5,
    repeats: int = 30,
) -> dict[str, float]:
    """Return the median milliseconds of a forward pass, and how they spread.

    It runs on noise, or on what the page of a family says of its inputs. Some passes go before, so
    that caches are warm. `latency_spread` is the distance between the quartiles. Measure alone:
    other work on the machine shows.

    Raises:
        DseError: for fewer than two repeats.
    """
    assert candidate.candidate is not None
    if repeats < 2:
        raise DseError(f"latency: {repeats} repeats have no spread")
    inputs, named = network_inputs(candidate.candidate, batch)
    make = real_tensor(torch.device(device))
    arguments = [make(each, torch.float32) for each in inputs]
    keywords = {name: make(each, torch.float32) for name, each in named.items()}
    module.eval()
    milliseconds = []
    with torch.inference_mode():
        for _ in range(warmup):
            module(*arguments, **keywords)
        for _ in range(repeats):
            _wait(device)
            started = time.perf_counter()
            module(*arguments, **keywords)
            _wait(device)
            milliseconds.append((time.perf_counter() - started) * 1000)
    first, median, third = statistics.quantiles(milliseconds, n=4)
    return {"latency_ms": median, "latency_spread": third - first}


def _wait(device: str) -> None:
    """Wait until a device has done what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
