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
from dse.space.blocks.registry import BLOCKS, Block, block_of, find_block, register

__all__ = [
    "BLOCKS",
    "Block",
    "attention",
    "block_of",
    "concatenating",
    "convolutional",
    "find_block",
    "heads",
    "inverted",
    "multi_axis",
    "perceptron",
    "register",
    "residual",
    "windowed",
]
