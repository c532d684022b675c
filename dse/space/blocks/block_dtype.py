"""The dtype that a block of a network has by itself, for networks of mixed precision.

Any block takes the setting `dtype`: of its weights and of all tensors that it makes. `auto`, as
where it is left out, is that of the conditions. It changes no module, only what its bytes are.
"""

from __future__ import annotations

from dse.costs import DTYPES
from dse.errors import DseError, nearest
from dse.language import Value, Where
from dse.space.blocks.block_registry import DTYPE_SETTING, Block, block_of
from dse.space.candidate import ResolvedBlock

AUTO = "auto"


def read_block_dtype(block: Block, settings: dict[str, Value], where: Where) -> dict[str, Value]:
    """Return the settings of a block with its dtype checked, and without one that is `auto`.

    Raises:
        DseError: for an unknown dtype.
    """
    value = settings.get(DTYPE_SETTING)
    if value is None or not block.has_free_dtype:
        return settings
    if value == AUTO:
        return {name: each for name, each in settings.items() if name != DTYPE_SETTING}
    if value not in DTYPES:
        raise DseError(f"{where}: unknown dtype {value!r}; {nearest(str(value), (*DTYPES, AUTO))}")
    return settings


def dtype_of_block(block: ResolvedBlock) -> str | None:
    """Return the dtype that a block has by itself; None for that of the conditions."""
    value = dict(block.settings).get(DTYPE_SETTING)
    return str(value) if value is not None and block_of(block.block).has_free_dtype else None
