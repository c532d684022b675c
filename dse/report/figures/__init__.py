"""Pictures as Plotly figures: one pure function a kind, from plain values.

Nothing here asks a store or a space, so that a page of many pictures can use any of them.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.report.figures.correlation_drawing import correlation_figure as correlation_figure
    from dse.report.figures.distribution_drawing import CountedRange as CountedRange
    from dse.report.figures.distribution_drawing import distribution_figure as distribution_figure
    from dse.report.figures.edf_drawing import edf_figure as edf_figure
    from dse.report.figures.figure_style import COLOURED_BY_PAGE as COLOURED_BY_PAGE
    from dse.report.figures.figure_style import ON_A_PAGE as ON_A_PAGE
    from dse.report.figures.figure_style import PALETTE as PALETTE
    from dse.report.figures.figure_style import colour as colour
    from dse.report.figures.figure_style import lines as lines
    from dse.report.figures.figure_style import safe_text as safe_text
    from dse.report.figures.figure_style import scale_of as scale_of
    from dse.report.figures.figure_style import told as told
    from dse.report.figures.history_drawing import history_figure as history_figure
    from dse.report.figures.importance_drawing import importance_figure as importance_figure
    from dse.report.figures.network_drawing import DrawnBlock as DrawnBlock
    from dse.report.figures.network_drawing import network_figure as network_figure
    from dse.report.figures.parallel_drawing import parallel_figure as parallel_figure
    from dse.report.figures.pareto_drawing import Direction as Direction
    from dse.report.figures.pareto_drawing import ParetoCloud as ParetoCloud
    from dse.report.figures.pareto_drawing import pareto_figure as pareto_figure
    from dse.report.figures.plotted_column import PlottedColumn as PlottedColumn
    from dse.report.figures.plotted_column import column_of as column_of
    from dse.report.figures.ranges_drawing import ranges_figure as ranges_figure
    from dse.report.figures.regret_drawing import mean_regrets as mean_regrets
    from dse.report.figures.regret_drawing import regret_figure as regret_figure
    from dse.report.figures.roofline_drawing import RooflinePoint as RooflinePoint
    from dse.report.figures.roofline_drawing import roofline_figure as roofline_figure
    from dse.report.figures.scatter_drawing import scatter_figure as scatter_figure
    from dse.report.figures.timeline_drawing import LAYER_COLOURS as LAYER_COLOURS
    from dse.report.figures.timeline_drawing import MEBIBYTE as MEBIBYTE
    from dse.report.figures.timeline_drawing import memory_layers as memory_layers
    from dse.report.figures.timeline_drawing import peak_text as peak_text
    from dse.report.figures.timeline_drawing import timeline_figure as timeline_figure

_HOMES = {
    "dse.report.figures.correlation_drawing": ("correlation_figure",),
    "dse.report.figures.distribution_drawing": ("CountedRange", "distribution_figure"),
    "dse.report.figures.edf_drawing": ("edf_figure",),
    "dse.report.figures.figure_style": (
        *("COLOURED_BY_PAGE", "ON_A_PAGE", "PALETTE", "colour", "lines", "safe_text"),
        *("scale_of", "told"),
    ),
    "dse.report.figures.history_drawing": ("history_figure",),
    "dse.report.figures.importance_drawing": ("importance_figure",),
    "dse.report.figures.network_drawing": ("DrawnBlock", "network_figure"),
    "dse.report.figures.parallel_drawing": ("parallel_figure",),
    "dse.report.figures.pareto_drawing": ("Direction", "ParetoCloud", "pareto_figure"),
    "dse.report.figures.plotted_column": ("PlottedColumn", "column_of"),
    "dse.report.figures.ranges_drawing": ("ranges_figure",),
    "dse.report.figures.regret_drawing": ("mean_regrets", "regret_figure"),
    "dse.report.figures.roofline_drawing": ("RooflinePoint", "roofline_figure"),
    "dse.report.figures.scatter_drawing": ("scatter_figure",),
    "dse.report.figures.timeline_drawing": (
        *("LAYER_COLOURS", "MEBIBYTE", "memory_layers", "peak_text", "timeline_figure"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
