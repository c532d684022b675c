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
from dse.store.contexts import IMPORTED, Context
from dse.store.corrections import (
    Merged,
    check_measurement_name,
    count_replicates,
    forget,
    merge_replicates,
)
from dse.store.database import open_for_reading, open_store, trusted
from dse.store.families import register_family, registered_families
from dse.store.measurements import (
    Measurement,
    Replicate,
    find_replicates,
    keys_measured_before,
    number_of_other_code,
    record_replicates,
    seed_label,
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
from dse.store.scopes import CostScope
from dse.store.sweeps import SweepState, sweep_state

__all__ = [
    "IMPORTED",
    "Answer",
    "CandidateRow",
    "Context",
    "CostScope",
    "Measurement",
    "Merged",
    "Replicate",
    "StoredCandidate",
    "SweepState",
    "answer",
    "ask",
    "candidate_id",
    "check_measurement_name",
    "count_replicates",
    "find_replicates",
    "find_run",
    "finish_run",
    "first_run_of",
    "forget",
    "get_candidate",
    "insert_candidate_columns",
    "insert_candidates",
    "keys_measured_before",
    "known_blocks",
    "known_keys",
    "merge_replicates",
    "note_progress",
    "number_of_other_code",
    "open_for_reading",
    "open_store",
    "read_runs",
    "record_replicates",
    "register_family",
    "registered_families",
    "run_config",
    "seed_label",
    "start_run",
    "store_blocks",
    "stored_candidates",
    "sweep_state",
    "trusted",
]
