"""What came of a search: its best candidates, its front and all of its trials."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars

from dse.costs import COSTS, Costs
from dse.html_tables import html_facts, html_panel
from dse.language import numbered
from dse.project.frames import frame_of
from dse.search import (
    Evaluated,
    SearchResult,
    Step,
    front_of,
    made_tracker,
    tracked_study,
    tracked_trial,
)
from dse.shown_values import html_rows, shown_value
from dse.space import Budget, by_axis

WIDEST = 16
"""Settings that a table has columns for."""

_COSTS = ("params", "macs", "peak_memory")
"""Costs that each row has, beside those that are goals."""


@dataclass(frozen=True, repr=False)
class Study:
    """A search that was run."""

    run: int
    """The id of its run in the store."""
    result: SearchResult
    """What was evaluated, with the pool of candidates, the objective and what was proven."""
    budget: Budget
    """The bounds on costs."""
    number: int = 5
    """Candidates that `best` tells."""

    def __repr__(self) -> str:
        """Return a line that a notebook has room for; the frames hold the rest."""
        done = numbered(len(self.result.evaluations), "candidate")
        return f"<study {self.id} of {self.name}: {done} evaluated; best, front, trials>"

    def _repr_html_(self) -> str:
        """Return what was searched for and the best of it."""
        result, goals = self.result, self.result.objective.goals
        came = Counter(_outcome(each) for each in result.evaluations)
        if result.warm:
            came["known beforehand"] = len(result.warm)
        facts = {
            "goal": ", ".join(f"{goal.direction} {goal.name}" for goal in goals),
            "budget": str(self.budget),
            "candidates": f"{len(result.pool.keys):,} within the budget",
            "evaluated": ", ".join(f"{number:,} {outcome}" for outcome, number in came.items()),
        }
        found = front_of(result) if len(goals) > 1 else result.best(self.number)
        rows = html_rows([self.row(each) for each in found])
        told = "the front" if len(goals) > 1 else "the best"
        title = f"Study {self.id} of {self.name}"
        return html_panel(title, html_facts(facts), html_panel(told, rows))

    @property
    def id(self) -> int:
        """The id of the study in the store."""
        return self.result.study

    @property
    def name(self) -> str:
        """The family and the objective."""
        return f"{self.result.family.name}: {self.result.objective.name}"

    @property
    def best(self) -> polars.DataFrame:
        """The best candidates by the first goal, the best first."""
        return frame_of([self.row(each) for each in self.result.best(self.number)])

    @property
    def front(self) -> polars.DataFrame:
        """The evaluations that none dominates, in the order of the first goal."""
        return frame_of([self.row(each) for each in front_of(self.result)])

    @property
    def steps(self) -> polars.DataFrame:
        """The best candidate within each of the bounds of `steps`; empty without such."""
        result = self.result
        steps = () if result.solved is None else result.solved.steps
        by_key = {each.point.key: each for each in (*result.warm, *result.evaluations)}
        keys = result.pool.keys.tolist()
        rows = []
        for step in steps:
            best = None if step.place is None else by_key.get(keys[step.place])
            found = "none" if best is None else _found(step)
            row = {} if best is None else self.row(best)
            rows.append({f"max({step.bound.cost})": step.bound.high, "found": found, **row})
        return frame_of(rows)

    @property
    def trials(self) -> polars.DataFrame:
        """Every evaluation in order, with how it came out; those known beforehand first."""
        known = [(each, "known") for each in self.result.warm]
        done = [(each, _outcome(each)) for each in self.result.evaluations]
        return frame_of(
            [
                {"trial": number, "outcome": outcome, **self.row(each), "error": each.error}
                for number, (each, outcome) in enumerate([*known, *done])
            ]
        )

    def row(self, evaluated: Evaluated) -> dict[str, Any]:
        """Return a candidate with what was measured, its settings and its costs."""
        costs = evaluated.point.costs
        assert isinstance(costs, Costs)
        goals = dict(zip(self._goals, evaluated.values or [], strict=False))
        measured = {
            # A cost is as exact as it is anywhere else.
            name: costs[name] if name in COSTS else value
            for name, value in {**goals, **evaluated.numbers}.items()
        }
        return {
            "id": evaluated.candidate_id,
            **{name: value for name, value in measured.items() if name not in _COSTS},
            **self._spread(evaluated),
            **self._shown(evaluated),
            **{name: costs[name] for name in _COSTS},
            **{n: v for n, v in costs.declared if n not in measured},
        }

    @property
    def _goals(self) -> list[str]:
        return [goal.name for goal in self.result.objective.goals]

    def _spread(self, evaluated: Evaluated) -> dict[str, Any]:
        """Return the standard deviation of each goal over the replicates, and their number."""
        spread = evaluated.spread
        if spread is None:
            return {}
        named = zip(self._goals, spread.squares, strict=True)
        deviations = {f"std({name})": (s / (spread.replicates - 1)) ** 0.5 for name, s in named}
        return {**deviations, "replicates": spread.replicates}

    def _shown(self, evaluated: Evaluated) -> dict[str, Any]:
        """Return the settings of a candidate that make a difference to it.

        The many of an axis that layers have are one text, with a dash where there is no layer.
        """
        point, family = evaluated.point, self.result.family
        settings = point.settings if point.candidate is None else point.candidate.settings
        if len(point.settings) + len(point.training) <= WIDEST:
            return {**settings, **point.training}
        axes = by_axis(family, settings)

        def told(column: str) -> str:
            return shown_value(column, settings[column]) if column in settings else "–"

        return {
            axis: " ".join(told(column) for column in family.columns(axis))
            if isinstance(value, list)
            else value
            for axis, value in axes.items()
        } | dict(point.training)

    def write(self, place: str, tool: str = "to_optuna") -> str:
        """Write the study into another tool; what that holds already stays as it is.

        Args:
            place: where the tool is, such as `sqlite:///optuna.db`.
            tool: the key of a search's config under which it is named.

        Returns:
            the name of the study there.

        Raises:
            DseError: for a tool that cannot be written to.
        """
        result = self.result
        tracker = made_tracker(tool, place)
        tracker.begin(tracked_study(self.id, self.name, result.objective, result.pool, {}))
        for each in (*result.warm, *result.evaluations):
            told = tracked_trial(each.point, each.candidate_id, None, each.verdict)
            tracker.trial_ended(told)
        tracker.end()
        return self.name


def _found(step: Step) -> str:
    return "proven" if step.is_proven else "not proven"


def _outcome(evaluated: Evaluated) -> str:
    if evaluated.is_pruned:
        return "pruned"
    return "failed" if evaluated.values is None else "done"
