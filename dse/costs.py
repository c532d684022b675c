"""The costs of an architecture: their names, their units, and how they add up over blocks.

This is the vocabulary that the counting core, the design spaces, the store and the command line
share, so it imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal


@dataclass(frozen=True, slots=True)
class Costs:
    """Integers that follow from an architecture and its input shape alone."""

    params: int = 0
    """Elements of all parameters, a shared one once."""
    trainable_params: int = 0
    """Elements of the parameters that require a gradient, a shared one once."""
    macs: int = 0
    """Multiply-accumulates of convolutions, linear layers and matrix products."""
    flops: int = 0
    """2 × macs, as in `torch.utils.flop_counter`."""
    activations: int = 0
    """Output elements of convolutions and linear layers (arXiv:2003.13678)."""
    weight_memory: int = 0
    """Bytes of parameters and buffers."""
    activation_memory: int = 0
    """Bytes of every tensor that a layer outputs, summed."""
    peak_memory: int = 0
    """Highest number of bytes alive at once during inference, weights included."""

    def as_dict(self) -> dict[str, int]:
        """Return the costs by name, in the order of `COST_NAMES`."""
        return {name: getattr(self, name) for name in COST_NAMES}


COST_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Costs))
"""Every cost, in the order in which tables and rows show them."""

MEMORY_COSTS = frozenset({"weight_memory", "activation_memory", "peak_memory"})
"""The costs that are measured in bytes; the others are plain counts."""


def unit_of(cost: str) -> Literal["bytes", "count"]:
    """Return whether a cost is measured in bytes or is a plain count."""
    return "bytes" if cost in MEMORY_COSTS else "count"
