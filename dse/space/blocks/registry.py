"""The blocks that a family page can name, and how they are called.

A block is a function with one uniform signature: the number of input channels, then the settings
by name, among them `channels` (output channels) and `stride` where the block has them. It returns
an `nn.Module` for inputs of shape (N, in_channels, H, W).
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


@dataclass(frozen=True)
class Block:
    """A registered block: its name and the function that builds it."""

    name: str
    build: Callable[..., nn.Module]

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The settings that the block takes, without the input channels."""
        signature = inspect.signature(self.build, eval_str=True)
        return dict(list(signature.parameters.items())[1:])

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """The settings that may be left out, with their values."""
        return {
            name: parameter.default
            for name, parameter in self.parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }

    def is_text(self, setting: str) -> bool:
        """Return whether a setting is a word (an activation, say) rather than a number."""
        return self.parameters[setting].annotation is str

    def check_settings(self, settings: Mapping[str, Any], where: str) -> None:
        """Raise a `DseError` for a setting that the block does not take, or a missing one."""
        for name in settings:
            if name not in self.parameters:
                hint = nearest(name, self.parameters)
                raise DseError(f"{where}: block {self.name!r} has no setting {name!r}; {hint}")
        missing = [name for name in self.parameters if name not in {**settings, **self.defaults}]
        if missing:
            raise DseError(f"{where}: block {self.name!r} needs {', '.join(missing)}")


def register(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Make a function available to family pages as a block, under its own name."""
    BLOCKS[build.__name__] = Block(build.__name__, build)
    return build


def find_block(name: str, where: str) -> Block:
    """Return a registered block; a `DseError` names the nearest one for an unknown name."""
    if name not in BLOCKS:
        raise DseError(f"{where}: unknown block {name!r}; {nearest(name, BLOCKS)}")
    return BLOCKS[name]
