"""What every report is: named sections, each worked out by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping

from dse.errors import DseError
from dse.report import (
    Paragraph,
    ReportPage,
    ReportPart,
    ReportSection,
)

Sections = Mapping[str, tuple[str, Callable[[], Iterable[ReportPart]]]]
"""By key, in order: the heading of a section, and what gives its parts."""


class SectionedReport(ABC):
    """A report, of which each section can be worked out by itself."""

    @property
    @abstractmethod
    def title(self) -> str:
        """Above the page."""

    @property
    @abstractmethod
    def lead(self) -> str:
        """What it is about, in a sentence."""

    @property
    @abstractmethod
    def sections(self) -> Sections:
        """What there is to tell, section by section."""

    def section(self, key: str) -> ReportSection:
        """Return a section; why it could not be worked out is told in it.

        Args:
            key: one of `sections`.
        """
        heading, work_out = self.sections[key]
        parts: tuple[ReportPart, ...]
        try:
            parts = tuple(work_out())
        except DseError as error:
            parts = (Paragraph(f"Not shown: {error}"),)
        return ReportSection(key, heading, parts or (Paragraph("Nothing yet."),))


def page_of_report(report: SectionedReport) -> ReportPage:
    """Return a report as a page with all its sections."""
    return ReportPage(
        report.title, report.lead, tuple(report.section(key) for key in report.sections)
    )
