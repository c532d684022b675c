"""Where results live and how they are asked for. Plain rows; never imports torch."""

from dse.store.answers import Answer
from dse.store.block_numbers import (
    BlockNumberTable,
    numbered_costs,
    read_block_numbers,
    write_block_numbers,
)
from dse.store.blocks import known_blocks, store_blocks
from dse.store.candidate_columns import insert_candidate_columns
from dse.store.candidate_rows import (
    CandidateRow,
    StoredCandidate,
    candidate_id,
    candidate_ids,
    get_candidate,
    insert_candidates,
    known_key_column,
    known_keys,
    prepared_scope,
    put_candidates,
    stored_candidates,
)
from dse.store.canonical import canonical_json, digest, hashed
from dse.store.clock import local_moment, now, seconds_between
from dse.store.column_answers import ColumnAnswer, answer_columns, measured_names, settings_of_ids
from dse.store.contexts import IMPORTED, Context
from dse.store.corrections import (
    Merged,
    check_measurement_name,
    count_replicates,
    forget,
    merge_replicates,
)
from dse.store.correlation import correlate
from dse.store.database import (
    ConnectionLost,
    open_existing,
    open_for_reading,
    open_store,
    readable_store,
    trusted,
)
from dse.store.declared_costs import CostDeclaration, declarations
from dse.store.families import refresh_views, register_family, registered_families
from dse.store.grouped_answers import answer_by_group
from dse.store.joining import join_study
from dse.store.matching import (
    Network,
    keys_by_settings,
    latest_page,
    networks_of_ids,
    networks_of_keys,
)
from dse.store.measured_networks import (
    EarlierNumber,
    earlier_numbers,
    means_by_key,
    measured_of_family,
)
from dse.store.measurements import (
    NO_TRAINING,
    Measurement,
    Replicate,
    find_replicates,
    is_measured,
    made_place,
    measured_before,
    number_of_other_code,
    put_replicates,
    record_replicates,
    seed_label,
)
from dse.store.moments import store_moment
from dse.store.pareto import ParetoGoal, pareto
from dse.store.questions import answer, ask, check_condition
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
from dse.store.shared_settings import MOST_PARTS, SharedSettings
from dse.store.sliced_columns import NumberColumn
from dse.store.statements import answer_sql
from dse.store.streamed import Streamed, streamed
from dse.store.studies import (
    StoredStudy,
    StoredTrial,
    changed_trials,
    enter_study,
    find_study,
    read_studies,
    read_trials,
    study_of_digest,
    study_of_run,
    trial_reports,
)
from dse.store.study_workers import StudyWorker
from dse.store.sweeps import SweepState, note_sweep_state, sweep_state
from dse.store.terms import split_terms
from dse.store.trial_endings import Ending

__all__ = [
    "IMPORTED",
    "MOST_PARTS",
    "NO_TRAINING",
    "SCHEMA_VERSION",
    "Answer",
    "BlockNumberTable",
    "CandidateRow",
    "ColumnAnswer",
    "ConnectionLost",
    "Context",
    "CostDeclaration",
    "CostScope",
    "EarlierNumber",
    "Ending",
    "Measurement",
    "Merged",
    "Network",
    "NumberColumn",
    "ParetoGoal",
    "Replicate",
    "SharedSettings",
    "StoredCandidate",
    "StoredStudy",
    "StoredTrial",
    "Streamed",
    "StudyWorker",
    "SweepState",
    "answer",
    "answer_by_group",
    "answer_columns",
    "answer_sql",
    "ask",
    "candidate_id",
    "candidate_ids",
    "canonical_json",
    "changed_trials",
    "check_condition",
    "check_measurement_name",
    "correlate",
    "count_replicates",
    "declarations",
    "digest",
    "earlier_numbers",
    "enter_study",
    "find_replicates",
    "find_run",
    "find_study",
    "finish_run",
    "first_run_of",
    "forget",
    "get_candidate",
    "hashed",
    "insert_candidate_columns",
    "insert_candidates",
    "is_measured",
    "join_study",
    "keys_by_settings",
    "known_blocks",
    "known_key_column",
    "known_keys",
    "latest_page",
    "local_moment",
    "made_place",
    "means_by_key",
    "measured_before",
    "measured_names",
    "measured_of_family",
    "merge_replicates",
    "networks_of_ids",
    "networks_of_keys",
    "note_progress",
    "note_sweep_state",
    "now",
    "number_of_other_code",
    "numbered_costs",
    "open_existing",
    "open_for_reading",
    "open_store",
    "pareto",
    "prepared_scope",
    "put_candidates",
    "put_replicates",
    "read_block_numbers",
    "read_runs",
    "read_studies",
    "read_trials",
    "readable_store",
    "record_replicates",
    "refresh_views",
    "register_family",
    "registered_families",
    "run_config",
    "seconds_between",
    "seed_label",
    "settings_of_ids",
    "split_terms",
    "start_run",
    "store_blocks",
    "store_moment",
    "stored_candidates",
    "streamed",
    "study_of_digest",
    "study_of_run",
    "sweep_state",
    "trial_reports",
    "trusted",
    "write_block_numbers",
]
