"""A candidate of either kind as a trainable network."""

from __future__ import annotations

from torch import nn

from dse.counting import share_weights
from dse.space.candidate import Candidate
from dse.space.costing.memo import BlockTable
from dse.space.costing.network import blocks_with_inputs
from dse.space.costing.tracing import build_block, build_callable


def build_network(candidate: Candidate, blocks: BlockTable | None = None) -> nn.Module:
    """Return a candidate as an `nn.Module`: its blocks in a row, or what its callable returns.

    Weights are initialised as the block classes do it; seed PyTorch before to have them again.

    Args:
        candidate: what to build.
        blocks: a table that already knows the candidate's blocks, to save tracing them for the
            shapes between them.

    Raises:
        DseError: naming the block that cannot be built.
    """
    if candidate.is_callable:
        return build_callable(candidate)
    chain = blocks_with_inputs(candidate, blocks)
    network = nn.Sequential(*(build_block(block, shape) for block, shape in chain))
    share_weights(network)
    return network
