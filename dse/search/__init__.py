"""Which candidate next?"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.candidate_pool import Pool as Pool
    from dse.search.comparison import Case as Case
    from dse.search.comparison import Contestant as Contestant
    from dse.search.comparison import Curve as Curve
    from dse.search.comparison import compare as compare
    from dse.search.exact import best_of_costs as best_of_costs
    from dse.search.front import front_of as front_of
    from dse.search.front import pareto_front as pareto_front
    from dse.search.hints import FEWEST as FEWEST
    from dse.search.hints import HINTS_READ as HINTS_READ
    from dse.search.hints import Hint as Hint
    from dse.search.hints import WantedHints as WantedHints
    from dse.search.kept import FrontGoal as FrontGoal
    from dse.search.kept import Keep as Keep
    from dse.search.objective import Direction as Direction
    from dse.search.objective import Goal as Goal
    from dse.search.objective import Limit as Limit
    from dse.search.objective import Measure as Measure
    from dse.search.objective import Objective as Objective
    from dse.search.objectives import CHECKS as CHECKS
    from dse.search.objectives import OBJECTIVES as OBJECTIVES
    from dse.search.objectives import Images as Images
    from dse.search.objectives import OneInput as OneInput
    from dse.search.objectives import accuracy_of as accuracy_of
    from dse.search.objectives import check_images as check_images
    from dse.search.objectives import check_number as check_number
    from dse.search.objectives import check_numbers as check_numbers
    from dse.search.objectives import cost_of as cost_of
    from dse.search.objectives import load_images as load_images
    from dse.search.objectives import one_input as one_input
    from dse.search.objectives import train as train
    from dse.search.outcomes import Pruned as Pruned
    from dse.search.proposals import SamplerMaker as SamplerMaker
    from dse.search.readiness import usable_device as usable_device
    from dse.search.readiness import with_usable_devices as with_usable_devices
    from dse.search.recording import Retry as Retry
    from dse.search.samplers import SAMPLERS as SAMPLERS
    from dse.search.samplers import CandidateSampler as CandidateSampler
    from dse.search.search_result import Evaluated as Evaluated
    from dse.search.search_result import SearchResult as SearchResult
    from dse.search.searching import search as search
    from dse.search.solved import Answers as Answers
    from dse.search.solved import Step as Step
    from dse.search.solved import refuse_unanswerable as refuse_unanswerable
    from dse.search.solved import with_upper as with_upper
    from dse.search.study_entry import Order as Order
    from dse.search.study_entry import SearchSettings as SearchSettings
    from dse.search.study_entry import StudyTerms as StudyTerms
    from dse.search.summaries import Ranks as Ranks
    from dse.search.summaries import Summary as Summary
    from dse.search.summaries import rank_samplers as rank_samplers
    from dse.search.summaries import summarise as summarise
    from dse.search.sweeping import SweepSummary as SweepSummary
    from dse.search.sweeping import candidate_row as candidate_row
    from dse.search.sweeping import completed_of as completed_of
    from dse.search.sweeping import keep_blocks as keep_blocks
    from dse.search.sweeping import recall_blocks as recall_blocks
    from dse.search.sweeping import sweep as sweep
    from dse.search.table_bounds import Bounds as Bounds
    from dse.search.table_bounds import parse_bounds as parse_bounds
    from dse.search.table_columns import TableColumns as TableColumns
    from dse.search.table_columns import read_measured as read_measured
    from dse.search.table_sweep import store_choices as store_choices
    from dse.search.table_sweep import store_points as store_points
    from dse.search.tabulated import MeasuredTable as MeasuredTable
    from dse.search.trackers import TRACKERS as TRACKERS
    from dse.search.trackers import StudyTracker as StudyTracker
    from dse.search.trackers import TrackedStudy as TrackedStudy
    from dse.search.trackers import TrackedTrial as TrackedTrial
    from dse.search.trackers import Trackers as Trackers
    from dse.search.trackers import made_tracker as made_tracker
    from dse.search.tracking import tracked_study as tracked_study
    from dse.search.tracking import tracked_trial as tracked_trial

_HOMES = {
    "dse.search.candidate_pool": ("Pool",),
    "dse.search.comparison": ("Case", "Contestant", "Curve", "compare"),
    "dse.search.exact": ("best_of_costs",),
    "dse.search.front": ("front_of", "pareto_front"),
    "dse.search.hints": ("FEWEST", "HINTS_READ", "Hint", "WantedHints"),
    "dse.search.kept": ("FrontGoal", "Keep"),
    "dse.search.objective": ("Direction", "Goal", "Limit", "Measure", "Objective"),
    "dse.search.objectives": (
        *("CHECKS", "Images", "OBJECTIVES", "OneInput", "accuracy_of", "check_images"),
        *("check_number", "check_numbers"),
        *("cost_of", "load_images", "one_input", "train"),
    ),
    "dse.search.outcomes": ("Pruned",),
    "dse.search.proposals": ("SamplerMaker",),
    "dse.search.readiness": ("usable_device", "with_usable_devices"),
    "dse.search.recording": ("Retry",),
    "dse.search.samplers": ("CandidateSampler", "SAMPLERS"),
    "dse.search.search_result": ("Evaluated", "SearchResult"),
    "dse.search.searching": ("search",),
    "dse.search.solved": ("Answers", "Step", "refuse_unanswerable", "with_upper"),
    "dse.search.study_entry": ("Order", "SearchSettings", "StudyTerms"),
    "dse.search.summaries": ("Ranks", "Summary", "rank_samplers", "summarise"),
    "dse.search.sweeping": (
        *("SweepSummary", "candidate_row", "completed_of", "keep_blocks", "recall_blocks"),
        *("sweep",),
    ),
    "dse.search.table_bounds": ("Bounds", "parse_bounds"),
    "dse.search.table_columns": ("TableColumns", "read_measured"),
    "dse.search.table_sweep": ("store_choices", "store_points"),
    "dse.search.tabulated": ("MeasuredTable",),
    "dse.search.trackers": (
        *("StudyTracker", "TRACKERS", "TrackedStudy", "TrackedTrial", "Trackers"),
        *("made_tracker",),
    ),
    "dse.search.tracking": ("tracked_study", "tracked_trial"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
