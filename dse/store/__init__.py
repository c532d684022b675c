"""Where results live and how they are asked for. Plain rows; never imports torch."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.asked_words import Words as Words
    from dse.store.asked_words import words_of as words_of
    from dse.store.candidates import BlockNumberTable as BlockNumberTable
    from dse.store.candidates import CandidateRow as CandidateRow
    from dse.store.candidates import StoredCandidate as StoredCandidate
    from dse.store.candidates import SweepState as SweepState
    from dse.store.candidates import candidate_id as candidate_id
    from dse.store.candidates import candidate_ids as candidate_ids
    from dse.store.candidates import get_candidate as get_candidate
    from dse.store.candidates import insert_candidate_columns as insert_candidate_columns
    from dse.store.candidates import insert_candidates as insert_candidates
    from dse.store.candidates import known_blocks as known_blocks
    from dse.store.candidates import known_key_column as known_key_column
    from dse.store.candidates import known_keys as known_keys
    from dse.store.candidates import note_sweep_state as note_sweep_state
    from dse.store.candidates import numbered_costs as numbered_costs
    from dse.store.candidates import prepared_scope as prepared_scope
    from dse.store.candidates import put_candidates as put_candidates
    from dse.store.candidates import read_block_numbers as read_block_numbers
    from dse.store.candidates import refresh_views as refresh_views
    from dse.store.candidates import register_family as register_family
    from dse.store.candidates import registered_families as registered_families
    from dse.store.candidates import store_blocks as store_blocks
    from dse.store.candidates import stored_candidates as stored_candidates
    from dse.store.candidates import sweep_state as sweep_state
    from dse.store.candidates import write_block_numbers as write_block_numbers
    from dse.store.canonical import NO_TRAINING as NO_TRAINING
    from dse.store.canonical import canonical_json as canonical_json
    from dse.store.canonical import digest as digest
    from dse.store.canonical import hashed as hashed
    from dse.store.clock import local_moment as local_moment
    from dse.store.clock import now as now
    from dse.store.clock import seconds_between as seconds_between
    from dse.store.layout import IMPORTED as IMPORTED
    from dse.store.layout import MOST_PARTS as MOST_PARTS
    from dse.store.layout import Context as Context
    from dse.store.layout import CostDeclaration as CostDeclaration
    from dse.store.layout import CostScope as CostScope
    from dse.store.layout import NumberColumn as NumberColumn
    from dse.store.layout import SharedSettings as SharedSettings
    from dse.store.layout import declarations as declarations
    from dse.store.measurements import EarlierNumber as EarlierNumber
    from dse.store.measurements import Measurement as Measurement
    from dse.store.measurements import Merged as Merged
    from dse.store.measurements import Network as Network
    from dse.store.measurements import Replicate as Replicate
    from dse.store.measurements import check_measurement_name as check_measurement_name
    from dse.store.measurements import count_replicates as count_replicates
    from dse.store.measurements import declared_names as declared_names
    from dse.store.measurements import earlier_numbers as earlier_numbers
    from dse.store.measurements import find_replicates as find_replicates
    from dse.store.measurements import forget as forget
    from dse.store.measurements import is_measured as is_measured
    from dse.store.measurements import keys_by_settings as keys_by_settings
    from dse.store.measurements import latest_page as latest_page
    from dse.store.measurements import made_place as made_place
    from dse.store.measurements import means_by_key as means_by_key
    from dse.store.measurements import measured_before as measured_before
    from dse.store.measurements import measured_of_family as measured_of_family
    from dse.store.measurements import merge_replicates as merge_replicates
    from dse.store.measurements import networks_of_ids as networks_of_ids
    from dse.store.measurements import networks_of_keys as networks_of_keys
    from dse.store.measurements import number_of_other_code as number_of_other_code
    from dse.store.measurements import put_replicates as put_replicates
    from dse.store.measurements import record_replicates as record_replicates
    from dse.store.measurements import seed_label as seed_label
    from dse.store.opening import ConnectionLost as ConnectionLost
    from dse.store.opening import open_existing as open_existing
    from dse.store.opening import open_for_reading as open_for_reading
    from dse.store.opening import open_store as open_store
    from dse.store.opening import readable_store as readable_store
    from dse.store.opening import store_moment as store_moment
    from dse.store.opening import trusted as trusted
    from dse.store.questions import Answer as Answer
    from dse.store.questions import ColumnAnswer as ColumnAnswer
    from dse.store.questions import ParetoGoal as ParetoGoal
    from dse.store.questions import Streamed as Streamed
    from dse.store.questions import answer as answer
    from dse.store.questions import answer_by_group as answer_by_group
    from dse.store.questions import answer_columns as answer_columns
    from dse.store.questions import answer_sql as answer_sql
    from dse.store.questions import ask as ask
    from dse.store.questions import check_condition as check_condition
    from dse.store.questions import correlate as correlate
    from dse.store.questions import measured_names as measured_names
    from dse.store.questions import pareto as pareto
    from dse.store.questions import settings_of_ids as settings_of_ids
    from dse.store.questions import streamed as streamed
    from dse.store.schema import SCHEMA_VERSION as SCHEMA_VERSION
    from dse.store.studies import Ending as Ending
    from dse.store.studies import StoredStudy as StoredStudy
    from dse.store.studies import StoredTrial as StoredTrial
    from dse.store.studies import StudyWorker as StudyWorker
    from dse.store.studies import changed_trials as changed_trials
    from dse.store.studies import enter_study as enter_study
    from dse.store.studies import find_run as find_run
    from dse.store.studies import find_study as find_study
    from dse.store.studies import finish_run as finish_run
    from dse.store.studies import join_study as join_study
    from dse.store.studies import note_progress as note_progress
    from dse.store.studies import read_runs as read_runs
    from dse.store.studies import read_studies as read_studies
    from dse.store.studies import read_trials as read_trials
    from dse.store.studies import run_config as run_config
    from dse.store.studies import start_run as start_run
    from dse.store.studies import study_of_digest as study_of_digest
    from dse.store.studies import study_of_run as study_of_run
    from dse.store.studies import trial_reports as trial_reports

_HOMES = {
    "dse.store.asked_words": ("Words", "words_of"),
    "dse.store.candidates": (
        *("BlockNumberTable", "CandidateRow", "StoredCandidate", "SweepState", "candidate_id"),
        *("candidate_ids", "get_candidate", "insert_candidate_columns", "insert_candidates"),
        *("known_blocks", "known_key_column", "known_keys", "note_sweep_state", "numbered_costs"),
        *("prepared_scope", "put_candidates", "read_block_numbers", "refresh_views"),
        *("register_family", "registered_families", "store_blocks", "stored_candidates"),
        *("sweep_state", "write_block_numbers"),
    ),
    "dse.store.canonical": ("NO_TRAINING", "canonical_json", "digest", "hashed"),
    "dse.store.clock": ("local_moment", "now", "seconds_between"),
    "dse.store.layout": (
        *("Context", "CostDeclaration", "CostScope", "IMPORTED", "MOST_PARTS", "NumberColumn"),
        *("SharedSettings", "declarations"),
    ),
    "dse.store.measurements": (
        *("EarlierNumber", "Measurement", "Merged", "Network", "Replicate"),
        *("check_measurement_name", "count_replicates", "declared_names", "earlier_numbers"),
        *("find_replicates",),
        *("forget", "is_measured", "keys_by_settings", "latest_page", "made_place", "means_by_key"),
        *("measured_before", "measured_of_family", "merge_replicates", "networks_of_ids"),
        *("networks_of_keys", "number_of_other_code", "put_replicates", "record_replicates"),
        *("seed_label",),
    ),
    "dse.store.opening": (
        *("ConnectionLost", "open_existing", "open_for_reading", "open_store", "readable_store"),
        *("store_moment", "trusted"),
    ),
    "dse.store.questions": (
        *("Answer", "ColumnAnswer", "ParetoGoal", "Streamed", "answer", "answer_by_group"),
        *("answer_columns", "answer_sql", "ask", "check_condition", "correlate", "measured_names"),
        *("pareto", "settings_of_ids", "streamed"),
    ),
    "dse.store.schema": ("SCHEMA_VERSION",),
    "dse.store.studies": (
        *("Ending", "StoredStudy", "StoredTrial", "StudyWorker", "changed_trials", "enter_study"),
        *("find_run", "find_study", "finish_run", "join_study", "note_progress"),
        *("read_runs", "read_studies", "read_trials", "run_config", "start_run", "study_of_digest"),
        *("study_of_run", "trial_reports"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
