"""One call for each thing a person does: what `dse.open` and `dse.design_space` return.

The command line and a notebook make the same requests and go the same way.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.catalogue import ListedFamily as ListedFamily
    from dse.project.config_groups import read_cost_group as read_cost_group
    from dse.project.config_groups import read_executor as read_executor
    from dse.project.config_groups import read_sampler as read_sampler
    from dse.project.contests import Contest as Contest
    from dse.project.contests import Contested as Contested
    from dse.project.contests import read_curves as read_curves
    from dse.project.contests import run_contest as run_contest
    from dse.project.design_spaces import Described as Described
    from dse.project.design_spaces import Fit as Fit
    from dse.project.design_spaces import Space as Space
    from dse.project.design_spaces import count_of as count_of
    from dse.project.design_spaces import describe_grid as describe_grid
    from dse.project.design_spaces import described as described
    from dse.project.design_spaces import design_space as design_space
    from dse.project.design_spaces import fits_of as fits_of
    from dse.project.design_spaces import is_drawn_from as is_drawn_from
    from dse.project.design_spaces import lacking_points as lacking_points
    from dse.project.design_spaces import range_of as range_of
    from dse.project.exports import FLOAT32 as FLOAT32
    from dse.project.exports import Exported as Exported
    from dse.project.exports import ExportFormat as ExportFormat
    from dse.project.exports import export_candidate as export_candidate
    from dse.project.frames import columns_of as columns_of
    from dse.project.frames import frame_of as frame_of
    from dse.project.frames import plain_value as plain_value
    from dse.project.measurements import BlockImport as BlockImport
    from dse.project.measurements import Imported as Imported
    from dse.project.measurements import ImportedBlocks as ImportedBlocks
    from dse.project.measurements import Measured as Measured
    from dse.project.measurements import Measuring as Measuring
    from dse.project.measurements import TableImport as TableImport
    from dse.project.measurements import Unnumbered as Unnumbered
    from dse.project.measurements import export_blocks as export_blocks
    from dse.project.measurements import import_blocks as import_blocks
    from dse.project.measurements import import_table as import_table
    from dse.project.measurements import measure as measure
    from dse.project.networks import CONSTANT as CONSTANT
    from dse.project.networks import CheckedBound as CheckedBound
    from dse.project.networks import Difference as Difference
    from dse.project.networks import LayerPair as LayerPair
    from dse.project.networks import ModelInput as ModelInput
    from dse.project.networks import by_holder as by_holder
    from dse.project.networks import checked_bounds as checked_bounds
    from dse.project.networks import counted_layers as counted_layers
    from dse.project.networks import difference_lines as difference_lines
    from dse.project.networks import difference_of as difference_of
    from dse.project.networks import dtype_in as dtype_in
    from dse.project.networks import find_candidate as find_candidate
    from dse.project.networks import find_device as find_device
    from dse.project.networks import parse_input as parse_input
    from dse.project.networks import planned_arena as planned_arena
    from dse.project.networks import read_input as read_input
    from dse.project.networks import rebuild as rebuild
    from dse.project.networks import roofline as roofline
    from dse.project.opened import Project as Project
    from dse.project.opened import open as open
    from dse.project.pages import ReadPage as ReadPage
    from dse.project.pages import listed_families as listed_families
    from dse.project.pages import listed_family as listed_family
    from dse.project.pages import read_family_page as read_family_page
    from dse.project.pages import start_pages as start_pages
    from dse.project.plots import BARS as BARS
    from dse.project.plots import FoundImportance as FoundImportance
    from dse.project.plots import FoundRanges as FoundRanges
    from dse.project.plots import counted_candidate as counted_candidate
    from dse.project.plots import distribution_bars as distribution_bars
    from dse.project.plots import distribution_of_bars as distribution_of_bars
    from dse.project.plots import drawn_network as drawn_network
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
    from dse.project.reports import LiveServer as LiveServer
    from dse.project.reports import report_of as report_of
    from dse.project.reports import write_report as write_report
    from dse.project.requests import SearchConfig as SearchConfig
    from dse.project.requests import SearchRequest as SearchRequest
    from dse.project.requests import SpaceKeys as SpaceKeys
    from dse.project.requests import Study as Study
    from dse.project.requests import SupernetRequest as SupernetRequest
    from dse.project.requests import SweepConfig as SweepConfig
    from dse.project.requests import SweepRequest as SweepRequest
    from dse.project.requests import Swept as Swept
    from dse.project.requests import TrainedSupernet as TrainedSupernet
    from dse.project.requests import refuse_two_objectives as refuse_two_objectives
    from dse.project.requests import run_search as run_search
    from dse.project.requests import run_supernet as run_supernet
    from dse.project.requests import run_sweep as run_sweep
    from dse.project.requests import search_of as search_of
    from dse.project.requests import space_of as space_of
    from dse.project.requests import stored_request as stored_request
    from dse.project.requests import sweep_of as sweep_of
    from dse.project.requests import typed as typed
    from dse.project.run_recording import record_refused as record_refused
    from dse.project.store_access import asked as asked
    from dse.project.store_access import asked_in_stream as asked_in_stream
    from dse.project.store_access import correlated as correlated
    from dse.project.store_access import forgettable as forgettable
    from dse.project.store_access import joining_request as joining_request
    from dse.project.store_access import recorded_runs as recorded_runs
    from dse.project.store_access import recorded_studies as recorded_studies
    from dse.project.store_access import recorded_study as recorded_study
    from dse.project.store_access import recorded_trials as recorded_trials
    from dse.project.store_access import totals as totals
    from dse.project.store_access import undominated as undominated

_HOMES = {
    "dse.catalogue": ("ListedFamily",),
    "dse.project.config_groups": ("read_cost_group", "read_executor", "read_sampler"),
    "dse.project.contests": ("Contest", "Contested", "read_curves", "run_contest"),
    "dse.project.design_spaces": (
        *("Described", "Fit", "Space", "count_of", "describe_grid", "described", "design_space"),
        *("fits_of", "is_drawn_from", "lacking_points", "range_of"),
    ),
    "dse.project.exports": ("ExportFormat", "Exported", "FLOAT32", "export_candidate"),
    "dse.project.frames": ("columns_of", "frame_of", "plain_value"),
    "dse.project.measurements": (
        *("BlockImport", "Imported", "ImportedBlocks", "Measured", "Measuring", "TableImport"),
        *("Unnumbered", "export_blocks", "import_blocks", "import_table", "measure"),
    ),
    "dse.project.networks": (
        *("CONSTANT", "CheckedBound", "Difference", "LayerPair", "ModelInput", "by_holder"),
        *("checked_bounds", "counted_layers", "difference_lines", "difference_of", "dtype_in"),
        *("find_candidate", "find_device", "parse_input", "planned_arena", "read_input", "rebuild"),
        *("roofline",),
    ),
    "dse.project.opened": ("Project", "open"),
    "dse.project.pages": (
        *("ReadPage", "listed_families", "listed_family", "read_family_page", "start_pages"),
    ),
    "dse.project.plots": (
        *("BARS", "FoundImportance", "FoundRanges", "counted_candidate", "distribution_bars"),
        *("distribution_of_bars", "drawn_network", "found_correlation", "found_importance"),
        *("found_ranges", "found_timeline", "pareto_cloud", "plot_compare", "plot_correlation"),
        *("plot_distribution", "plot_edf", "plot_history", "plot_importance", "plot_network"),
        *("plot_parallel", "plot_pareto", "plot_ranges", "plot_roofline", "plot_scatter"),
        *("plot_timeline", "study_histories"),
    ),
    "dse.project.progress_bars": ("Steps", "shown_steps"),
    "dse.project.run_recording": ("record_refused",),
    "dse.project.reports": ("LiveServer", "report_of", "write_report"),
    "dse.project.requests": (
        *("SearchConfig", "SearchRequest", "SpaceKeys", "Study", "SupernetRequest", "SweepConfig"),
        *("SweepRequest", "Swept", "TrainedSupernet", "refuse_two_objectives", "run_search"),
        *("run_supernet", "run_sweep", "search_of", "space_of", "stored_request", "sweep_of"),
        *("typed",),
    ),
    "dse.project.store_access": (
        *("asked", "asked_in_stream", "correlated", "forgettable", "joining_request"),
        *("recorded_runs", "recorded_studies", "recorded_study", "recorded_trials", "totals"),
        *("undominated",),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
