"""Prints what a model takes when a process counts it first of all, and when it does so again.

    python -m tests.counting.first_counts

Each way to run one is tried in a process of its own, before which PyTorch alone was loaded.
"""

import os
import sys

import torch
from torch import nn

from dse.counting import trace, trace_step


class Block(nn.Module):
    """A block with a tensor that is alive no longer than its forward."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x):
        made = self.layer(x)
        inner = (made[0] if isinstance(made, tuple) else made).relu()
        return inner + x


class Autocast(Block):
    """One that turns autocast on itself."""

    def forward(self, x):
        with torch.autocast(x.device.type, torch.bfloat16):
            return super().forward(x).float()


def blocks(kind: type[Block], layer: type[nn.Module]) -> nn.Module:
    return nn.Sequential(*(kind(layer(64, 64)) for _ in range(3)))


SHAPE = (16, 8, 64)
WAYS = {
    "inference": lambda: trace(blocks(Block, nn.Linear), SHAPE).peak_activation_bytes,
    "recurrent": lambda: trace(blocks(Block, nn.LSTM), SHAPE).peak_activation_bytes,
    "autocast": lambda: trace(blocks(Autocast, nn.Linear), SHAPE).peak_activation_bytes,
    "training": lambda: trace_step(blocks(Block, nn.Linear), SHAPE).peak_bytes,
}
"""What is asked for, by the way to run a model that it takes."""


def main() -> None:
    assert "torch._dynamo" not in sys.modules
    for name, asked in WAYS.items():
        if os.fork() == 0:
            print(name, asked(), asked(), sep=",", flush=True)
            os._exit(0)
        os.wait()


if __name__ == "__main__":
    main()
