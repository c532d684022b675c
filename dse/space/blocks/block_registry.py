"""The blocks that a family page can name, and how they are called.

A block is a function with one uniform signature: what it needs to know of its input, then its
settings by name, among them `channels` (output channels) and `stride` where the block has them. It
returns an `nn.Module` for such inputs. Of the input it may ask, by the names of its parameters, for

- `in_channels`: the second size, for inputs of shape (N, C, …) as convolutions have them;
- `in_features`: the last size, for inputs of shape (N, …, C) as linear layers have them;
- `input_shape`: all sizes but the batch, for blocks with weights for each position;
- `input_shapes`: those of each tensor that it takes, for blocks of several (see `routing`).

A page may also name any module class or function with such a signature by its dotted path:
`block: torch.nn.Conv2d`, or `block: mypkg.blocks.Ghost` where the user allows `mypkg`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from torch import nn

from dse.errors import DseError, nearest
from dse.language import Expression, Place, Value, Where
from dse.space.blocks.named_code import (
    PLACE_ARGUMENTS,
    WEIGHT_ARGUMENTS,
    accepted_arguments,
    callable_at,
    find_builder,
    is_trusted,
    offline,
    own_arguments,
    takes_words,
)
from dse.space.blocks.part_limit import limited_parts
from dse.space.blocks.routing import (
    ROUTE_SETTINGS,
    Routed,
    Shape,
    Shapes,
    route_of,
    shapes_of,
)

BLOCKS: dict[str, Block] = {}
"""Every registered block by name."""

DECLARED: dict[str, Block] = {}
"""Blocks that a page declares in full, and cannot name."""

_TRUSTED: set[tuple[str, tuple[str, ...]]] = set()
"""Paths with what the user allows that need no second look: spaces name the same few over and
over."""

DTYPE_SETTING = "dtype"
"""What any block takes besides its own settings; see `dse.space.blocks.block_dtype`."""

LEFT_OUT_BY_ZERO = ("squeeze_excite", "dropout")
"""Settings of which 0 is a choice, whatever a block has by default."""

Builder = Callable[..., nn.Module]
InItsPlace = Callable[[Value | None, Mapping[str, Value]], Mapping[str, Value] | None]

SEVERAL = "input_shapes"
_OF_INPUT: dict[str, Callable[[tuple[Shape, ...]], Any]] = {
    "in_channels": lambda shapes: shapes[0][0],
    "in_features": lambda shapes: shapes[0][-1],
    "input_shape": lambda shapes: shapes[0],
    SEVERAL: lambda shapes: shapes,
}


@dataclass(frozen=True)
class Block:
    """A registered block: its name and the function that builds it."""

    name: str
    build: Builder
    in_its_place: InItsPlace = lambda channels, settings: settings
    """The settings that say what the block is behind so many channels, None where unknown; equal
    for all that are the same there, and None for one that does nothing to its input."""
    is_registered: bool = True
    """False for one that is named by its dotted path."""
    is_nothing: bool = False
    """Whether it makes zeros: what adds its output is the same without it."""

    @property
    def is_lasting(self) -> bool:
        """Whether its code stays what it is: dse's, PyTorch's or torchvision's."""
        return self.is_registered or _defined_in(self.build).startswith(("torch.", "torchvision."))

    @cached_property
    def _accepted(self) -> tuple[dict[str, inspect.Parameter], bool]:
        return accepted_arguments(self.build)

    @cached_property
    def _own_arguments(self) -> dict[str, inspect.Parameter]:
        return own_arguments(self.build)

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The settings that the block takes."""
        named, _ = self._accepted
        return {name: parameter for name, parameter in named.items() if name not in _OF_INPUT}

    @property
    def takes(self) -> str:
        """The shape of the inputs that it takes, as far as its function tells."""
        shapes = {"in_channels": "(N, C, H, W)", "in_features": "(N, …, C)"}
        named, _ = self._accepted
        asked = [shape for name, shape in shapes.items() if name in named]
        if SEVERAL in named:
            return "several"
        return " or ".join(asked) or ("one shape" if "input_shape" in named else "any")

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The settings that may be left out, with their values.

        What the builder passes on it may change, so that those defaults are not known.
        """
        return {
            name: parameter.default
            for name, parameter in self._own_arguments.items()
            if name not in _OF_INPUT and parameter.default is not inspect.Parameter.empty
        }

    @cached_property
    def _needed(self) -> tuple[str, ...]:
        """The settings that have no value by default."""
        own = own_arguments(self.build)
        return tuple(name for name in own if name not in _OF_INPUT and name not in self.defaults)

    @cached_property
    def text_settings(self) -> frozenset[str]:
        """The settings that are words (an activation, say) rather than numbers."""
        words = {name for name, parameter in self.parameters.items() if takes_words(parameter)}
        return frozenset(words | {DTYPE_SETTING} if self.has_free_dtype else words)

    @cached_property
    def has_free_dtype(self) -> bool:
        """Whether `dtype` says what its bytes are, and is no setting of a user's own block."""
        return DTYPE_SETTING not in self.parameters or is_trusted(self.build)

    @cached_property
    def shared_settings(self) -> frozenset[str]:
        """The settings that every block takes, and that none of its own is called like."""
        routes = (name for name in ROUTE_SETTINGS if name not in self.parameters)
        return frozenset({*routes, *([DTYPE_SETTING] if self.has_free_dtype else [])})

    @cached_property
    def _amounts(self) -> dict[str, bool]:
        """The settings of a registered block that are amounts, and whether 0 leaves them out."""
        if not self.is_registered:
            return {}
        return {
            name: parameter.default == 0 or name in LEFT_OUT_BY_ZERO
            for name, parameter in self.parameters.items()
            if parameter.annotation in (int, float)
        }

    def changed(self, settings: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
        """Return settings but for those at the block's defaults, sorted."""
        defaults = self.defaults
        return tuple(
            sorted(
                (name, value)
                for name, value in settings.items()
                if name not in defaults or defaults[name] != value
            )
        )

    def call(self, shapes: Shapes, settings: Mapping[str, Value]) -> tuple[Builder, dict[str, Any]]:
        """Return what to call, with which arguments, for inputs of shapes without the batch."""
        for name, may_be_zero in self._amounts.items():
            # Some layers round what is nothing up to something, or fail on data alone.
            value = settings.get(name, 1)
            if not isinstance(value, str) and (value < 0 or (value == 0 and not may_be_zero)):
                raise ValueError(f"{name} {value} is not positive")
        named, _ = self._accepted
        taken = shapes_of(shapes)
        if len(taken) > 1 and SEVERAL not in named:
            raise ValueError(f"it takes one tensor, not {len(taken)}")
        given = {name: of_input(taken) for name, of_input in _OF_INPUT.items() if name in named}
        own = {name: each for name, each in settings.items() if name not in self.shared_settings}
        return offline(self.build, {**given, **own})

    def asked_of(self, shapes: Shapes) -> tuple[Any, ...]:
        """Return all that a module depends on of the shapes, without the batch, that it is for."""
        entering = shapes_of(shapes)
        named, _ = self._accepted
        if len(entering) > 1:
            return entering
        return tuple(asked(entering) for name, asked in _OF_INPUT.items() if name in named)

    def module(self, shapes: Shapes, settings: Mapping[str, Value]) -> nn.Module:
        """Build the block for what enters, of shapes without the batch.

        Where several tensors enter or leave, it is routed between them.
        """
        entering = shapes_of(shapes)
        shared = {name: each for name, each in settings.items() if name in self.shared_settings}
        route = route_of(shared, len(entering))
        built = self._built(tuple(entering[number] for number in route.takes), settings)
        if len(entering) == 1 and route.is_plain:
            return built
        return Routed(built, *route)

    def _built(self, shapes: tuple[Shape, ...], settings: Mapping[str, Value]) -> nn.Module:
        build, arguments = self.call(shapes, settings)
        with limited_parts():
            built = build(**arguments)
        if not isinstance(built, nn.Module):
            raise DseError(f"it builds no torch.nn.Module but {type(built).__name__}")
        return built

    def check_settings(self, settings: Mapping[str, Any], where: Place) -> None:
        """Raise a `DseError` for a setting that the block does not take, or a missing one."""
        _, takes_any = self._accepted
        refused = (*WEIGHT_ARGUMENTS, *PLACE_ARGUMENTS) if is_trusted(self.build) else ()
        for name in settings:
            if name in self.shared_settings:
                continue
            if name in refused:
                raise DseError(
                    f"{where / name}: networks are built without trained weights, so no {name!r}"
                )
            if name not in self.parameters and (name in _OF_INPUT or not takes_any):
                hint = nearest(name, self.parameters)
                # A line's settings reach each of its choices, and are wrong where they stand.
                given = settings[name]
                place = given.where if isinstance(given, Expression) else where / name
                raise DseError(f"{place}: block {self.name!r} has no setting {name!r}; {hint}")
        missing = [name for name in self._needed if name not in settings]
        if missing:
            raise DseError(f"{where}: block {self.name!r} needs {', '.join(missing)}")


def register(build: Builder) -> Builder:
    """Make a function available to family pages as a block, under its own name."""
    BLOCKS[build.__name__] = Block(build.__name__, build)
    return build


def register_skip(
    does_nothing: Callable[[Value, Mapping[str, Value]], bool],
) -> Callable[[Builder], Builder]:
    """Register a block that is left out of a network where it does nothing.

    So networks that differ only in where such blocks stand are one candidate.

    Args:
        does_nothing: says whether it does, to an input of so many channels, at these settings.
    """

    def decorate(build: Builder) -> Builder:
        BLOCKS[build.__name__] = Block(build.__name__, build, in_its_place)
        return build

    def in_its_place(
        channels: Value | None, settings: Mapping[str, Value]
    ) -> Mapping[str, Value] | None:
        is_left_out = channels is not None and does_nothing(channels, settings)
        return None if is_left_out else settings

    return decorate


def register_none(build: Builder) -> Builder:
    """Register a block that makes zeros: an edge of a cell that is none."""
    BLOCKS[build.__name__] = Block(build.__name__, build, is_nothing=True)
    return build


def find_block(name: str, where: Where, allow: Iterable[str] = ()) -> Block:
    """Return a registered block, or the one at a dotted path that the user trusts.

    Raises:
        DseError: for an unknown name, with the nearest one, or a path that is not allowed.
    """
    if name in BLOCKS:
        return BLOCKS[name]
    if "." not in name:
        raise DseError(f"{where}: unknown block {name!r}; {nearest(name, BLOCKS)}")
    _check_trust(name, tuple(allow), where)
    return _at_path(name)


def block_of(name: str) -> Block:
    """Return a block that a page was already found to name rightly."""
    return BLOCKS.get(name) or DECLARED.get(name) or _at_path(name)


@cache
def _at_path(path: str) -> Block:
    return Block(path, callable_at(path), is_registered=False)


def _check_trust(path: str, allow: tuple[str, ...], where: Where) -> None:
    if (path, allow) not in _TRUSTED:
        find_builder(path, allow, where)
        _TRUSTED.add((path, allow))


def _defined_in(build: Builder) -> str:
    return f"{build.__module__ or ''}."
