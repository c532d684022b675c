"""What every report is: named sections, each worked out by itself; and a report as one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from dse.errors import DseError
from dse.report import (
    Paragraph,
    ReportPage,
    ReportPart,
    ReportSection,
    rendered_report,
    write_whole,
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


def report_of(
    url: str,
    study: int | None = None,
    where: str | None = None,
    compare: Sequence[str] = (),
    allow: Iterable[str] = (),
) -> SectionedReport:
    """Return the report of a study, of the candidates that meet a condition, or of groups of such.

    Args:
        url: of a store.
        study: its id; by default the latest, where no condition is given and there is one.
        where: which candidates.
        compare: a condition for each of two or more groups; `where` holds of all of them.
        allow: modules of yours that pages may name.

    Raises:
        DseError: for a store that there is not, an unknown study, and words that exclude each
            other.
    """
    from dse.project.reports.candidates_report import CandidatesReport
    from dse.project.reports.comparison_report import ComparisonReport
    from dse.project.reports.study_report import StudyReport
    from dse.project.study_listing import recorded_studies

    if study is not None and (where is not None or compare):
        raise DseError("a report is of a study, or of candidates: leave out study, or the others")
    if compare:
        return ComparisonReport(url, tuple(compare), where)
    if where is not None:
        return CandidatesReport(url, where)
    studies = recorded_studies(url)
    if study is None and not studies:
        return CandidatesReport(url, None)
    id = int(studies[0]["id"]) if study is None else study
    return StudyReport.of(url, id, tuple(allow))


def write_report(report: SectionedReport, path: Path) -> None:
    """Write a report as one file of HTML, whole or not at all.

    Raises:
        DseError: for another ending than `.html`, or where it cannot be written.
    """
    check_report_file(path)
    content = rendered_report(page_of_report(report))
    write_whole(path, lambda part: part.write_text(content, encoding="utf-8"))


def check_report_file(path: Path) -> None:
    """Refuse a file that is no page, before anything is worked out.

    Raises:
        DseError: for another ending than `.html`.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise DseError(f"{path}: a report is a page; name it like report.html")
