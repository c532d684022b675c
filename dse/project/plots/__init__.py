"""A call a kind of picture: what it shows is read from a store, a space or a model, then drawn.

Each returns a Plotly figure; `dse.plots` has them by the names of the commands.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.plots.axes_plot import FoundImportance as FoundImportance
    from dse.project.plots.axes_plot import FoundRanges as FoundRanges
    from dse.project.plots.axes_plot import found_importance as found_importance
    from dse.project.plots.axes_plot import found_ranges as found_ranges
    from dse.project.plots.axes_plot import plot_importance as plot_importance
    from dse.project.plots.axes_plot import plot_ranges as plot_ranges
    from dse.project.plots.budget_lines import Interval as Interval
    from dse.project.plots.budget_lines import bound_lines as bound_lines
    from dse.project.plots.candidate_columns import read_candidate_columns as read_candidate_columns
    from dse.project.plots.contest_plot import plot_compare as plot_compare
    from dse.project.plots.correlation_plot import found_correlation as found_correlation
    from dse.project.plots.correlation_plot import plot_correlation as plot_correlation
    from dse.project.plots.distribution_plot import BARS as BARS
    from dse.project.plots.distribution_plot import distribution_bars as distribution_bars
    from dse.project.plots.distribution_plot import distribution_of_bars as distribution_of_bars
    from dse.project.plots.distribution_plot import plot_distribution as plot_distribution
    from dse.project.plots.edf_plot import plot_edf as plot_edf
    from dse.project.plots.goal_directions import is_score_of as is_score_of
    from dse.project.plots.history_plot import plot_history as plot_history
    from dse.project.plots.history_plot import study_histories as study_histories
    from dse.project.plots.model_plots import counted_candidate as counted_candidate
    from dse.project.plots.model_plots import found_timeline as found_timeline
    from dse.project.plots.model_plots import plot_roofline as plot_roofline
    from dse.project.plots.model_plots import plot_timeline as plot_timeline
    from dse.project.plots.network_plot import drawn_network as drawn_network
    from dse.project.plots.network_plot import plot_network as plot_network
    from dse.project.plots.pareto_plot import pareto_cloud as pareto_cloud
    from dse.project.plots.pareto_plot import plot_pareto as plot_pareto
    from dse.project.plots.scatter_plot import plot_parallel as plot_parallel
    from dse.project.plots.scatter_plot import plot_scatter as plot_scatter

_HOMES = {
    "dse.project.plots.axes_plot": (
        *("FoundImportance", "FoundRanges", "found_importance", "found_ranges", "plot_importance"),
        *("plot_ranges",),
    ),
    "dse.project.plots.budget_lines": ("Interval", "bound_lines"),
    "dse.project.plots.candidate_columns": ("read_candidate_columns",),
    "dse.project.plots.contest_plot": ("plot_compare",),
    "dse.project.plots.correlation_plot": ("found_correlation", "plot_correlation"),
    "dse.project.plots.distribution_plot": (
        *("BARS", "distribution_bars", "distribution_of_bars", "plot_distribution"),
    ),
    "dse.project.plots.edf_plot": ("plot_edf",),
    "dse.project.plots.goal_directions": ("is_score_of",),
    "dse.project.plots.history_plot": ("plot_history", "study_histories"),
    "dse.project.plots.model_plots": (
        *("counted_candidate", "found_timeline", "plot_roofline", "plot_timeline"),
    ),
    "dse.project.plots.network_plot": ("drawn_network", "plot_network"),
    "dse.project.plots.pareto_plot": ("pareto_cloud", "plot_pareto"),
    "dse.project.plots.scatter_plot": ("plot_parallel", "plot_scatter"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
