"""Reports of studies, of candidates and of groups of these, section by section.

A report is made whole as one file, or section by section where it is served.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.reports.chosen_report import report_of as report_of
    from dse.project.reports.chosen_report import write_report as write_report
    from dse.project.reports.live_pages import LivePages as LivePages
    from dse.project.reports.live_server import LiveServer as LiveServer
    from dse.project.reports.report_kinds import page_of_report as page_of_report

_HOMES = {
    "dse.project.reports.chosen_report": ("report_of", "write_report"),
    "dse.project.reports.live_pages": ("LivePages",),
    "dse.project.reports.live_server": ("LiveServer",),
    "dse.project.reports.report_kinds": ("page_of_report",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
