"""What is asked of a store, what is put into it, and what is taken out of it."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.store_access.asking import Names as Names
    from dse.project.store_access.asking import asked as asked
    from dse.project.store_access.asking import asked_in_stream as asked_in_stream
    from dse.project.store_access.asking import correlated as correlated
    from dse.project.store_access.asking import forgettable as forgettable
    from dse.project.store_access.asking import recorded_runs as recorded_runs
    from dse.project.store_access.asking import totals as totals
    from dse.project.store_access.asking import undominated as undominated
    from dse.project.store_access.store_contents import StoreContents as StoreContents
    from dse.project.store_access.store_reader import StoreReader as StoreReader
    from dse.project.store_access.study_listing import Trials as Trials
    from dse.project.store_access.study_listing import goal_value as goal_value
    from dse.project.store_access.study_listing import joining_request as joining_request
    from dse.project.store_access.study_listing import recorded_studies as recorded_studies
    from dse.project.store_access.study_listing import recorded_study as recorded_study
    from dse.project.store_access.study_listing import recorded_trials as recorded_trials

_HOMES = {
    "dse.project.store_access.asking": (
        *("Names", "asked", "asked_in_stream", "correlated", "forgettable", "recorded_runs"),
        *("totals", "undominated"),
    ),
    "dse.project.store_access.store_contents": ("StoreContents",),
    "dse.project.store_access.store_reader": ("StoreReader",),
    "dse.project.store_access.study_listing": (
        *("Trials", "goal_value", "joining_request", "recorded_studies", "recorded_study"),
        *("recorded_trials",),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
