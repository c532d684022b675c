"""Where results live and how they are asked for. Plain rows; never imports torch."""

from dse.store.answers import Answer
from dse.store.blocks import known_blocks, store_blocks
from dse.store.candidate_rows import (
    CandidateRow,
    StoredCandidate,
    candidate_id,
    get_candidate,
    insert_candidate_columns,
    insert_candidates,
    known_keys,
    stored_candidates,
)
from dse.store.canonical import hashed
from dse.store.contexts import IMPORTED, Context
from dse.store.corrections import (
    Merged,
    check_measurement_name,
    count_replicates,
    forget,
    merge_replicates,
)
from dse.store.correlation import correlate
from dse.store.database import open_existing, open_for_reading, open_store, trusted
from dse.store.declared_costs import CostDeclaration, declarations
from dse.store.families import register_family, registered_families
from dse.store.grouped_answers import answer_by_group
from dse.store.matching import (
    Network,
    keys_by_settings,
    latest_page,
    networks_of_ids,
    networks_of_keys,
)
from dse.store.measurements import (
    Measurement,
    Replicate,
    find_replicates,
    keys_measured_before,
    number_of_other_code,
    record_replicates,
    seed_label,
)
from dse.store.pareto import ParetoGoal, pareto
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
from dse.store.schema import SCHEMA_VERSION
from dse.store.scopes import CostScope
from dse.store.statements import answer_sql
from dse.store.sweeps import SweepState, sweep_state
from dse.store.terms import split_terms

__all__ = [
    "IMPORTED",
    "SCHEMA_VERSION",
    "Answer",
    "CandidateRow",
    "Context",
    "CostDeclaration",
    "CostScope",
    "Measurement",
    "Merged",
    "Network",
    "ParetoGoal",
    "Replicate",
    "StoredCandidate",
    "SweepState",
    "answer",
    "answer_by_group",
    "answer_sql",
    "ask",
    "candidate_id",
    "check_measurement_name",
    "correlate",
    "count_replicates",
    "declarations",
    "find_replicates",
    "find_run",
    "finish_run",
    "first_run_of",
    "forget",
    "get_candidate",
    "hashed",
    "insert_candidate_columns",
    "insert_candidates",
    "keys_by_settings",
    "keys_measured_before",
    "known_blocks",
    "known_keys",
    "latest_page",
    "merge_replicates",
    "networks_of_ids",
    "networks_of_keys",
    "note_progress",
    "number_of_other_code",
    "open_existing",
    "open_for_reading",
    "open_store",
    "pareto",
    "read_runs",
    "record_replicates",
    "register_family",
    "registered_families",
    "run_config",
    "seed_label",
    "split_terms",
    "start_run",
    "store_blocks",
    "stored_candidates",
    "sweep_state",
    "trusted",
]
