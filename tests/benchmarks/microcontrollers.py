"""Memory on a microcontroller beside that of the network converted for it.

    pip install 'dse-nas[microcontrollers]'
    python -m tests.benchmarks.microcontrollers [--candidates 20] [--seed 0]

Candidates of families, drawn at random, are converted by litert-torch, quantised to int8 by
ai-edge-quantizer with random data, and given to TFLite-Micro, whose `print_allocations` says how
long the head of its arena is. Prints that beside `arena`, the file beside `flash`, and how often
`sram` is all of the arena. A network that the converter left float operators in does not count, and
is named with them.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

import dse
from dse.devices import deployed_memory
from dse.errors import DseError
from dse.project.exports.network_examples import output_into
from dse.project.exports.tflite_export import float_operators, tflite_of

FAMILIES: dict[str, dict[str, list[Any]]] = {
    "mobilenet_v2": {"width": [0.35, 0.5, 0.75], "resolution": [64, 96, 97], "expansion": [3, 6]},
    "squeezenet": {"width": [0.25, 0.5], "resolution": [64, 80, 96], "pooling": ["late", "early"]},
    "mnasnet": {"width": [0.35, 0.5], "resolution": [64, 96, 99]},
    "resnet": {"width": [0.25, 0.5], "resolution": [64, 65], "block": ["basic", "bottleneck"]},
    "mobilenet_v3": {"width": [0.35, 0.5], "resolution": [64, 96]},
    "densenet": {
        "growth": [8, 12],
        "resolution": [64, 80],
        "depth_1": [2, 3],
        "depth_2": [3, 5],
        "depth_3": [4],
        "depth_4": [2, 4],
    },
    "regnet": {"w0": [24, 48], "resolution": [64, 80], "depth": [13], "squeeze_excite": [0, 0.25]},
    "efficientnet": {"width": [0.5], "resolution": [64, 72]},
}


def drawn(candidates: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield families with settings, each family in turn."""
    chosen = random.Random(seed)
    for index in range(candidates):
        family = list(FAMILIES)[index % len(FAMILIES)]
        yield family, {axis: chosen.choice(values) for axis, values in FAMILIES[family].items()}


def randomised(model: nn.Module) -> nn.Module:
    """Return a model whose norms do something, as after training; new ones are left out."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_()
    return model.eval()


def head_of(content: bytes, directory: Path) -> int:
    """Return the bytes of the head of TFLite-Micro's arena."""
    from tflite_micro import runtime

    log = directory / "allocations.txt"
    with output_into(log):
        runtime.Interpreter.from_bytes(content, arena_size=64 << 20).print_allocations()
    (head,) = re.findall(r"Arena allocation head (\d+) bytes", log.read_text())
    return int(head)


def main() -> None:
    """Convert candidates and print both memories of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    whole = equal = tight = 0
    print("family         settings                  head     arena      sram      file     flash")
    for family, settings in drawn(given.candidates, given.seed):
        shown = f"{family:<14} {' '.join(f'{k}={v}' for k, v in settings.items())}"
        resolution = settings["resolution"]
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            try:
                model = dse.build(family, settings)
                ours = deployed_memory(model, (1, 3, resolution, resolution))
                images = torch.randn(1, 3, resolution, resolution)
                content = tflite_of(randomised(model), images, images)
            except DseError as error:
                print(f"{shown}: {error}")
                continue
            left = float_operators(content)
            try:
                head = head_of(content, directory)
            except RuntimeError:
                said = (directory / "allocations.txt").read_text().strip().splitlines()
                print(f"{shown}: TFLite-Micro does not run it: {said[-1] if said else ''}")
                continue
        print(shown, head, ours.arena, ours.sram, len(content), ours.flash, *left, flush=True)
        if not left:
            whole += 1
            equal += head == ours.arena
            tight += ours.sram == ours.arena
    print(f"{equal} of {whole} converted whole have the arena; of {tight}, sram is all of it")


if __name__ == "__main__":
    main()
