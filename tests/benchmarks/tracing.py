"""First tracing: how many distinct blocks a second, of families of which nothing is known.

    python -m tests.benchmarks.tracing [FAMILY …]

Each family's default grid is compiled in a process of its own, by one process and by all
processors. A block is traced in inference and in a training step. Beside that stands what bounds
it from below: each of the same blocks built on the meta device, and run there once forward and
backward under no mode, with nothing counted. Processor seconds tell how much work it is, seconds
how long one waits.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

import torch

from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights, tensors_of
from dse.space import BlockTable, build_block, shapes_within
from dse.space.tables import compile_space
from tests.space.shipped import default_grid

FAMILIES = ("mobilenet_v2", "resnet", "vit", "swin", "efficientnet", "ofa_mobilenet_v3")


def processor_seconds() -> float:
    """Return those of this process and of its children that have ended."""
    return sum(os.times()[:4])


def traced(name: str, processes: int) -> tuple[int, float, float]:
    """Return the number of blocks traced in a new process, seconds, and processor seconds."""
    program = f"from tests.benchmarks.tracing import trace; trace({name!r})"
    environment = {**os.environ, "DSE_LIMIT_TRACING_PROCESSES": str(processes)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    blocks, seconds, processor, *_ = done.stdout.split()
    return int(blocks), float(seconds), float(processor)


def bound(name: str) -> float:
    """Return the processor seconds of building and running the same blocks in a new process."""
    program = f"from tests.benchmarks.tracing import trace; trace({name!r}, is_bare=True)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[3])


def trace(name: str, is_bare: bool = False) -> None:
    """Print the number of a family's blocks, and the seconds that they took."""
    torch.set_num_threads(1)
    table = BlockTable(Conditions())
    started, processor = time.perf_counter(), processor_seconds()
    compile_space(default_grid(name), table)
    print(len(table), time.perf_counter() - started, processor_seconds() - processor)
    if is_bare:
        processor = processor_seconds()
        for block_input, _ in table.known_blocks():
            build_and_run(block_input)
        print(processor_seconds() - processor)


def build_and_run(block_input: object) -> None:
    """Build a block and run it forward and backward on the meta device, if it can be."""
    block, handed = block_input  # type: ignore[misc]
    try:
        module = build_without_weights(lambda: build_block(block, shapes_within(handed))).to("meta")
        given = [
            torch.empty_strided(
                each.shape,
                each.stride,
                dtype=each.dtype,
                device="meta",
                requires_grad=each.dtype.is_floating_point,
            )
            for each in tensors_of(handed)
        ]
        made = module(given[0] if len(given) == 1 else tuple(given))
        ends = made if isinstance(made, tuple) else (made,)
        torch.autograd.backward(ends, [torch.empty_like(end) for end in ends])
    except (RuntimeError, TypeError, ValueError, NotImplementedError):
        # What cannot be run so is a part of the bound that is left out.
        return


def main() -> None:
    """Print a line a family."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", default=FAMILIES)
    processors = len(os.sched_getaffinity(0))
    print(f"{'':18}{'blocks':>8}{'bound, s':>10}", end="")
    print(
        "".join(f"{f'{n} processes: s':>16}{'CPU s':>8}{'blocks/s':>10}" for n in (1, processors))
    )
    for name in parser.parse_args().families:
        rows = [traced(name, processes) for processes in (1, processors)]
        least = bound(name)
        line = f"{name:18}{rows[0][0]:8}{least:10.2f}"
        for blocks, seconds, processor in rows:
            line += f"{seconds:16.2f}{processor:8.2f}{blocks / seconds:10.1f}"
        print(f"{line}   {rows[0][2] / least:.1f} times the bound", flush=True)


if __name__ == "__main__":
    main()
