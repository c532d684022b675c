"""Pictures and pages of what was found."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily

if TYPE_CHECKING:
    from dse.report.best_so_far import SearchHistory as SearchHistory
    from dse.report.figures.distribution_figure import CountedRange as CountedRange
    from dse.report.figures.distribution_figure import distribution_figure as distribution_figure
    from dse.report.figures.figure_style import ON_A_PAGE as ON_A_PAGE
    from dse.report.figures.figure_style import lines as lines
    from dse.report.figures.figure_style import safe_text as safe_text
    from dse.report.figures.figure_style import told as told
    from dse.report.figures.history_figure import history_figure as history_figure
    from dse.report.figures.network_figure import DrawnBlock as DrawnBlock
    from dse.report.figures.network_figure import network_figure as network_figure
    from dse.report.figures.pareto_figure import Direction as Direction
    from dse.report.figures.pareto_figure import ParetoCloud as ParetoCloud
    from dse.report.figures.pareto_figure import pareto_figure as pareto_figure
    from dse.report.figures.plotted_column import PlottedColumn as PlottedColumn
    from dse.report.figures.plotted_column import column_of as column_of
    from dse.report.memory_picture import check_memory_picture as check_memory_picture
    from dse.report.memory_picture import draw_memory as draw_memory
    from dse.report.memory_picture import peak_text as peak_text
    from dse.report.regret_picture import check_picture as check_picture
    from dse.report.regret_picture import draw_regret as draw_regret
    from dse.report.thinning import thinned as thinned

_HOMES = {
    "dse.report.best_so_far": ("SearchHistory",),
    "dse.report.figures.distribution_figure": ("CountedRange", "distribution_figure"),
    "dse.report.figures.figure_style": ("ON_A_PAGE", "lines", "safe_text", "told"),
    "dse.report.figures.history_figure": ("history_figure",),
    "dse.report.figures.network_figure": ("DrawnBlock", "network_figure"),
    "dse.report.figures.pareto_figure": ("Direction", "ParetoCloud", "pareto_figure"),
    "dse.report.figures.plotted_column": ("PlottedColumn", "column_of"),
    "dse.report.memory_picture": ("check_memory_picture", "draw_memory", "peak_text"),
    "dse.report.regret_picture": ("check_picture", "draw_regret"),
    "dse.report.thinning": ("thinned",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = sorted(name for names in _HOMES.values() for name in names)
