"""Candidates that come from elsewhere, limited to blocks that a page could name."""

from __future__ import annotations

from collections.abc import Iterable

from dse.space.blocks.block_registry import find_block
from dse.space.blocks.cells import blocks_within
from dse.space.candidate import Candidate


def check_trusted(candidate: Candidate, allow: Iterable[str]) -> None:
    """Raise a `DseError` for a candidate of blocks that a page could not name."""
    for block in candidate.blocks:
        for name in blocks_within(block):
            find_block(name, candidate.family, allow)
