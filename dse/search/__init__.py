"""Which candidate next?"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.contests import Case as Case
    from dse.search.contests import Contestant as Contestant
    from dse.search.contests import Curve as Curve
    from dse.search.contests import Ranks as Ranks
    from dse.search.contests import Summary as Summary
    from dse.search.contests import compare as compare
    from dse.search.contests import rank_samplers as rank_samplers
    from dse.search.contests import summarise as summarise
    from dse.search.evaluations import Retry as Retry
    from dse.search.evaluations import usable_device as usable_device
    from dse.search.evaluations import with_usable_devices as with_usable_devices
    from dse.search.exact_answers import Answers as Answers
    from dse.search.exact_answers import Step as Step
    from dse.search.exact_answers import best_of_costs as best_of_costs
    from dse.search.exact_answers import refuse_unanswerable as refuse_unanswerable
    from dse.search.exact_answers import with_upper as with_upper
    from dse.search.measured_tables import Bounds as Bounds
    from dse.search.measured_tables import MeasuredTable as MeasuredTable
    from dse.search.measured_tables import TableColumns as TableColumns
    from dse.search.measured_tables import parse_bounds as parse_bounds
    from dse.search.measured_tables import read_measured as read_measured
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
    from dse.search.objectives import check_numbers as check_numbers
    from dse.search.objectives import cost_of as cost_of
    from dse.search.objectives import load_images as load_images
    from dse.search.objectives import one_input as one_input
    from dse.search.objectives import train as train
    from dse.search.outcomes import Pruned as Pruned
    from dse.search.pools import Pool as Pool
    from dse.search.pools import candidate_row as candidate_row
    from dse.search.proposing import FEWEST as FEWEST
    from dse.search.proposing import HINTS_READ as HINTS_READ
    from dse.search.proposing import SamplerMaker as SamplerMaker
    from dse.search.proposing import WantedHints as WantedHints
    from dse.search.samplers import SAMPLERS as SAMPLERS
    from dse.search.samplers import CandidateSampler as CandidateSampler
    from dse.search.searching import search as search
    from dse.search.studies import Evaluated as Evaluated
    from dse.search.studies import Order as Order
    from dse.search.studies import SearchResult as SearchResult
    from dse.search.studies import SearchSettings as SearchSettings
    from dse.search.studies import StudyTerms as StudyTerms
    from dse.search.studies import front_of as front_of
    from dse.search.studies import pareto_front as pareto_front
    from dse.search.studies import tracked_study as tracked_study
    from dse.search.studies import tracked_trial as tracked_trial
    from dse.search.sweeps import FrontGoal as FrontGoal
    from dse.search.sweeps import Keep as Keep
    from dse.search.sweeps import SweepSummary as SweepSummary
    from dse.search.sweeps import completed_of as completed_of
    from dse.search.sweeps import keep_blocks as keep_blocks
    from dse.search.sweeps import recall_blocks as recall_blocks
    from dse.search.sweeps import store_choices as store_choices
    from dse.search.sweeps import store_points as store_points
    from dse.search.sweeps import sweep as sweep
    from dse.search.trackers import TRACKERS as TRACKERS
    from dse.search.trackers import StudyTracker as StudyTracker
    from dse.search.trackers import TrackedStudy as TrackedStudy
    from dse.search.trackers import TrackedTrial as TrackedTrial
    from dse.search.trackers import made_tracker as made_tracker

_HOMES = {
    "dse.search.contests": (
        *("Case", "Contestant", "Curve", "Ranks", "Summary", "compare", "rank_samplers"),
        *("summarise",),
    ),
    "dse.search.evaluations": ("Retry", "usable_device", "with_usable_devices"),
    "dse.search.exact_answers": (
        *("Answers", "Step", "best_of_costs", "refuse_unanswerable", "with_upper"),
    ),
    "dse.search.measured_tables": (
        *("Bounds", "MeasuredTable", "TableColumns", "parse_bounds", "read_measured"),
    ),
    "dse.search.objective": ("Direction", "Goal", "Limit", "Measure", "Objective"),
    "dse.search.objectives": (
        *("CHECKS", "Images", "OBJECTIVES", "OneInput", "accuracy_of", "check_images"),
        *("check_numbers", "cost_of", "load_images", "one_input", "train"),
    ),
    "dse.search.outcomes": ("Pruned",),
    "dse.search.pools": ("Pool", "candidate_row"),
    "dse.search.proposing": ("FEWEST", "HINTS_READ", "SamplerMaker", "WantedHints"),
    "dse.search.samplers": ("CandidateSampler", "SAMPLERS"),
    "dse.search.searching": ("search",),
    "dse.search.studies": (
        *("Evaluated", "Order", "SearchResult", "SearchSettings", "StudyTerms", "front_of"),
        *("pareto_front", "tracked_study", "tracked_trial"),
    ),
    "dse.search.sweeps": (
        *("FrontGoal", "Keep", "SweepSummary", "completed_of", "keep_blocks", "recall_blocks"),
        *("store_choices", "store_points", "sweep"),
    ),
    "dse.search.trackers": (
        *("StudyTracker", "TRACKERS", "TrackedStudy", "TrackedTrial", "made_tracker"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
