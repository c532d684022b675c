"""Which report is meant, and a report as one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dse.errors import DseError
from dse.files import written_whole
from dse.project.reports.candidates_report import CandidatesReport
from dse.project.reports.comparison_report import ComparisonReport
from dse.project.reports.report_kinds import SectionedReport, page_of_report
from dse.project.reports.study_report import StudyReport
from dse.project.store_access import recorded_studies
from dse.report import rendered_report
from dse.store import check_condition, open_for_reading


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
    if study is not None and (where is not None or compare):
        raise DseError("a report is of a study, or of candidates: leave out study, or the others")
    for condition in (*compare, *([] if where is None else [where])):
        check_condition(open_for_reading(url), condition)
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
    with written_whole(path) as part:
        part.write_text(content, encoding="utf-8")


def check_report_file(path: Path) -> None:
    """Refuse a file that is no page, before anything is worked out.

    Raises:
        DseError: for another ending than `.html`.
    """
    if path.suffix.lower() not in (".html", ".htm"):
        raise DseError(f"{path}: a report is a page; name it like report.html")
