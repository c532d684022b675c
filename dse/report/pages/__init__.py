"""Pages of HTML that tell what was found: what stands on them, and how that becomes one file."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.report.pages.report_content import Chart as Chart
    from dse.report.pages.report_content import DataTable as DataTable
    from dse.report.pages.report_content import Facts as Facts
    from dse.report.pages.report_content import Paragraph as Paragraph
    from dse.report.pages.report_content import ReportPage as ReportPage
    from dse.report.pages.report_content import ReportPart as ReportPart
    from dse.report.pages.report_content import ReportSection as ReportSection
    from dse.report.pages.report_content import Share as Share
    from dse.report.pages.report_content import Shares as Shares
    from dse.report.pages.report_content import SourceText as SourceText
    from dse.report.pages.report_content import TableCell as TableCell
    from dse.report.pages.report_html import page_assets as page_assets
    from dse.report.pages.report_html import rendered_report as rendered_report
    from dse.report.pages.report_html import rendered_section as rendered_section
    from dse.report.pages.report_html import rendered_shell as rendered_shell

_HOMES = {
    "dse.report.pages.report_content": (
        *("Chart", "DataTable", "Facts", "Paragraph", "ReportPage", "ReportPart"),
        *("ReportSection", "Share", "Shares", "SourceText", "TableCell"),
    ),
    "dse.report.pages.report_html": (
        *("page_assets", "rendered_report", "rendered_section", "rendered_shell"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
