"""`sram` and `flash` of blocks, from the graph that a runtime makes of each alone.

The `sram` of a chain is the highest of its blocks, each with what enters it, and its `flash` their
sum. Both are exact where nothing is folded across blocks: a norm or an activation that a block
begins with is an operator of its own here, so that they are upper bounds where it would become part
of the block before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from dse.counting import (
    Input,
    KernelCall,
    TensorSpec,
    build_without_weights,
    one_argument,
    tensors_of,
)
from dse.devices.deployed_peaks import deployed_memory
from dse.devices.flash_memory import BITS_AN_ELEMENT
from dse.errors import DseError
from dse.space import build_block, dtype_of_block, shapes_within


@dataclass(frozen=True)
class DeployedBlocks:
    """Gives blocks what they take of a device's memory under a runtime."""

    runtime: str
    dtype: str

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that it gives numbers of."""
        return ("sram", "flash")

    @property
    def identity(self) -> str:
        """A text that stands for all its numbers."""
        return f"deployed {self.runtime} {self.dtype}"

    @property
    def figures(self) -> str:
        """Empty: no figures of a device are behind them."""
        return ""

    @property
    def tables(self) -> Mapping[str, Mapping[int, int]]:
        """None: the numbers are worked out."""
        return {}

    def of(self, block: Any, input: Any, costs: Any) -> dict[str, int]:
        """Return the bytes of a block.

        Nothing for one that is a part of a model, that needs data, or that makes the same of every
        input: in the whole network that is a constant, at rest and not alive.
        """
        try:
            shapes = shapes_within(input)
            module = nn.Sequential(build_without_weights(lambda: build_block(block, shapes)))
            dtype = dtype_of_block(block) or self.dtype
            given, handed = _as_handed_on(tensors_of(input))
            inputs = [one_argument(given)]
            found = deployed_memory(module, inputs, self.runtime, dtype, input_dtype=handed)
        except DseError:
            return {}
        if found.graph.follows_from_inputs < len(tensors_of(costs.output)):
            return {}
        return {"sram": found.sram, "flash": found.flash}

    def of_kernels(self, kernels: Iterable[KernelCall]) -> dict[str, int]:
        """Return nothing: operators alone do not tell which tensors are alive."""
        return {}

    def of_model(self, model: Any, inputs: Any, kwargs: Mapping[str, Any] | None) -> dict[str, int]:
        """Return the bytes of a whole network; nothing for one that needs data."""
        try:
            found = deployed_memory(model, inputs, self.runtime, self.dtype, kwargs)
        except DseError:
            return {}
        return {"sram": found.sram, "flash": found.flash}


def _as_handed_on(tensors: Sequence[TensorSpec]) -> tuple[tuple[Input, ...], str | None]:
    """Return what enters a block as its inputs, and the dtype of their elements.

    Ids of tokens stay what they are, and take the bytes of the network's dtype.

    Raises:
        DseError: for tensors of several dtypes.
    """
    names = [str(tensor.dtype).removeprefix("torch.") for tensor in tensors]
    numbers = {name for name in names if name in BITS_AN_ELEMENT}
    if len(numbers) > 1:
        raise DseError("tensors of several dtypes enter")
    given = (
        Input(tensor.shape, None if name in numbers else name)
        for tensor, name in zip(tensors, names, strict=True)
    )
    return tuple(given), next(iter(numbers), None)
