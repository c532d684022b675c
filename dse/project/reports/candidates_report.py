"""The report of the candidates that meet a condition, whatever stored them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dse.project.plots import is_score_of, plot_correlation, plot_pareto
from dse.project.reports.report_kinds import SectionedReport, Sections
from dse.project.reports.report_sources import ReportStore
from dse.project.reports.report_tables import MOST_ROWS, table_of
from dse.project.store_access import asked, recorded_runs
from dse.report import Chart, Facts, Paragraph, ReportPart
from dse.store import measured_names, open_for_reading


@dataclass(frozen=True)
class CandidatesReport(SectionedReport):
    """The report of candidates of a store."""

    url: str
    where: str | None

    @property
    def title(self) -> str:
        """Above the page."""
        return f"Candidates with {self.where}" if self.where else "All candidates"

    @property
    def lead(self) -> str:
        """What it is about, in a sentence."""
        return "Candidates of the store, as they are stored."

    @property
    def sections(self) -> Sections:
        """What there is to tell, section by section."""
        return {
            "question": ("What was asked", self._question),
            "front": ("The front", self._front),
            "relations": ("What goes with what", self._relations),
            "candidates": ("The candidates", self._candidates),
            "provenance": ("Where they are from", self._provenance),
        }

    @cached_property
    def _total(self) -> int:
        return asked(self.url, self.where, ["id"], limit=1).total

    @cached_property
    def _measured(self) -> list[str]:
        return list(measured_names(open_for_reading(self.url)))

    def _question(self) -> Iterable[ReportPart]:
        yield Facts(
            (
                ("condition", self.where or "none: all of the store"),
                ("candidates", f"{self._total:,}"),
                ("measured", ", ".join(self._measured) or "nothing"),
            )
        )
        found = asked(self.url, self.where, group_by="family")
        yield table_of("By family", found.rows, found.columns, found.units)
        yield from (Paragraph(note) for note in found.notes)

    def _goal(self) -> tuple[list[str], list[str]]:
        """Return what is to be small, and what large."""
        if not self._measured:
            return ["macs"], ["params"]
        name = self._measured[0]
        return (["macs"], [name]) if is_score_of(self.url, name) else (["macs", name], [])

    def _front(self) -> Iterable[ReportPart]:
        least, most = self._goal()
        figure = plot_pareto(ReportStore(self.url), least, most, self.where)
        told = " and ".join([f"small {n}" for n in least] + [f"large {n}" for n in most])
        yield Chart(figure, f"Candidates that no other one beats in {told}.")

    def _relations(self) -> Iterable[ReportPart]:
        figure = plot_correlation(ReportStore(self.url), (), self.where)
        yield Chart(figure, "Rank correlation of costs and measurements, pair by pair.")

    def _candidates(self) -> Iterable[ReportPart]:
        found = asked(self.url, self.where, limit=MOST_ROWS)
        columns = [name for name in found.columns if name != "key"]
        yield table_of(
            "Candidates", found.rows, columns, found.units, found.total, once=found.settings
        )

    def _provenance(self) -> Iterable[ReportPart]:
        columns = ("id", "command", "started", "finished", "outcome", "host", "candidates")
        yield table_of("Runs", recorded_runs(self.url), columns)
