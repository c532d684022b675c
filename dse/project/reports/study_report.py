"""The report of a study: what was asked, the answer, the front, how it went, and from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dse.costs import COSTS
from dse.errors import DseError
from dse.project.plots import plot_history, plot_pareto
from dse.project.reports.report_kinds import SectionedReport, Sections
from dse.project.reports.report_sources import (
    ReportStore,
    bounds_of,
    budget_text,
    provenance_of,
)
from dse.project.reports.report_tables import table_of
from dse.project.reports.study_answer import FoundCandidate, StudyAnswer, study_answer
from dse.project.store_access import Trials, recorded_study, recorded_trials
from dse.report import Chart, Facts, Paragraph, ReportPart, Share, Shares, network_figure
from dse.shown_values import shown_value
from dse.store import StoredStudy, find_run, find_study, get_candidate, open_for_reading


@dataclass(frozen=True)
class StudyReport(SectionedReport):
    """The report of one study."""

    url: str
    study: StoredStudy
    allow: tuple[str, ...] = ()

    @classmethod
    def of(cls, url: str, id: int, allow: tuple[str, ...] = ()) -> StudyReport:
        """Return the report of a study of a store.

        Raises:
            DseError: for an unknown study.
        """
        return cls(url, find_study(open_for_reading(url), id), allow)

    @property
    def title(self) -> str:
        """Above the page."""
        return f"Study {self.study.id}: {self.study.name}"

    @property
    def lead(self) -> str:
        """What it is about, in a sentence."""
        goals = " and ".join(f"{each['direction']} {_name(each)}" for each in self._goals)
        within = budget_text(self._budget)
        return f"{goals} over {self.study.family}" + (
            f" within {within}" if within != "none" else ""
        )

    @property
    def sections(self) -> Sections:
        """What there is to tell, section by section."""
        return {
            "question": ("What was asked", self._question),
            "answer": ("The answer", self._answer),
            "front": ("The front", self._front),
            "course": ("How it went", self._course),
            "space": ("The space", self._space),
            "trials": ("All evaluations", self._all_trials),
            "provenance": ("Where it is from", self._provenance),
        }

    @property
    def _goals(self) -> list[Mapping[str, Any]]:
        return list(self.study.content.get("goals", ()))

    @property
    def _budget(self) -> Mapping[str, Any]:
        return dict(self.study.content.get("budget") or {})

    @cached_property
    def _trials(self) -> Trials:
        return recorded_trials(self.study.id, self.url)

    def _question(self) -> Iterable[ReportPart]:
        content = self.study.content
        facts = {
            "goal": "; ".join(f"{each['direction']} {_name(each)}" for each in self._goals),
            "budget": budget_text(self._budget),
            "family": self.study.family,
            "evaluations wanted": f"{self.study.trials:,}",
            "sampler": str((content.get("sampler") or {}).get("_target_", "")).rpartition(".")[2],
            "seed": str(content.get("seed")),
            **{f"cost.{name}": str(value) for name, value in (content.get("cost") or {}).items()},
        }
        yield Facts(tuple((name, text) for name, text in facts.items() if text))

    def _answer(self) -> Iterable[ReportPart]:
        intervals, _ = bounds_of(self._budget)
        found = study_answer(self.url, self.study, intervals)
        if not found.best:
            yield Paragraph("No evaluation has come to an end within the budget yet.")
            return
        yield Paragraph(self._told(found))
        rows = [self._candidate(each) for each in found.best]
        yield from self._shares(rows[0])
        yield table_of("The front" if len(self._goals) > 1 else "The best", rows)
        yield from self._network(found.best[0].id)

    def _told(self, found: StudyAnswer) -> str:
        """Return in words what the answer is."""
        exactly = " It was worked out over the whole space." if self._is_exact else ""
        if len(self._goals) > 1:
            told = f"{len(found.best):,} candidates make the front of {found.number:,}"
            first = f"the first of them, {found.best[0].id}, is shown below"
            return f"{told}: none is beaten in all goals by another one; {first}.{exactly}"
        best = f"Candidate {found.best[0].id} is the best"
        return f"{best} of {found.number:,} that were evaluated.{exactly}"

    @property
    def _is_exact(self) -> bool:
        return bool(self.study.content.get("answers"))

    def _candidate(self, found: FoundCandidate) -> dict[str, Any]:
        """Return a candidate with what was measured of it, its settings and its costs."""
        engine = open_for_reading(self.url)
        row = get_candidate(engine, found.id).row
        engine.dispose()
        costs = {} if row.costs is None else row.costs.as_dict()
        return {"id": found.id, **found.measured, **row.settings, **costs}

    def _shares(self, row: Mapping[str, Any]) -> Iterable[ReportPart]:
        intervals, texts = bounds_of(self._budget)
        shares = []
        for name, (low, high) in intervals.items():
            value = row.get(name)
            bound = low if high is None else high
            if value is None or not bound:
                continue
            holds = (low is None or value >= low) and (high is None or value <= high)
            shown = shown_value(name, value), shown_value(name, _whole(bound))
            shares.append(Share(name, *shown, value / bound, holds))
        if shares:
            yield Shares(tuple(shares))
        for text in texts:
            yield Paragraph(f"Beside these bounds: {text}")

    def _network(self, id: int) -> Iterable[ReportPart]:
        # What builds networks takes long to load, and other sections do without.
        from dse.project.plots import drawn_network

        try:
            network = drawn_network(ReportStore(self.url), id, None, self.allow)
        except DseError as error:
            yield Paragraph(f"Its layers are not shown: {error}")
            return
        told = f"The blocks of candidate {id} with what each costs; as numbers in the table below."
        yield Chart(network_figure(network.blocks, network.costs, network.name), told)
        yield table_of("Its blocks", network.rows())

    def _front(self) -> Iterable[ReportPart]:
        least: list[str] = []
        most: list[str] = []
        for goal in self._goals:
            (most if goal["direction"] == "maximize" else least).append(_name(goal))
        if len(self._goals) == 1:
            bounded = [name for name in bounds_of(self._budget)[0] if name in COSTS]
            beside = next(
                (n for n in (*bounded, "macs", "params") if n not in (*least, *most)), "macs"
            )
            least = [beside, *least]
        figure = plot_pareto(
            ReportStore(self.url),
            least[:3],
            most[: 3 - len(least[:3])],
            f"study = {self.study.id}",
            budget=bounds_of(self._budget)[0] and self._bounded([*least, *most]),
        )
        told = " and ".join([f"small {n}" for n in least] + [f"large {n}" for n in most])
        yield Chart(figure, f"Candidates that no other one beats in {told}, among all evaluated.")

    def _bounded(self, names: list[str]) -> dict[str, Any]:
        return {
            name: list(interval)
            for name, interval in bounds_of(self._budget)[0].items()
            if name in names
        }

    def _course(self) -> Iterable[ReportPart]:
        row = recorded_study(self.study.id, self.url)
        states = ("done", "failed", "pruned", "running", "claimed", "waiting", "workers")
        yield Facts(tuple((name, f"{row[name]:,}") for name in states if row.get(name)))
        yield Chart(
            plot_history(ReportStore(self.url), self.study.id),
            "The best value so far, evaluation by evaluation.",
        )
        failed = [each for each in self._trials.rows if each.get("error")]
        if failed:
            columns = ("number", "id", "state", "attempt", "host", "device", "error")
            yield table_of("What failed", failed, columns)

    def _space(self) -> Iterable[ReportPart]:
        from dse.project.plots import distribution_bars, distribution_of_bars
        from dse.project.requests import stored_space
        from dse.space import BlockSpace

        space = stored_space(self.study.run_id, self.url, self.allow).with_store(self.url)
        facts = [("family", space.family), ("points", f"{space.size:,}")]
        yield Facts((*facts, ("axes and exclusions", str(space))))
        if not isinstance(space.design, BlockSpace):
            yield Paragraph("Its networks are models of a callable, whose costs are no sums.")
            return
        intervals = bounds_of(self._budget)[0]
        for cost in [name for name in intervals if name in COSTS][:2] or ["macs"]:
            if COSTS[cost].composes != "sum":
                continue
            bars = distribution_bars(space, cost, 40)
            figure = distribution_of_bars(space, cost, bars, self._bounded([cost]))
            told = f"How many of all networks of the space have how much of {cost}; none is drawn."
            yield Chart(figure, told)

    def _all_trials(self) -> Iterable[ReportPart]:
        hidden = {"claimed", "started", "ended", "process", "run", "attempt"}
        rows = [{k: v for k, v in row.items() if k not in hidden} for row in self._trials.rows]
        yield table_of("Evaluations", rows)

    def _provenance(self) -> Iterable[ReportPart]:
        yield from provenance_of(find_run(open_for_reading(self.url), self.study.run_id))


def _name(goal: Mapping[str, Any]) -> str:
    """Return a goal as an expression over what was measured."""
    weights: Mapping[str, float] = goal["weights"]
    return " + ".join(
        name if weight == 1 else f"{weight:g} * {name}" for name, weight in weights.items()
    )


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value
