"""How processes take part in a study: they enter it, claim trials, and tell what came of them."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.studies.front import front_of as front_of
    from dse.search.studies.front import pareto_front as pareto_front
    from dse.search.studies.participation import Participant as Participant
    from dse.search.studies.search_result import Evaluated as Evaluated
    from dse.search.studies.search_result import SearchResult as SearchResult
    from dse.search.studies.study_entry import REPEATED as REPEATED
    from dse.search.studies.study_entry import Order as Order
    from dse.search.studies.study_entry import SearchSettings as SearchSettings
    from dse.search.studies.study_entry import StudyTerms as StudyTerms
    from dse.search.studies.study_entry import checkpoints_of as checkpoints_of
    from dse.search.studies.study_entry import entered_study as entered_study
    from dse.search.studies.tracking import tracked_study as tracked_study
    from dse.search.studies.tracking import tracked_trial as tracked_trial

_HOMES = {
    "dse.search.studies.front": ("front_of", "pareto_front"),
    "dse.search.studies.participation": ("Participant",),
    "dse.search.studies.search_result": ("Evaluated", "SearchResult"),
    "dse.search.studies.study_entry": (
        *("Order", "REPEATED", "SearchSettings", "StudyTerms", "checkpoints_of", "entered_study"),
    ),
    "dse.search.studies.tracking": ("tracked_study", "tracked_trial"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
