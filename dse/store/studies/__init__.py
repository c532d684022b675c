"""Runs of commands, and studies that many processes share: who does what where, and its end."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.studies.joining import join_study as join_study
    from dse.store.studies.runs import find_run as find_run
    from dse.store.studies.runs import finish_run as finish_run
    from dse.store.studies.runs import note_progress as note_progress
    from dse.store.studies.runs import read_runs as read_runs
    from dse.store.studies.runs import run_config as run_config
    from dse.store.studies.runs import start_run as start_run
    from dse.store.studies.study_rows import StoredStudy as StoredStudy
    from dse.store.studies.study_rows import StoredTrial as StoredTrial
    from dse.store.studies.study_rows import changed_trials as changed_trials
    from dse.store.studies.study_rows import enter_study as enter_study
    from dse.store.studies.study_rows import find_study as find_study
    from dse.store.studies.study_rows import read_studies as read_studies
    from dse.store.studies.study_rows import read_trials as read_trials
    from dse.store.studies.study_rows import study_of_digest as study_of_digest
    from dse.store.studies.study_rows import study_of_run as study_of_run
    from dse.store.studies.study_rows import trial_reports as trial_reports
    from dse.store.studies.study_workers import StudyWorker as StudyWorker
    from dse.store.studies.trial_endings import Ending as Ending

_HOMES = {
    "dse.store.studies.joining": ("join_study",),
    "dse.store.studies.runs": (
        *("find_run", "finish_run", "note_progress", "read_runs", "run_config"),
        *("start_run",),
    ),
    "dse.store.studies.study_rows": (
        *("StoredStudy", "StoredTrial", "changed_trials", "enter_study", "find_study"),
        *("read_studies", "read_trials", "study_of_digest", "study_of_run", "trial_reports"),
    ),
    "dse.store.studies.study_workers": ("StudyWorker",),
    "dse.store.studies.trial_endings": ("Ending",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
