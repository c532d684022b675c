"""One point of a design space, resolved to the blocks that it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dse.language import Value


@dataclass(frozen=True, slots=True)
class ResolvedBlock:
    """A block with its settings; those at the block's own defaults are left out.

    So a key outlives a block that learns a further setting.
    """

    block: str
    settings: tuple[tuple[str, Value], ...]
    """Sorted by name; whole numbers are integers."""
    is_lasting: bool = field(default=True, compare=False, repr=False)
    """Whether its code stays what it is; False for the user's own."""


@dataclass(frozen=True, slots=True)
class NamedInput:
    """An input of a network by the name of its forward's parameter."""

    name: str
    shape: tuple[int, ...]
    """Without the batch axis."""
    dtype: str | None = None
    values: Any = None
    """A number, or nested tuples of numbers."""
    has_batch: bool = True
    below: int | None = field(default=None, compare=False)
    """Of whole numbers: what data are drawn below; it changes no network."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """All that the network depends on."""
        return (self.name, self.shape, self.dtype, self.values, self.has_batch)


@dataclass(frozen=True)
class Candidate:
    """One network of a family."""

    family: str
    settings: Mapping[str, Value]
    """The value of each axis that makes a difference to this network."""
    input_shape: tuple[int, ...]
    """Without the batch axis, such as (C, H, W)."""
    blocks: tuple[ResolvedBlock, ...]
    is_callable: bool = False
    """Whether the one block is a callable that returns the whole network, with its arguments."""
    named_inputs: tuple[NamedInput, ...] = ()
    """Of a callable, in the place of `input_shape`, which is empty."""
    given_input: NamedInput | None = None
    """Of a network of blocks whose page names its input: that, of the shape `input_shape`."""

    @property
    def input_dtype(self) -> str | None:
        """The dtype of the input of a network of blocks; None for that of the conditions."""
        return None if self.given_input is None else self.given_input.dtype

    @cached_property
    def key(self) -> int:
        """A 63-bit hash of the network: equal for settings that resolve to the same blocks."""
        if self.is_callable:
            (call,) = self.blocks
            given: Any = self.input_shape
            if self.named_inputs:
                given = [each.identity for each in self.named_inputs]
            return _hash([given, "callable", call.block, call.settings])
        return network_key(self.input_shape, self.blocks, self.input_dtype)


def network_key(
    input_shape: tuple[int, ...], blocks: tuple[ResolvedBlock, ...], dtype: str | None = None
) -> int:
    """Return the hash of a network from the shape and dtype of its input, and its blocks."""
    content: list[Any] = [
        input_identity(input_shape, dtype),
        [(block.block, block.settings) for block in blocks],
    ]
    return _hash(content)


def input_identity(shape: tuple[int, ...], dtype: str | None) -> list[int | str]:
    """Return what stands of an input in the content of a key: its sizes, and a dtype if named."""
    return [*shape, *([] if dtype is None else [dtype])]


def settings_key(family: str, settings: Mapping[str, Value]) -> int:
    """Return a key for settings that do not resolve to any blocks."""
    return _hash([family, sorted(settings.items())])


def _hash(content: Any) -> int:
    digest = hashlib.blake2b(json.dumps(content).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
