"""Timing modules on this machine: each several times in rounds, so that no moment decides.

On a CPU it is the processor time of one thread, which other work on the machine does not count in;
of several threads the time on the wall. On CUDA it is the time between two events.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy
import torch
from torch import Tensor, nn

from dse.checked_numbers import check_counts
from dse.errors import DseError

Run = Callable[[], int]
"""Runs something once and returns the nanoseconds that it took."""


@dataclass(frozen=True)
class Timer:
    """How modules are timed."""

    place: str = "cpu"
    """Where: `cpu`, or a device of CUDA."""
    threads: int = 1
    rounds: int = 6
    """How often all of several modules are gone through."""
    runs: int = 3
    """Of a module in a round, behind one that is not timed."""

    def __post_init__(self) -> None:
        """Check the numbers and the place.

        Raises:
            DseError: for a number that is not positive, or a device that is not here.
        """
        check_counts({name: getattr(self, name) for name in ("threads", "rounds", "runs")})
        try:
            torch.empty(1, device=self.place)
        except (RuntimeError, AssertionError) as error:
            raise DseError(f"place={self.place}: {str(error).splitlines()[0]}") from error

    def times(self, several: Sequence[tuple[nn.Module, Tensor]]) -> list[list[int]]:
        """Return the nanoseconds of every run of modules on their inputs."""
        found: list[list[int]] = [[] for _ in several]
        with self._threads(), torch.inference_mode():
            for _ in range(self.rounds):
                for times, (module, tensor) in zip(found, several, strict=True):
                    run = self._run(module, tensor)
                    run()
                    times += [run() for _ in range(self.runs)]
        return found

    def medians(self, several: Sequence[tuple[nn.Module, Tensor]]) -> list[int]:
        """Return the median nanoseconds of modules on their inputs."""
        return [median(times) for times in self.times(several)]

    def _run(self, module: nn.Module, tensor: Tensor) -> Run:
        if self.place.startswith("cuda"):
            return lambda: _on_cuda(module, tensor)
        clock = time.thread_time_ns if self.threads == 1 else time.perf_counter_ns

        def run() -> int:
            started = clock()
            module(tensor)
            return clock() - started

        return run

    @contextmanager
    def _threads(self) -> Iterator[None]:
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _on_cuda(module: nn.Module, tensor: Tensor) -> int:
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    module(tensor)
    last.record()
    last.synchronize()
    milliseconds: float = first.elapsed_time(last)
    return round(milliseconds * 1_000_000)


def median(times: Sequence[int]) -> int:
    """Return the median of nanoseconds, in whole ones."""
    return round(statistics.median(times))


@dataclass(frozen=True)
class Calibration:
    """What the time of a block within a network is, from what it takes alone.

    Blocks that run alone find their weights in the caches, and those of a network do not.
    """

    factor: float
    """Of the time of each block."""
    constant: float
    """Nanoseconds that each block takes besides."""

    def of(self, nanoseconds: int) -> int:
        """Return the time of a block within a network."""
        return max(round(self.factor * nanoseconds + self.constant), 0)


def calibrated(alone: Sequence[int], blocks: Sequence[int], whole: Sequence[int]) -> Calibration:
    """Return what makes the sums of blocks meet whole networks best, by relative least squares.

    Args:
        alone: nanoseconds of the blocks of each network, summed.
        blocks: of each network, how many it has.
        whole: nanoseconds of each network.
    """
    target = numpy.array(whole, dtype=numpy.float64)
    sides = numpy.stack([alone, blocks], axis=1) / target[:, None]
    (factor, constant), _, rank, _ = numpy.linalg.lstsq(sides, numpy.ones(len(target)), rcond=None)
    if rank < 2:
        return Calibration(float(target.sum() / sum(alone)), 0.0)
    return Calibration(float(factor), float(constant))
