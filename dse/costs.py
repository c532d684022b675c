"""The costs of an architecture: their names, their units, and how they add up over blocks.

This is the vocabulary that the counting core, the design spaces, the store and the command line
share, so it imports nothing heavy.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from dse.errors import DseError, nearest


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
    memory_read: int = 0
    """Bytes that an ideal device reads in inference: each operator's operands, once a use."""
    memory_written: int = 0
    """Bytes that an ideal device writes in inference: each operator's results."""
    peak_memory: int = 0
    """Highest number of bytes alive at once during inference, weights included."""
    saved_memory: int | None = None
    """Bytes of what the forward pass saves for the backward pass, weights and inputs apart.

    None, as `train_memory`, for a network that cannot be trained: one of integers."""
    train_memory: int | None = None
    """Highest number of bytes alive at once during one training step, optimizer state included."""

    @property
    def arithmetic_intensity(self) -> float:
        """MACs of inference per byte that an ideal device moves; 0 where nothing is moved."""
        return self.macs / max(self.memory_read + self.memory_written, 1)

    def as_dict(self) -> dict[str, int | None]:
        """Return the costs by name, in the order of `COST_NAMES`."""
        return {name: getattr(self, name) for name in COST_NAMES}


COST_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Costs))
"""Every cost, in the order in which tables and rows show them."""

MEMORY_COSTS = frozenset(name for name in COST_NAMES if "memory" in name)
"""The costs that are measured in bytes; the others are plain counts."""

TRAINING_COSTS = frozenset({"saved_memory", "train_memory"})
"""The costs of a training step, which a network of integers does not have."""

DTYPES = ("float32", "float64", "bfloat16", "float16", "int8")
PRECISIONS = ("full", "mixed")
OPTIMIZERS = ("sgd", "sgd-momentum", "adamw")
LARGEST_BATCH = 2**20


@dataclass(frozen=True, slots=True)
class Conditions:
    """What costs depend on besides the architecture and the shape of its input."""

    batch: int = 1
    """Inputs a step."""
    dtype: str = "float32"
    """Of weights and activations, one of `DTYPES`."""
    precision: str = "full"
    """Of the training step: `full` at the dtype, or `mixed` under autocast to bfloat16."""
    optimizer: str = "sgd-momentum"
    """Whose state a training step holds, one of `OPTIMIZERS`."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            DseError: naming the field and the nearest valid choice.
        """
        if type(self.batch) is not int:
            raise DseError(f"batch: {self.batch!r} is not a whole number")
        if not 1 <= self.batch <= LARGEST_BATCH:
            bound = "not positive" if self.batch < 1 else f"above {LARGEST_BATCH:,}"
            raise DseError(f"batch: {self.batch} is {bound}")
        for name, choices in (
            ("dtype", DTYPES),
            ("precision", PRECISIONS),
            ("optimizer", OPTIMIZERS),
        ):
            value = getattr(self, name)
            if value not in choices:
                raise DseError(f"{name}: unknown {value!r}; {nearest(str(value), choices)}")
        if self.precision == "mixed" and self.dtype != "float32":
            raise DseError(f"precision: mixed trains weights of float32, not of {self.dtype}")

    @property
    def stated(self) -> dict[str, int | str]:
        """The conditions that are not at their defaults, by name.

        They are what conditions are known by, so that a further condition changes no identity.
        """
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }


CONDITION_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Conditions))
"""Every condition, in the order in which tables and rows show them."""


def unit_of(cost: str) -> Literal["bytes", "count"]:
    """Return whether a cost is measured in bytes or is a plain count."""
    return "bytes" if cost in MEMORY_COSTS else "count"
