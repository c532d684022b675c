"""The code of blocks: what their functions take, and the modules that they build."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from dse.errors import DseError
from dse.language import Value
from dse.space.blocks.block_registry import (
    OF_INPUT,
    SEVERAL,
    Block,
    Builder,
)
from dse.space.blocks.block_signature import BlockSignature
from dse.space.blocks.model_builders import (
    accepted_arguments,
    is_trusted,
    offline,
    own_arguments,
    takes_words,
)
from dse.space.blocks.part_limit import limited_parts
from dse.space.blocks.routed_module import Routed
from dse.space.blocks.routing import Route, Shape, Shapes, route_of, shapes_of

LEFT_OUT_BY_ZERO = ("squeeze_excite", "dropout")
"""Settings of which 0 is a choice, whatever a block has by default."""

_ASKED: dict[str, Callable[[tuple[Shape, ...]], Any]] = {
    "in_channels": lambda shapes: shapes[0][0],
    "in_features": lambda shapes: shapes[0][-1],
    "input_shape": lambda shapes: shapes[0],
    SEVERAL: lambda shapes: shapes,
}


def signature_of(build: Builder, is_registered: bool) -> BlockSignature:
    """Read what a function that builds a block takes.

    Args:
        build: the function.
        is_registered: whether it is registered, and so of one of dse's signatures.
    """
    named, takes_any = accepted_arguments(build)
    settings = {name: each for name, each in named.items() if name not in OF_INPUT}
    own = {name: each for name, each in own_arguments(build).items() if name not in OF_INPUT}
    empty = inspect.Parameter.empty
    defaults = {name: each.default for name, each in own.items() if each.default is not empty}
    amounts = {
        name: each.default == 0 or name in LEFT_OUT_BY_ZERO
        for name, each in settings.items()
        if is_registered and each.annotation in (int, float)
    }
    libraries = ("torch.", "torchvision.")
    return BlockSignature(
        asks=tuple(name for name in OF_INPUT if name in named),
        settings=tuple(settings),
        defaults=defaults,
        needed=tuple(name for name in own if name not in defaults),
        words=tuple(name for name, each in settings.items() if takes_words(each)),
        amounts=amounts,
        takes_any=takes_any,
        is_trusted=is_trusted(build),
        is_lasting=is_registered or defined_in(build).startswith(libraries),
    )


def block_call(
    block: Block, shapes: Shapes, settings: Mapping[str, Value]
) -> tuple[Builder, dict[str, Any]]:
    """Return what to call, with which arguments, for inputs of shapes without the batch.

    Raises:
        ValueError: for a setting that is not positive, and tensors that the block does not take.
    """
    signature = block.signature
    for name, may_be_zero in signature.amounts.items():
        # Some layers round what is nothing up to something, or fail on data alone.
        value = settings.get(name, 1)
        if not isinstance(value, str) and (value < 0 or (value == 0 and not may_be_zero)):
            raise ValueError(f"{name} {value} is not positive")
    taken = shapes_of(shapes)
    if len(taken) > 1 and SEVERAL not in signature.asks:
        raise ValueError(f"it takes one tensor, not {len(taken)}")
    given = {name: _ASKED[name](taken) for name in signature.asks}
    own = {name: each for name, each in settings.items() if name not in block.shared_settings}
    return offline(block.build, {**given, **own})


def asked_of(block: Block, shapes: Shapes) -> tuple[Any, ...]:
    """Return all that a module depends on of the shapes, without the batch, that it is for."""
    entering = shapes_of(shapes)
    if len(entering) > 1:
        return entering
    return tuple(_ASKED[name](entering) for name in block.signature.asks)


def block_module(block: Block, shapes: Shapes, settings: Mapping[str, Value]) -> nn.Module:
    """Build a block for what enters, of shapes without the batch.

    Where several tensors enter or leave, it is routed between them.
    """
    entering = shapes_of(shapes)
    route = block_route(block, settings, len(entering))
    if route is None:
        return _built(block, entering, settings)
    taken = tuple(entering[number] for number in route.takes)
    return Routed(_built(block, taken, settings), *route)


def block_route(block: Block, settings: Mapping[str, Value], entering: int) -> Route | None:
    """Return the route of a block; None for one that takes the one tensor that enters.

    Args:
        block: what it is.
        settings: of the block.
        entering: how many tensors enter.
    """
    shared = {name: each for name, each in settings.items() if name in block.shared_settings}
    route = route_of(shared, entering)
    return None if entering == 1 and route.is_plain else route


def _built(block: Block, shapes: tuple[Shape, ...], settings: Mapping[str, Value]) -> nn.Module:
    build, arguments = block_call(block, shapes, settings)
    with limited_parts():
        built = build(**arguments)
    if not isinstance(built, nn.Module):
        raise DseError(f"it builds no torch.nn.Module but {type(built).__name__}")
    return built


def defined_in(build: Builder) -> str:
    """Return the module of a function, with a dot behind it."""
    return f"{build.__module__ or ''}."
