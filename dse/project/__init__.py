"""One call for each thing a person does: what `dse.open` and `dse.design_space` return.

The command line and a notebook make the same requests and go the same way.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.catalogue import ListedFamily as ListedFamily
    from dse.project.asking import asked as asked
    from dse.project.asking import asked_in_stream as asked_in_stream
    from dse.project.asking import correlated as correlated
    from dse.project.asking import forgettable as forgettable
    from dse.project.asking import recorded_runs as recorded_runs
    from dse.project.asking import totals as totals
    from dse.project.asking import undominated as undominated
    from dse.project.block_exports import export_blocks as export_blocks
    from dse.project.block_imports import BlockImport as BlockImport
    from dse.project.block_imports import ImportedBlocks as ImportedBlocks
    from dse.project.block_imports import Unnumbered as Unnumbered
    from dse.project.block_imports import import_blocks as import_blocks
    from dse.project.block_measuring import Measured as Measured
    from dse.project.block_measuring import Measuring as Measuring
    from dse.project.block_measuring import measure as measure
    from dse.project.budget_checks import CheckedBound as CheckedBound
    from dse.project.budget_checks import checked_bounds as checked_bounds
    from dse.project.comparing import Difference as Difference
    from dse.project.comparing import difference_of as difference_of
    from dse.project.contest_curves import read_curves as read_curves
    from dse.project.contests import Contest as Contest
    from dse.project.contests import Contested as Contested
    from dse.project.contests import run_contest as run_contest
    from dse.project.cost_group import CostConfig as CostConfig
    from dse.project.cost_group import read_conditions as read_conditions
    from dse.project.cost_group import read_cost_group as read_cost_group
    from dse.project.descriptions import Described as Described
    from dse.project.descriptions import described as described
    from dse.project.designing import design_space as design_space
    from dse.project.device_fit import Fit as Fit
    from dse.project.device_fit import fits_of as fits_of
    from dse.project.executors import read_executor as read_executor
    from dse.project.exploration import count_of as count_of
    from dse.project.exploration import describe_grid as describe_grid
    from dse.project.exploration import lacking_points as lacking_points
    from dse.project.exploration import range_of as range_of
    from dse.project.exploration import record_refused as record_refused
    from dse.project.exports import FLOAT32 as FLOAT32
    from dse.project.exports import Exported as Exported
    from dse.project.exports import ExportFormat as ExportFormat
    from dse.project.exports import export_candidate as export_candidate
    from dse.project.family_listing import listed_families as listed_families
    from dse.project.family_listing import listed_family as listed_family
    from dse.project.frames import columns_of as columns_of
    from dse.project.frames import encodable as encodable
    from dse.project.frames import frame_of as frame_of
    from dse.project.frames import plain_value as plain_value
    from dse.project.goals_in_short import refuse_two_objectives as refuse_two_objectives
    from dse.project.importing import Imported as Imported
    from dse.project.importing import import_table as import_table
    from dse.project.input_notation import parse_input as parse_input
    from dse.project.layer_matching import LayerPair as LayerPair
    from dse.project.layer_matching import difference_lines as difference_lines
    from dse.project.matched_rows import TableImport as TableImport
    from dse.project.model_inputs import CONSTANT as CONSTANT
    from dse.project.model_inputs import ModelInput as ModelInput
    from dse.project.model_inputs import read_input as read_input
    from dse.project.opened import Project as Project
    from dse.project.opened import open as open
    from dse.project.page_checks import ReadPage as ReadPage
    from dse.project.page_checks import read_family_page as read_family_page
    from dse.project.plots import BARS as BARS
    from dse.project.plots import FoundImportance as FoundImportance
    from dse.project.plots import FoundRanges as FoundRanges
    from dse.project.plots import counted_candidate as counted_candidate
    from dse.project.plots import distribution_bars as distribution_bars
    from dse.project.plots import distribution_of_bars as distribution_of_bars
    from dse.project.plots import drawn_network as drawn_network
    from dse.project.plots import edf_of_groups as edf_of_groups
    from dse.project.plots import found_correlation as found_correlation
    from dse.project.plots import found_importance as found_importance
    from dse.project.plots import found_ranges as found_ranges
    from dse.project.plots import found_timeline as found_timeline
    from dse.project.plots import pareto_cloud as pareto_cloud
    from dse.project.plots import plot_compare as plot_compare
    from dse.project.plots import plot_correlation as plot_correlation
    from dse.project.plots import plot_distribution as plot_distribution
    from dse.project.plots import plot_edf as plot_edf
    from dse.project.plots import plot_history as plot_history
    from dse.project.plots import plot_importance as plot_importance
    from dse.project.plots import plot_network as plot_network
    from dse.project.plots import plot_parallel as plot_parallel
    from dse.project.plots import plot_pareto as plot_pareto
    from dse.project.plots import plot_ranges as plot_ranges
    from dse.project.plots import plot_roofline as plot_roofline
    from dse.project.plots import plot_scatter as plot_scatter
    from dse.project.plots import plot_timeline as plot_timeline
    from dse.project.plots import study_histories as study_histories
    from dse.project.progress_bars import Steps as Steps
    from dse.project.progress_bars import shown_steps as shown_steps
    from dse.project.rebuilding import counted_layers as counted_layers
    from dse.project.rebuilding import find_candidate as find_candidate
    from dse.project.rebuilding import planned_arena as planned_arena
    from dse.project.rebuilding import rebuild as rebuild
    from dse.project.replaying import stored_request as stored_request
    from dse.project.reports import LiveServer as LiveServer
    from dse.project.reports import report_of as report_of
    from dse.project.reports import write_report as write_report
    from dse.project.request_configs import SpaceKeys as SpaceKeys
    from dse.project.request_configs import space_of as space_of
    from dse.project.request_configs import typed as typed
    from dse.project.sampler_config import read_sampler as read_sampler
    from dse.project.search_keys import SearchConfig as SearchConfig
    from dse.project.search_keys import search_of as search_of
    from dse.project.search_requests import SearchRequest as SearchRequest
    from dse.project.search_requests import run_search as run_search
    from dse.project.spaces import Space as Space
    from dse.project.spaces import is_drawn_from as is_drawn_from
    from dse.project.starting_pages import start_pages as start_pages
    from dse.project.study import Study as Study
    from dse.project.study_listing import joining_request as joining_request
    from dse.project.study_listing import recorded_studies as recorded_studies
    from dse.project.study_listing import recorded_study as recorded_study
    from dse.project.study_listing import recorded_trials as recorded_trials
    from dse.project.supernet_requests import SupernetRequest as SupernetRequest
    from dse.project.supernet_requests import TrainedSupernet as TrainedSupernet
    from dse.project.supernet_requests import run_supernet as run_supernet
    from dse.project.sweep_keys import SweepConfig as SweepConfig
    from dse.project.sweep_keys import sweep_of as sweep_of
    from dse.project.sweep_requests import SweepRequest as SweepRequest
    from dse.project.sweep_requests import Swept as Swept
    from dse.project.sweep_requests import run_sweep as run_sweep
    from dse.project.times_on_devices import by_holder as by_holder
    from dse.project.times_on_devices import dtype_in as dtype_in
    from dse.project.times_on_devices import find_device as find_device
    from dse.project.times_on_devices import roofline as roofline

_HOMES = {
    "dse.catalogue": ("ListedFamily",),
    "dse.project.asking": (
        *("asked", "asked_in_stream", "correlated", "forgettable", "recorded_runs", "totals"),
        *("undominated",),
    ),
    "dse.project.block_exports": ("export_blocks",),
    "dse.project.block_imports": ("BlockImport", "ImportedBlocks", "Unnumbered", "import_blocks"),
    "dse.project.block_measuring": ("Measured", "Measuring", "measure"),
    "dse.project.budget_checks": ("CheckedBound", "checked_bounds"),
    "dse.project.comparing": ("Difference", "difference_of"),
    "dse.project.contest_curves": ("read_curves",),
    "dse.project.contests": ("Contest", "Contested", "run_contest"),
    "dse.project.cost_group": ("CostConfig", "read_conditions", "read_cost_group"),
    "dse.project.descriptions": ("Described", "described"),
    "dse.project.designing": ("design_space",),
    "dse.project.device_fit": ("Fit", "fits_of"),
    "dse.project.executors": ("read_executor",),
    "dse.project.exploration": (
        *("count_of", "describe_grid", "lacking_points", "range_of", "record_refused"),
    ),
    "dse.project.exports": ("ExportFormat", "Exported", "FLOAT32", "export_candidate"),
    "dse.project.family_listing": ("listed_families", "listed_family"),
    "dse.project.frames": ("columns_of", "encodable", "frame_of", "plain_value"),
    "dse.project.goals_in_short": ("refuse_two_objectives",),
    "dse.project.importing": ("Imported", "import_table"),
    "dse.project.input_notation": ("parse_input",),
    "dse.project.layer_matching": ("LayerPair", "difference_lines"),
    "dse.project.matched_rows": ("TableImport",),
    "dse.project.model_inputs": ("CONSTANT", "ModelInput", "read_input"),
    "dse.project.opened": ("Project", "open"),
    "dse.project.page_checks": ("ReadPage", "read_family_page"),
    "dse.project.plots": (
        *("BARS", "FoundImportance", "FoundRanges", "counted_candidate", "distribution_bars"),
        *("distribution_of_bars", "drawn_network", "edf_of_groups", "found_correlation"),
        *("found_importance", "found_ranges", "found_timeline", "pareto_cloud"),
        *("plot_compare", "plot_correlation", "plot_distribution", "plot_edf"),
        *("plot_history", "plot_importance", "plot_network", "plot_parallel", "plot_pareto"),
        *("plot_ranges", "plot_roofline", "plot_scatter", "plot_timeline", "study_histories"),
    ),
    "dse.project.progress_bars": ("Steps", "shown_steps"),
    "dse.project.rebuilding": ("counted_layers", "find_candidate", "planned_arena", "rebuild"),
    "dse.project.replaying": ("stored_request",),
    "dse.project.reports": ("LiveServer", "report_of", "write_report"),
    "dse.project.request_configs": ("SpaceKeys", "space_of", "typed"),
    "dse.project.sampler_config": ("read_sampler",),
    "dse.project.search_keys": ("SearchConfig", "search_of"),
    "dse.project.search_requests": ("SearchRequest", "run_search"),
    "dse.project.spaces": ("Space", "is_drawn_from"),
    "dse.project.starting_pages": ("start_pages",),
    "dse.project.study": ("Study",),
    "dse.project.study_listing": (
        *("joining_request", "recorded_studies", "recorded_study", "recorded_trials"),
    ),
    "dse.project.supernet_requests": ("SupernetRequest", "TrainedSupernet", "run_supernet"),
    "dse.project.sweep_keys": ("SweepConfig", "sweep_of"),
    "dse.project.sweep_requests": ("SweepRequest", "Swept", "run_sweep"),
    "dse.project.times_on_devices": ("by_holder", "dtype_in", "find_device", "roofline"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
