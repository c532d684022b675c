"""What was traced in this process: the same block on the same input is never traced again.

A trace follows from the block's code and settings, its input, the conditions, and what users told
of operators, modules and costs. Blocks of the user's own are traced anew by every table, for their
code may change while a notebook is open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from dse.costs import declared_values
from dse.counting import registered_rules
from dse.errors import DseError
from dse.limits import limit
from dse.space.blocks import BLOCKS
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import BlockCosts, Invalid
from dse.space.costing.block_step import BlockStep
from dse.space.costing.cell_steps import OperationStep

Traced = TypeVar("Traced", BlockCosts, BlockStep, OperationStep)

MOST_TRACES = 100_000
"""At about a kilobyte each."""

_TRACES: dict[Hashable, BlockCosts | BlockStep | OperationStep | Invalid] = {}


def traced_once(
    block: ResolvedBlock, follows_from: Hashable, trace: Callable[[], Traced]
) -> Traced | Invalid:
    """Return what a trace gives, or why there is none, from an earlier one where there was one.

    Args:
        block: what is traced.
        follows_from: all that the trace follows from besides the block and what is registered.
        trace: makes it; a `DseError` of it is the reason why there is none.
    """
    if not block.is_lasting:
        return _tried(trace)
    key = _key(block, follows_from)
    known = _TRACES.get(key)
    if known is None:
        known = _tried(trace)
        _note(key, known)
    return cast("Traced | Invalid", known)


def note_traced(
    block: ResolvedBlock, follows_from: Hashable, found: BlockCosts | BlockStep | Invalid
) -> None:
    """Take what another process traced for traced in this one."""
    if block.is_lasting:
        _note(_key(block, follows_from), found)


def traced_before(
    block: ResolvedBlock, follows_from: Hashable
) -> BlockCosts | BlockStep | OperationStep | Invalid | None:
    """Return what `traced_once` would, without a trace; None where there is none."""
    return _TRACES.get(_key(block, follows_from)) if block.is_lasting else None


def _key(block: ResolvedBlock, follows_from: Hashable) -> Hashable:
    # Settings that are equal, such as 1 and 1.0, may not be the same to a block.
    registered = BLOCKS.here.get(block.block)
    builder = None if registered is None else registered.builder
    what = (repr(block), builder, follows_from, limit("module_parts"))
    return (what, declared_values(), registered_rules())


def _note(key: Hashable, found: BlockCosts | BlockStep | OperationStep | Invalid) -> None:
    if len(_TRACES) >= MOST_TRACES:
        _TRACES.clear()
    _TRACES[key] = found


def _tried(trace: Callable[[], Traced]) -> Traced | Invalid:
    try:
        return trace()
    except DseError as error:
        return Invalid(str(error))
