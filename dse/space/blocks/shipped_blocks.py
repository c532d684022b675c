"""The code of dse's own blocks: every module of them, which registers them when it is imported."""

from __future__ import annotations

from dse.space.blocks import (  # noqa: F401
    attention,
    concatenating,
    convolutional,
    heads,
    inverted,
    mobile_units,
    multi_axis,
    perceptron,
    residual,
    windowed,
)
from dse.space.blocks.block_modules import defined_in
from dse.space.blocks.block_registry import BLOCKS, DECLARED, Builder
from dse.space.blocks.block_signature import keep_signatures
from dse.space.blocks.cells import build_cell, cell_operations, darts_operations  # noqa: F401
from dse.space.blocks.language import (  # noqa: F401
    encoder_decoder,
    language_layers,
    sound_frames,
    token_ends,
)
from dse.space.blocks.named_code import callable_at


def load_shipped() -> None:
    """Keep what the functions of all blocks take, which this module has imported."""
    shipped = {
        name: block.signature
        for name, block in BLOCKS.here.items()
        if defined_in(block.build).startswith("dse.")
    }
    keep_signatures(shipped | {name: block.signature for name, block in DECLARED.items()})


def builder_of(name: str) -> Builder:
    """Return the function that builds a block whose code was not loaded yet."""
    if "." in name:
        return callable_at(name)
    if name in DECLARED:
        return build_cell
    return BLOCKS.here[name].build
