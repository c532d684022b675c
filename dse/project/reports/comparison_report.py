"""The report of groups of candidates beside each other, such as those of two design spaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dse.errors import DseError
from dse.project.plots import plot_edf, read_candidate_columns
from dse.project.reports.report_kinds import SectionedReport, Sections
from dse.project.reports.report_sources import ReportStore
from dse.project.reports.report_tables import table_of
from dse.project.store_access import recorded_runs
from dse.report import Chart, DataTable, Facts, ReportPart, TableCell
from dse.shown_values import shown_value
from dse.store import measured_names, open_for_reading

Floats = npt.NDArray[np.float64]
_COSTS = ("params", "macs", "activations", "peak_memory")


@dataclass(frozen=True)
class ComparisonReport(SectionedReport):
    """The report of two or more groups of candidates, a condition each."""

    url: str
    groups: tuple[str, ...]
    where: str | None = None

    def __post_init__(self) -> None:
        """Check that there is something to compare.

        Raises:
            DseError: for less than two groups.
        """
        if len(set(self.groups)) < 2:
            raise DseError(
                "compare: two or more conditions, such as \"family = 'a'\" \"family = 'b'\""
            )

    @property
    def title(self) -> str:
        """Above the page."""
        return " beside ".join(self.groups)

    @property
    def lead(self) -> str:
        """What it is about, in a sentence."""
        return f"{len(self.groups)} groups of candidates" + (
            f" with {self.where}" if self.where else ""
        )

    @property
    def sections(self) -> Sections:
        """What there is to tell, section by section."""
        return {
            "question": ("What was asked", self._question),
            "numbers": ("The groups in numbers", self._numbers),
            "distributions": ("Which is better as a whole", self._distributions),
            "provenance": ("Where they are from", self._provenance),
        }

    def _condition(self, group: str) -> str:
        return group if self.where is None else f"({self.where}) and ({group})"

    def _measured(self) -> list[str]:
        return list(measured_names(open_for_reading(self.url)))

    def _question(self) -> Iterable[ReportPart]:
        rows = [(f"group {number}", text) for number, text in enumerate(self.groups, start=1)]
        yield Facts((*rows, *([("of all", self.where)] if self.where else [])))

    def _numbers(self) -> Iterable[ReportPart]:
        names = [*_COSTS, *self._measured()]
        rows = [
            self._row(group, name, read.numbers(name))
            for group in self.groups
            for read in [read_candidate_columns(self.url, names, self._condition(group))]
            for name in names
        ]
        columns = ("group", "number", "candidates", "least", "median", "greatest")
        told = tuple(row for row in rows if row is not None)
        yield DataTable("Least, median and greatest", columns, told)

    def _row(self, group: str, name: str, values: Floats) -> tuple[TableCell, ...] | None:
        values = values[np.isfinite(values)]
        if not len(values):
            return None
        ends = np.quantile(values, (0, 0.5, 1), method="closest_observation").tolist()
        return (
            TableCell(group),
            TableCell(name),
            TableCell(f"{len(values):,}", len(values)),
            *(TableCell(shown_value(name, each), each) for each in ends),
        )

    def _distributions(self) -> Iterable[ReportPart]:
        for name in self._measured() or ["macs"]:
            figure = plot_edf(
                ReportStore(self.url), name, self.where, groups=self.groups, title=name
            )
            told = (
                f"What share of each group is better than any value of {name}, with what chance "
                "leaves open; the number of candidates stands behind each name."
            )
            yield Chart(figure, told)

    def _provenance(self) -> Iterable[ReportPart]:
        columns = ("id", "command", "started", "finished", "outcome", "host", "candidates")
        yield table_of("Runs", recorded_runs(self.url), columns)
