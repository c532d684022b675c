"""Sections of reports for a server: worked out beside the requests, which never wait for long."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from dse.errors import DseError, nearest
from dse.project.reports.candidates_report import CandidatesReport
from dse.project.reports.overview_report import OverviewReport
from dse.project.reports.report_kinds import SectionedReport
from dse.project.reports.study_report import StudyReport
from dse.project.store_access import recorded_studies
from dse.report import Paragraph, ReportPage, ReportSection, rendered_section, rendered_shell
from dse.store import check_condition, open_for_reading, store_moment

_PATIENCE = 0.1
"""Seconds that a request waits for a section that was never worked out."""
_BETWEEN = 1.0
"""Seconds between two looks at whether the store has changed."""
_REST = 3.0
"""A section that took so long is worked out again after so many times as long, at the earliest."""


@dataclass(frozen=True)
class _Made:
    html: str
    known: str
    """What the content is known by."""
    moment: str
    """Of the store."""
    seconds: float
    ended: float


class LivePages:
    """The pages of a store, which is only read.

    Args:
        url: of the store.
        allow: modules of yours that pages may name.

    Raises:
        DseError: for a store that there is not, or that is no store.
    """

    def __init__(self, url: str, allow: tuple[str, ...] = ()) -> None:
        self.url, self.allow = url, allow
        self._engine = open_for_reading(url)
        self._worker = ThreadPoolExecutor(1, "report")
        self._lock = threading.Lock()
        self._made: dict[str, _Made] = {}
        """By where each section is asked for."""
        self._pending: dict[str, Future[None]] = {}
        self._moment = (store_moment(self._engine), time.monotonic())

    def close(self) -> None:
        """End what is being worked out."""
        self._worker.shutdown(cancel_futures=True)
        self._engine.dispose()

    def page(self, path: str, where: str | None = None) -> str:
        """Return a page, whose sections are asked for one by one.

        Args:
            path: `/`, `/candidates` or `/studies/ID`.
            where: a condition on candidates.

        Raises:
            DseError: for another path, an unknown study, or a malformed condition.
        """
        report = self._report(path, where)
        sections = tuple(
            ReportSection(key, heading, ()) for key, (heading, _) in report.sections.items()
        )
        places = {key: _place_of(path, key, where) for key in report.sections}
        page = ReportPage(report.title, report.lead, sections, self._links())
        return rendered_shell(page, places)

    def section(self, path: str, key: str, where: str | None, known: str) -> str | None:
        """Return a section as HTML; None where it is still what the reader has.

        Args:
            path: of its page.
            key: of the section.
            where: a condition on candidates.
            known: what the reader's is known by; empty for nothing.

        Raises:
            DseError: as for `page`, and for an unknown section.
        """
        report = self._report(path, where)
        if key not in report.sections:
            raise DseError(f"section: unknown {key!r}; {nearest(key, report.sections)}")
        place = _place_of(path, key, where)
        made = self._latest(place, key, report)
        if made is not None:
            return None if made.known == known else made.html
        heading = report.sections[key][0]
        waiting = ReportSection(key, heading, (Paragraph("being worked out …"),))
        return rendered_section(waiting, place, is_pending=True)[0]

    def _latest(self, place: str, key: str, report: SectionedReport) -> _Made | None:
        """Return a section as it was last worked out, and have it worked out if it is outdated."""
        moment = self._moment_now()
        with self._lock:
            made = self._made.get(place)
            is_current = made is not None and made.moment == moment
            rests = made is not None and time.monotonic() - made.ended < _REST * made.seconds
            if not is_current and not rests and place not in self._pending:
                work = partial(self._work_out, place, key, report, moment)
                self._pending[place] = self._worker.submit(work)
            pending = self._pending.get(place)
        if made is None and pending is not None:
            wait([pending], _PATIENCE)
            made = self._made.get(place)
        return made

    def _work_out(self, place: str, key: str, report: SectionedReport, moment: str) -> None:
        begun = time.monotonic()
        try:
            html, known = rendered_section(report.section(key), place)
            ended = time.monotonic()
            with self._lock:
                self._made[place] = _Made(html, known, moment, ended - begun, ended)
        finally:
            with self._lock:
                self._pending.pop(place, None)

    def _moment_now(self) -> str:
        moment, looked = self._moment
        if time.monotonic() - looked >= _BETWEEN:
            moment = store_moment(self._engine)
            self._moment = (moment, time.monotonic())
        return moment

    def _report(self, path: str, where: str | None) -> SectionedReport:
        if path == "/":
            return OverviewReport(self.url)
        if path == "/candidates":
            if where:
                check_condition(self._engine, where)
            return CandidatesReport(self.url, where or None)
        id = path.removeprefix("/studies/")
        if not path.startswith("/studies/") or not id.isdecimal():
            raise DseError(f"there is no page {path}")
        return StudyReport.of(self.url, int(id), self.allow)

    def _links(self) -> tuple[tuple[str, str], ...]:
        studies = recorded_studies(self.url)[:20]
        return (
            ("Overview", "/"),
            ("Candidates", "/candidates"),
            *((f"Study {row['id']}: {row['name']}", f"/studies/{row['id']}") for row in studies),
        )


def _place_of(path: str, key: str, where: str | None) -> str:
    base = "/overview" if path == "/" else path
    query = "" if where is None else f"?where={quote(where)}"
    return f"{base}/{key}{query}"
