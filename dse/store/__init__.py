"""Where results live and how they are asked for. Plain rows; never imports torch."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.answers import Answer as Answer
    from dse.store.asked_words import Words as Words
    from dse.store.asked_words import words_of as words_of
    from dse.store.block_numbers import BlockNumberTable as BlockNumberTable
    from dse.store.block_numbers import numbered_costs as numbered_costs
    from dse.store.block_numbers import read_block_numbers as read_block_numbers
    from dse.store.block_numbers import write_block_numbers as write_block_numbers
    from dse.store.blocks import known_blocks as known_blocks
    from dse.store.blocks import store_blocks as store_blocks
    from dse.store.candidate_rows import CandidateRow as CandidateRow
    from dse.store.candidate_rows import StoredCandidate as StoredCandidate
    from dse.store.candidate_rows import candidate_id as candidate_id
    from dse.store.candidate_rows import candidate_ids as candidate_ids
    from dse.store.candidate_rows import get_candidate as get_candidate
    from dse.store.candidate_rows import insert_candidates as insert_candidates
    from dse.store.candidate_rows import known_key_column as known_key_column
    from dse.store.candidate_rows import known_keys as known_keys
    from dse.store.candidate_rows import prepared_scope as prepared_scope
    from dse.store.candidate_rows import put_candidates as put_candidates
    from dse.store.candidate_rows import stored_candidates as stored_candidates
    from dse.store.canonical import NO_TRAINING as NO_TRAINING
    from dse.store.canonical import canonical_json as canonical_json
    from dse.store.canonical import digest as digest
    from dse.store.canonical import hashed as hashed
    from dse.store.clock import local_moment as local_moment
    from dse.store.clock import now as now
    from dse.store.clock import seconds_between as seconds_between
    from dse.store.column_answers import ColumnAnswer as ColumnAnswer
    from dse.store.column_answers import answer_columns as answer_columns
    from dse.store.column_answers import measured_names as measured_names
    from dse.store.column_answers import settings_of_ids as settings_of_ids
    from dse.store.contexts import IMPORTED as IMPORTED
    from dse.store.contexts import Context as Context
    from dse.store.corrections import Merged as Merged
    from dse.store.corrections import check_measurement_name as check_measurement_name
    from dse.store.corrections import count_replicates as count_replicates
    from dse.store.corrections import forget as forget
    from dse.store.corrections import merge_replicates as merge_replicates
    from dse.store.correlation import correlate as correlate
    from dse.store.database import ConnectionLost as ConnectionLost
    from dse.store.database import open_existing as open_existing
    from dse.store.database import open_for_reading as open_for_reading
    from dse.store.database import open_store as open_store
    from dse.store.database import readable_store as readable_store
    from dse.store.database import trusted as trusted
    from dse.store.declared_costs import CostDeclaration as CostDeclaration
    from dse.store.declared_costs import declarations as declarations
    from dse.store.families import refresh_views as refresh_views
    from dse.store.families import register_family as register_family
    from dse.store.families import registered_families as registered_families
    from dse.store.grouped_answers import answer_by_group as answer_by_group
    from dse.store.joining import join_study as join_study
    from dse.store.many_candidates import insert_candidate_columns as insert_candidate_columns
    from dse.store.matching import Network as Network
    from dse.store.matching import keys_by_settings as keys_by_settings
    from dse.store.matching import latest_page as latest_page
    from dse.store.matching import networks_of_ids as networks_of_ids
    from dse.store.matching import networks_of_keys as networks_of_keys
    from dse.store.measured_networks import EarlierNumber as EarlierNumber
    from dse.store.measured_networks import earlier_numbers as earlier_numbers
    from dse.store.measured_networks import means_by_key as means_by_key
    from dse.store.measured_networks import measured_of_family as measured_of_family
    from dse.store.measurements import Measurement as Measurement
    from dse.store.measurements import Replicate as Replicate
    from dse.store.measurements import find_replicates as find_replicates
    from dse.store.measurements import is_measured as is_measured
    from dse.store.measurements import made_place as made_place
    from dse.store.measurements import measured_before as measured_before
    from dse.store.measurements import number_of_other_code as number_of_other_code
    from dse.store.measurements import put_replicates as put_replicates
    from dse.store.measurements import record_replicates as record_replicates
    from dse.store.measurements import seed_label as seed_label
    from dse.store.moments import store_moment as store_moment
    from dse.store.pareto_answers import ParetoGoal as ParetoGoal
    from dse.store.pareto_answers import pareto as pareto
    from dse.store.questions import answer as answer
    from dse.store.questions import ask as ask
    from dse.store.questions import check_condition as check_condition
    from dse.store.runs import find_run as find_run
    from dse.store.runs import finish_run as finish_run
    from dse.store.runs import first_run_of as first_run_of
    from dse.store.runs import note_progress as note_progress
    from dse.store.runs import read_runs as read_runs
    from dse.store.runs import run_config as run_config
    from dse.store.runs import start_run as start_run
    from dse.store.schema import SCHEMA_VERSION as SCHEMA_VERSION
    from dse.store.scopes import CostScope as CostScope
    from dse.store.shared_settings import MOST_PARTS as MOST_PARTS
    from dse.store.shared_settings import SharedSettings as SharedSettings
    from dse.store.sliced_columns import NumberColumn as NumberColumn
    from dse.store.statements import answer_sql as answer_sql
    from dse.store.streamed_answers import Streamed as Streamed
    from dse.store.streamed_answers import streamed as streamed
    from dse.store.studies import StoredStudy as StoredStudy
    from dse.store.studies import StoredTrial as StoredTrial
    from dse.store.studies import changed_trials as changed_trials
    from dse.store.studies import enter_study as enter_study
    from dse.store.studies import find_study as find_study
    from dse.store.studies import read_studies as read_studies
    from dse.store.studies import read_trials as read_trials
    from dse.store.studies import study_of_digest as study_of_digest
    from dse.store.studies import study_of_run as study_of_run
    from dse.store.studies import trial_reports as trial_reports
    from dse.store.study_workers import StudyWorker as StudyWorker
    from dse.store.sweeps import SweepState as SweepState
    from dse.store.sweeps import note_sweep_state as note_sweep_state
    from dse.store.sweeps import sweep_state as sweep_state
    from dse.store.trial_endings import Ending as Ending

_HOMES = {
    "dse.store.answers": ("Answer",),
    "dse.store.asked_words": ("Words", "words_of"),
    "dse.store.block_numbers": (
        *("BlockNumberTable", "numbered_costs", "read_block_numbers", "write_block_numbers"),
    ),
    "dse.store.blocks": ("known_blocks", "store_blocks"),
    "dse.store.candidate_rows": (
        *("CandidateRow", "StoredCandidate", "candidate_id", "candidate_ids", "get_candidate"),
        *("insert_candidates", "known_key_column", "known_keys", "prepared_scope"),
        *("put_candidates", "stored_candidates"),
    ),
    "dse.store.canonical": ("NO_TRAINING", "canonical_json", "digest", "hashed"),
    "dse.store.clock": ("local_moment", "now", "seconds_between"),
    "dse.store.column_answers": (
        *("ColumnAnswer", "answer_columns", "measured_names", "settings_of_ids"),
    ),
    "dse.store.contexts": ("Context", "IMPORTED"),
    "dse.store.corrections": (
        *("Merged", "check_measurement_name", "count_replicates", "forget", "merge_replicates"),
    ),
    "dse.store.correlation": ("correlate",),
    "dse.store.database": (
        *("ConnectionLost", "open_existing", "open_for_reading", "open_store"),
        *("readable_store", "trusted"),
    ),
    "dse.store.declared_costs": ("CostDeclaration", "declarations"),
    "dse.store.families": ("refresh_views", "register_family", "registered_families"),
    "dse.store.grouped_answers": ("answer_by_group",),
    "dse.store.joining": ("join_study",),
    "dse.store.many_candidates": ("insert_candidate_columns",),
    "dse.store.matching": (
        *("Network", "keys_by_settings", "latest_page", "networks_of_ids", "networks_of_keys"),
    ),
    "dse.store.measured_networks": (
        *("EarlierNumber", "earlier_numbers", "means_by_key", "measured_of_family"),
    ),
    "dse.store.measurements": (
        *("Measurement", "Replicate", "find_replicates", "is_measured"),
        *("made_place", "measured_before", "number_of_other_code", "put_replicates"),
        *("record_replicates", "seed_label"),
    ),
    "dse.store.moments": ("store_moment",),
    "dse.store.pareto_answers": ("ParetoGoal", "pareto"),
    "dse.store.questions": ("answer", "ask", "check_condition"),
    "dse.store.runs": (
        *("find_run", "finish_run", "first_run_of", "note_progress", "read_runs", "run_config"),
        *("start_run",),
    ),
    "dse.store.schema": ("SCHEMA_VERSION",),
    "dse.store.scopes": ("CostScope",),
    "dse.store.shared_settings": ("MOST_PARTS", "SharedSettings"),
    "dse.store.sliced_columns": ("NumberColumn",),
    "dse.store.statements": ("answer_sql",),
    "dse.store.streamed_answers": ("Streamed", "streamed"),
    "dse.store.studies": (
        *("StoredStudy", "StoredTrial", "changed_trials", "enter_study", "find_study"),
        *("read_studies", "read_trials", "study_of_digest", "study_of_run", "trial_reports"),
    ),
    "dse.store.study_workers": ("StudyWorker",),
    "dse.store.sweeps": ("SweepState", "note_sweep_state", "sweep_state"),
    "dse.store.trial_endings": ("Ending",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
