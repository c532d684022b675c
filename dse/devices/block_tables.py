"""Numbers that distinct blocks have under a name, from a file or a measurement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from dse.counting import Bundle, HandedOn, KernelCall, TensorSpec
from dse.space import ResolvedBlock


def block_digest(block: ResolvedBlock, input: TensorSpec, dtype: str) -> int:
    """Return the 63 bits that a block is known by in a table.

    Args:
        block: with its settings.
        input: what enters it, batch included.
        dtype: of weights and activations.
    """
    content = json.dumps([block.block, block.settings, list(input.shape), dtype])
    digest = blake2b(content.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@dataclass(frozen=True)
class BlockTables:
    """Gives blocks the numbers that tables have of them."""

    tables: Mapping[str, Mapping[int, int]]
    """By cost: the number of each block, by its digest."""
    dtype: str

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that it gives numbers of."""
        return tuple(self.tables)

    @cached_property
    def identity(self) -> str:
        """A text that stands for all its numbers."""
        content = repr([(name, sorted(table.items())) for name, table in self.tables.items()])
        return blake2b(content.encode(), digest_size=12).hexdigest()

    @property
    def figures(self) -> str:
        """Nothing: the numbers are stored."""
        return ""

    def of(self, block: ResolvedBlock, input: HandedOn, costs: Any) -> dict[str, int]:
        """Return the numbers that the tables have of a block, which one tensor enters."""
        if isinstance(input, Bundle):
            return {}
        digest = block_digest(block, input, self.dtype)
        return {name: table[digest] for name, table in self.tables.items() if digest in table}

    def of_model(self, model: Any, inputs: Any, kwargs: Mapping[str, Any] | None) -> dict[str, int]:
        """Return nothing: what there is of a network is a sum over its operators or blocks."""
        return {}

    def of_kernels(self, kernels: Iterable[KernelCall]) -> dict[str, int]:
        """Return nothing: a network that is no chain of blocks is in no table."""
        return {}
