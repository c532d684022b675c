"""Thin adapters with one signature around the block classes that torchvision ships."""

from dse.space.blocks import (
    attention,
    concatenating,
    convolutional,
    heads,
    inverted,
    multi_axis,
    perceptron,
    residual,
    windowed,
)
from dse.space.blocks.block_registry import BLOCKS, Block, block_of, find_block, register
from dse.space.blocks.named_code import (
    PLACE_ARGUMENTS,
    WEIGHT_ARGUMENTS,
    MissingExtra,
    accepted_arguments,
    check_arguments,
    find_target,
    import_own,
    is_trusted,
    offline,
    own_arguments,
    takes_words,
)
from dse.space.blocks.part_limit import limited_parts

__all__ = [
    "BLOCKS",
    "PLACE_ARGUMENTS",
    "WEIGHT_ARGUMENTS",
    "Block",
    "MissingExtra",
    "accepted_arguments",
    "attention",
    "block_of",
    "check_arguments",
    "concatenating",
    "convolutional",
    "find_block",
    "find_target",
    "heads",
    "import_own",
    "inverted",
    "is_trusted",
    "limited_parts",
    "multi_axis",
    "offline",
    "own_arguments",
    "perceptron",
    "register",
    "residual",
    "takes_words",
    "windowed",
]
