"""Where results live and how they are asked for. Plain rows; never imports torch."""

from dse.store.answers import Answer
from dse.store.blocks import known_blocks, store_blocks
from dse.store.candidates import (
    CandidateRow,
    StoredCandidate,
    candidate_id,
    get_candidate,
    insert_candidate_columns,
    insert_candidates,
    known_keys,
    stored_candidates,
)
from dse.store.database import open_for_reading, open_store, trusted
from dse.store.families import register_family, registered_families
from dse.store.measurements import (
    Measurement,
    find_measurement,
    measurements_before,
    record_measurement,
)
from dse.store.questions import answer, ask
from dse.store.runs import (
    find_run,
    finish_run,
    first_run_of,
    note_progress,
    read_runs,
    run_config,
    start_run,
)
from dse.store.sweeps import SweepState, sweep_state

__all__ = [
    "Answer",
    "CandidateRow",
    "Measurement",
    "StoredCandidate",
    "SweepState",
    "answer",
    "ask",
    "candidate_id",
    "find_measurement",
    "find_run",
    "finish_run",
    "first_run_of",
    "get_candidate",
    "insert_candidate_columns",
    "insert_candidates",
    "known_blocks",
    "known_keys",
    "measurements_before",
    "note_progress",
    "open_for_reading",
    "open_store",
    "read_runs",
    "record_measurement",
    "register_family",
    "registered_families",
    "run_config",
    "start_run",
    "store_blocks",
    "stored_candidates",
    "sweep_state",
    "trusted",
]
