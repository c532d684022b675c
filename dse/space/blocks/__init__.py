"""Thin adapters with one signature around the block classes that torchvision ships."""

from dse.space.blocks import convolutional, residual
from dse.space.blocks.registry import BLOCKS, Block, find_block, register

__all__ = ["BLOCKS", "Block", "convolutional", "find_block", "register", "residual"]
