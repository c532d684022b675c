"""The report of a whole store: what runs, which studies there are, and what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dse.configs import without_passwords
from dse.project.reports.report_kinds import SectionedReport, Sections
from dse.project.reports.report_tables import table_of
from dse.project.store_access import asked, recorded_runs, recorded_studies
from dse.report import Facts, Paragraph, ReportPart

_RUN = ("id", "command", "outcome", "done", "total", "left", "failed", "started", "finished")
_STUDY = ("id", "name", "trials", "done", "failed", "pruned", "running", "waiting", "workers")


@dataclass(frozen=True)
class OverviewReport(SectionedReport):
    """The report of a store."""

    url: str

    @property
    def title(self) -> str:
        """Above the page."""
        return without_passwords(self.url)

    @property
    def lead(self) -> str:
        """What it is about, in a sentence."""
        return "What runs, which studies there are, and what the store holds."

    @property
    def sections(self) -> Sections:
        """What there is to tell, section by section."""
        return {
            "studies": ("Studies", self._studies),
            "runs": ("Runs", self._runs),
            "contents": ("Candidates", self._contents),
        }

    def _studies(self) -> Iterable[ReportPart]:
        rows = recorded_studies(self.url)
        yield table_of("Studies", rows, _STUDY) if rows else Paragraph("There is no study.")

    def _runs(self) -> Iterable[ReportPart]:
        yield table_of("Runs", recorded_runs(self.url), _RUN)

    def _contents(self) -> Iterable[ReportPart]:
        found = asked(self.url, group_by="family")
        yield Facts((("candidates", f"{sum(row['count'] for row in found.rows):,}"),))
        yield table_of("By family", found.rows, found.columns, found.units)
