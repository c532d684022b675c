"""How long each layer takes on this machine, with real weights and data."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from dse.counting.running import Inputs, prepare, running


class _Stopwatch:
    """Wraps the forwards of a copied model; the time of submodules is not a module's own."""

    def __init__(self, model: nn.Module) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]
        for name, module in model.named_modules():
            if not isinstance(module, torch.jit.ScriptModule):
                module.__dict__["forward"] = self._timed(name, module.forward)

    def _timed(self, name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(forward)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            started = time.perf_counter()
            output = forward(*args, **kwargs)
            _wait()
            elapsed = time.perf_counter() - started
            own = elapsed - self._inner.pop()
            self._inner[-1] += elapsed
            self.seconds[name] = self.seconds.get(name, 0.0) + own
            return output

        return timed


def _wait() -> None:
    """Wait for what a GPU is still computing, which Python does not."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def time_layers(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    repeats: int = 10,
    warmup: int = 3,
) -> dict[str, float]:
    """Return the median seconds of each module's own work in one forward, by qualified name.

    A copy of the model runs in evaluation mode on its own device, on random data where shapes are
    given. The time of a module is that of all its calls, without its submodules.

    Args:
        model: with real weights.
        inputs: as for `count`.
        kwargs: further keyword arguments of its forward.
        repeats: forwards to take the median of.
        warmup: forwards before those, not counted.

    Raises:
        DseError: where the forward fails.
    """
    prepared = prepare(model, inputs, kwargs, real=True)
    stopwatch = _Stopwatch(prepared.model)
    runs: list[dict[str, float]] = []
    with running(prepared, None), torch.no_grad():
        for _ in range(warmup + repeats):
            stopwatch.seconds = {}
            prepared.model(*prepared.arguments, **prepared.keywords)
            runs.append(stopwatch.seconds)
    counted = runs[warmup:]
    return {name: statistics.median(run.get(name, 0.0) for run in counted) for name in counted[0]}
