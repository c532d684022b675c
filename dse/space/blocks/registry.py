"""The blocks that a family page can name, and how they are called.

A block is a function with one uniform signature: what it needs to know of its input, then its
settings by name, among them `channels` (output channels) and `stride` where the block has them. It
returns an `nn.Module` for such inputs. Of the input it may ask, by the names of its parameters, for

- `in_channels`: the second size, for inputs of shape (N, C, …) as convolutions have them;
- `in_features`: the last size, for inputs of shape (N, …, C) as linear layers have them;
- `input_shape`: all sizes but the batch, for blocks with weights for each position.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import nn

from dse.errors import DseError, nearest
from dse.space.expressions import Value

BLOCKS: dict[str, Block] = {}
"""Every registered block by name."""

Builder = Callable[..., nn.Module]
IsIdentity = Callable[[Value, Mapping[str, Value]], bool]

_OF_INPUT: dict[str, Callable[[tuple[int, ...]], Any]] = {
    "in_channels": lambda shape: shape[0],
    "in_features": lambda shape: shape[-1],
    "input_shape": lambda shape: shape,
}


@dataclass(frozen=True)
class Block:
    """A registered block: its name and the function that builds it."""

    name: str
    build: Builder
    is_identity: IsIdentity = lambda channels, settings: False
    """Whether the block does nothing to an input of these channels, at these settings."""

    @cached_property
    def _signature(self) -> dict[str, inspect.Parameter]:
        return dict(inspect.signature(self.build, eval_str=True).parameters)

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The settings that the block takes."""
        return {
            name: parameter for name, parameter in self._signature.items() if name not in _OF_INPUT
        }

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The settings that may be left out, with their values."""
        return {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }

    @cached_property
    def text_settings(self) -> frozenset[str]:
        """The settings that are words (an activation, say) rather than numbers."""
        return frozenset(
            name for name, parameter in self.parameters.items() if parameter.annotation is str
        )

    def module(self, input_shape: tuple[int, ...], settings: Mapping[str, Value]) -> nn.Module:
        """Build the block for inputs of a shape, given without the batch."""
        given = {
            name: of_input(input_shape)
            for name, of_input in _OF_INPUT.items()
            if name in self._signature
        }
        return self.build(**given, **settings)

    def check_settings(self, settings: Mapping[str, Any], where: str) -> None:
        """Raise a `DseError` for a setting that the block does not take, or a missing one."""
        for name in settings:
            if name not in self.parameters:
                hint = nearest(name, self.parameters)
                raise DseError(f"{where}: block {self.name!r} has no setting {name!r}; {hint}")
        missing = [
            name for name in self.parameters if name not in settings and name not in self.defaults
        ]
        if missing:
            raise DseError(f"{where}: block {self.name!r} needs {', '.join(missing)}")


def register(build: Builder) -> Builder:
    """Make a function available to family pages as a block, under its own name."""
    BLOCKS[build.__name__] = Block(build.__name__, build)
    return build


def register_skip(is_identity: IsIdentity) -> Callable[[Builder], Builder]:
    """Register a block that is left out of a network where it does nothing.

    So networks that differ only in where such blocks stand are one candidate.
    """

    def decorate(build: Builder) -> Builder:
        BLOCKS[build.__name__] = Block(build.__name__, build, is_identity)
        return build

    return decorate


def find_block(name: str, where: str) -> Block:
    """Return a registered block; a `DseError` names the nearest one for an unknown name."""
    if name not in BLOCKS:
        raise DseError(f"{where}: unknown block {name!r}; {nearest(name, BLOCKS)}")
    return BLOCKS[name]
