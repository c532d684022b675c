"""From one line of a family page, at given settings, to the blocks that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.errors import DseError
from dse.space.blocks import Block, find_block
from dse.space.candidate import ResolvedBlock
from dse.space.expressions import Value
from dse.space.family import BlockLine


def resolve_line(line: BlockLine, scope: Mapping[str, Value]) -> list[ResolvedBlock]:
    """Return the blocks of a line; only the first of them has the line's stride.

    Raises:
        DseError: for an unknown block or setting, or an expression without a value.
    """
    name = scope.get(line.block, line.block)
    block = find_block(str(name), f"{line.where}.block")
    repeat = line.repeat.evaluate(scope)
    if isinstance(repeat, bool) or not isinstance(repeat, (int, float)) or repeat != int(repeat):
        raise DseError(f"{line.repeat.where}: {repeat!r} is not a whole number of repeats")
    if repeat < 0:
        raise DseError(f"{line.repeat.where}: {repeat!r} repeats")
    block.check_settings(line.settings, line.where)
    settings = {
        setting: _canonical(expression.evaluate(scope))
        for setting, expression in line.settings.items()
    }
    first = _resolved(block, settings)
    if "stride" not in settings:
        return [first] * int(repeat)
    return [first, *[_resolved(block, settings | {"stride": 1})] * (int(repeat) - 1)][: int(repeat)]


def _resolved(block: Block, settings: Mapping[str, Value]) -> ResolvedBlock:
    defaults = {name: _canonical(value) for name, value in block.defaults.items()}
    return ResolvedBlock(block.name, tuple(sorted({**defaults, **settings}.items())))


def _canonical(value: Any) -> Value:
    """Write whole numbers as integers, so that 6 and 6.0 are one setting."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, (bool, int, float, str)):
        raise DseError(f"{value!r} is neither a number nor a word")
    return value
