"""What a network is exported on and checked with."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting import real_tensor
from dse.space import Candidate, network_inputs


@dataclass(frozen=True)
class NetworkExample:
    """Inputs of a network."""

    positional: tuple[Tensor, ...]
    named: dict[str, Tensor]
    axes: Any
    """The axes of each that may be of any size, as `torch.export` takes them."""

    def outputs_of(self, network: nn.Module) -> list[Tensor]:
        """Return the tensors that a network makes of them, in order."""
        with torch.no_grad():
            return tensors_in(network(*self.positional, **self.named))


def example_of(candidate: Candidate, batch: int = 2) -> NetworkExample:
    """Return random inputs of a candidate's network.

    A batch of one would be taken for a constant where the batch may be of any size.
    """
    make, any_size = real_tensor(torch.device("cpu")), {0: torch.export.Dim("batch")}
    inputs, named = network_inputs(candidate, batch)
    return NetworkExample(
        tuple(make(each, torch.float32) for each in inputs),
        {name: make(each, torch.float32) for name, each in named.items()},
        {each.name: any_size if each.has_batch else None for each in candidate.named_inputs}
        or (any_size,),
    )


def tensors_in(output: Any) -> list[Tensor]:
    """Return the tensors of an output, in the order of its fields."""
    if isinstance(output, Tensor):
        return [output]
    if isinstance(output, dict):
        output = list(output.values())
    found = output if isinstance(output, list | tuple) else ()
    return [tensor for each in found for tensor in tensors_in(each)]


@contextlib.contextmanager
def without_remarks() -> Iterator[None]:
    """Leave out what libraries log of their steps, which Hydra would print."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def output_into(path: Path) -> Iterator[None]:
    """Write into a file what is printed meanwhile, by C++ too."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            with without_remarks():
                yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)
