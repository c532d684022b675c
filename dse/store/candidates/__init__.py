"""Candidates, some or a million at once, their families, and the blocks that they are made of."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.candidates.block_numbers import BlockNumberTable as BlockNumberTable
    from dse.store.candidates.block_numbers import numbered_costs as numbered_costs
    from dse.store.candidates.block_numbers import read_block_numbers as read_block_numbers
    from dse.store.candidates.block_numbers import write_block_numbers as write_block_numbers
    from dse.store.candidates.blocks import known_blocks as known_blocks
    from dse.store.candidates.blocks import store_blocks as store_blocks
    from dse.store.candidates.candidate_rows import CandidateRow as CandidateRow
    from dse.store.candidates.candidate_rows import StoredCandidate as StoredCandidate
    from dse.store.candidates.candidate_rows import candidate_id as candidate_id
    from dse.store.candidates.candidate_rows import candidate_ids as candidate_ids
    from dse.store.candidates.candidate_rows import get_candidate as get_candidate
    from dse.store.candidates.candidate_rows import insert_candidates as insert_candidates
    from dse.store.candidates.candidate_rows import known_key_column as known_key_column
    from dse.store.candidates.candidate_rows import known_keys as known_keys
    from dse.store.candidates.candidate_rows import prepared_scope as prepared_scope
    from dse.store.candidates.candidate_rows import put_candidates as put_candidates
    from dse.store.candidates.candidate_rows import stored_candidates as stored_candidates
    from dse.store.candidates.families import refresh_views as refresh_views
    from dse.store.candidates.families import register_family as register_family
    from dse.store.candidates.families import registered_families as registered_families
    from dse.store.candidates.many_candidates import (
        insert_candidate_columns as insert_candidate_columns,
    )
    from dse.store.candidates.sweeps import SweepState as SweepState
    from dse.store.candidates.sweeps import note_sweep_state as note_sweep_state
    from dse.store.candidates.sweeps import sweep_state as sweep_state

_HOMES = {
    "dse.store.candidates.block_numbers": (
        *("BlockNumberTable", "numbered_costs", "read_block_numbers", "write_block_numbers"),
    ),
    "dse.store.candidates.blocks": ("known_blocks", "store_blocks"),
    "dse.store.candidates.candidate_rows": (
        *("CandidateRow", "StoredCandidate", "candidate_id", "candidate_ids", "get_candidate"),
        *("insert_candidates", "known_key_column", "known_keys", "prepared_scope"),
        *("put_candidates", "stored_candidates"),
    ),
    "dse.store.candidates.families": ("refresh_views", "register_family", "registered_families"),
    "dse.store.candidates.many_candidates": ("insert_candidate_columns",),
    "dse.store.candidates.sweeps": ("SweepState", "note_sweep_state", "sweep_state"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
