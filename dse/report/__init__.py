"""Pictures and pages of what was found."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.report.best_so_far import SearchHistory as SearchHistory
    from dse.report.error_distributions import ErrorDistribution as ErrorDistribution
    from dse.report.error_distributions import error_distribution as error_distribution
    from dse.report.figures import CountedRange as CountedRange
    from dse.report.figures import Direction as Direction
    from dse.report.figures import DrawnBlock as DrawnBlock
    from dse.report.figures import ParetoCloud as ParetoCloud
    from dse.report.figures import PlottedColumn as PlottedColumn
    from dse.report.figures import RooflinePoint as RooflinePoint
    from dse.report.figures import column_of as column_of
    from dse.report.figures import correlation_figure as correlation_figure
    from dse.report.figures import distribution_figure as distribution_figure
    from dse.report.figures import edf_figure as edf_figure
    from dse.report.figures import history_figure as history_figure
    from dse.report.figures import importance_figure as importance_figure
    from dse.report.figures import lines as lines
    from dse.report.figures import network_figure as network_figure
    from dse.report.figures import parallel_figure as parallel_figure
    from dse.report.figures import pareto_figure as pareto_figure
    from dse.report.figures import peak_text as peak_text
    from dse.report.figures import ranges_figure as ranges_figure
    from dse.report.figures import regret_figure as regret_figure
    from dse.report.figures import roofline_figure as roofline_figure
    from dse.report.figures import safe_text as safe_text
    from dse.report.figures import scatter_figure as scatter_figure
    from dse.report.figures import timeline_figure as timeline_figure
    from dse.report.figures import told as told
    from dse.report.good_axis_ranges import GoodRange as GoodRange
    from dse.report.good_axis_ranges import good_ranges as good_ranges
    from dse.report.importance_of_axes import Method as Method
    from dse.report.importance_of_axes import axis_importance as axis_importance
    from dse.report.memory_picture import check_memory_picture as check_memory_picture
    from dse.report.memory_picture import draw_memory as draw_memory
    from dse.report.memory_picture import draw_memory_plainly as draw_memory_plainly
    from dse.report.pages import Chart as Chart
    from dse.report.pages import DataTable as DataTable
    from dse.report.pages import Facts as Facts
    from dse.report.pages import Paragraph as Paragraph
    from dse.report.pages import ReportPage as ReportPage
    from dse.report.pages import ReportPart as ReportPart
    from dse.report.pages import ReportSection as ReportSection
    from dse.report.pages import Share as Share
    from dse.report.pages import Shares as Shares
    from dse.report.pages import SourceText as SourceText
    from dse.report.pages import TableCell as TableCell
    from dse.report.pages import page_assets as page_assets
    from dse.report.pages import rendered_report as rendered_report
    from dse.report.pages import rendered_section as rendered_section
    from dse.report.pages import rendered_shell as rendered_shell
    from dse.report.picture_file import check_can_draw as check_can_draw
    from dse.report.picture_file import write_picture as write_picture
    from dse.report.plain_images import draw_history_plainly as draw_history_plainly
    from dse.report.plain_images import draw_pareto_plainly as draw_pareto_plainly
    from dse.report.rank_correlation import RankMatrix as RankMatrix
    from dse.report.rank_correlation import RankMethod as RankMethod
    from dse.report.rank_correlation import rank_matrix as rank_matrix
    from dse.report.regret_picture import check_picture as check_picture
    from dse.report.regret_picture import draw_regret as draw_regret
    from dse.report.regret_picture import draw_regret_plainly as draw_regret_plainly
    from dse.report.thinning import thinned as thinned

_HOMES = {
    "dse.report.best_so_far": ("SearchHistory",),
    "dse.report.error_distributions": ("ErrorDistribution", "error_distribution"),
    "dse.report.figures": (
        *("CountedRange", "Direction", "DrawnBlock", "ParetoCloud", "PlottedColumn"),
        *("RooflinePoint", "column_of", "correlation_figure", "distribution_figure", "edf_figure"),
        *("history_figure", "importance_figure", "lines", "network_figure", "parallel_figure"),
        *("pareto_figure", "peak_text", "ranges_figure", "regret_figure", "roofline_figure"),
        *("safe_text", "scatter_figure", "timeline_figure", "told"),
    ),
    "dse.report.good_axis_ranges": ("GoodRange", "good_ranges"),
    "dse.report.importance_of_axes": ("Method", "axis_importance"),
    "dse.report.memory_picture": ("check_memory_picture", "draw_memory", "draw_memory_plainly"),
    "dse.report.pages": (
        *("Chart", "DataTable", "Facts", "Paragraph", "ReportPage", "ReportPart", "ReportSection"),
        *("Share", "Shares", "SourceText", "TableCell", "page_assets", "rendered_report"),
        *("rendered_section", "rendered_shell"),
    ),
    "dse.report.picture_file": ("check_can_draw", "write_picture"),
    "dse.report.plain_images": ("draw_history_plainly", "draw_pareto_plainly"),
    "dse.report.rank_correlation": ("RankMatrix", "RankMethod", "rank_matrix"),
    "dse.report.regret_picture": ("check_picture", "draw_regret", "draw_regret_plainly"),
    "dse.report.thinning": ("thinned",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
