"""Samplers side by side on tables of measured candidates: a request and its one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars

from dse.checked_numbers import check_counts
from dse.errors import DseError
from dse.html_tables import html_panel
from dse.project.contests.contest_curves import write_curves
from dse.project.contests.contest_samplers import SamplerPlaces, contestants_of
from dse.project.frames import frame_of
from dse.project.told_progress import Progress, silent
from dse.search import (
    Bounds,
    Case,
    Curve,
    MeasuredTable,
    Ranks,
    Summary,
    TableColumns,
    compare,
    parse_bounds,
    rank_samplers,
    read_measured,
    summarise,
)
from dse.shown_values import html_rows

CONTESTANTS = ("pool", "tpe", "plain_tpe", "nsga2", "evolution", "random")
"""The samplers that are compared unless others are named."""


@dataclass(frozen=True)
class Contest:
    """Which samplers are compared, on what and how."""

    files: tuple[Path, ...]
    """Tables: csv, json, jsonl or parquet."""
    columns: TableColumns
    """Which columns are what, in all of them."""
    budgets: tuple[str, ...] = ("",)
    """Conditions on the costs; `q20` in one is a quantile of a column over the rows of a table."""
    samplers: tuple[str, ...] = CONTESTANTS
    """Pages of `conf/sampler/`, dotted paths of classes, or `hub:` and the path of a package of
    OptunaHub; `plain_` before one lets Optuna's sampler propose by itself."""
    seeds: int = 20
    """Runs of each sampler at each budget of each table."""
    evaluations: int = 100
    """Of a run."""
    batch: int = 1
    """Candidates that are proposed before the sampler learns of any of them."""
    workers: int | None = None
    """Processes; by default one a processor."""
    config_dir: Path | None = None
    allow: tuple[str, ...] = ()
    hub: Path | None = None
    """A folder of OptunaHub packages."""

    def check(self) -> None:
        """Refuse what does not hold, before anything is read.

        Raises:
            DseError: for no table or sampler, columns that do not go together, or a number that is
                not positive.
        """
        if not self.files:
            raise DseError("compare: names no table")
        if not self.samplers:
            raise DseError("--samplers: names nothing")
        self.columns.check()
        counts = ("seeds", "evaluations", "batch", "workers")
        check_counts({key: getattr(self, key) for key in counts})

    @property
    def runs(self) -> int:
        """How many runs there are in all."""
        cases = len(set(self.files)) * len(set(self.budgets))
        return cases * len(set(self.samplers)) * self.seeds

    def cases(self) -> list[Case]:
        """Return each table with each budget, in the order in which they were named.

        Raises:
            DseError: for a table or a budget that does not hold.
        """
        names = table_names(self.files)
        found = []
        for file, name in names.items():
            table = read_measured(file, self.columns, name if len(names) > 1 else "")
            found += [Case(table, bounds) for bounds in self._bounds(table)]
        return found

    def _bounds(self, table: MeasuredTable) -> list[Bounds]:
        """Return the budgets on a table, each once.

        Raises:
            DseError: for two that differ, and that would be told in the same words.
        """
        found: dict[str, Bounds] = {}
        for text in self.budgets:
            bounds = parse_bounds(text, self.columns.costs, table.pool.costs)
            if found.setdefault(str(bounds), bounds) != bounds:
                raise DseError(f"--budget {text!r}: another one reads {bounds} as well")
        return list(found.values())


def table_names(files: Sequence[Path]) -> dict[Path, str]:
    """Return what tables are called: their files, without folder and ending where that suffices."""
    times = Counter(file.stem for file in dict.fromkeys(files))
    return {file: file.stem if times[file.stem] == 1 else str(file) for file in files}


@dataclass(frozen=True)
class Contested:
    """What came of a comparison."""

    curves: tuple[Curve, ...]
    """By table, budget, sampler and seed, in the order in which they were named."""

    def summaries(self, at: Sequence[int]) -> list[Summary]:
        """Return the regret of each sampler at each budget of each table.

        Args:
            at: evaluations after which the regret is told.
        """
        return summarise(self.curves, sorted(set(at)))

    def rows(self, at: Sequence[int]) -> list[dict[str, Any]]:
        """Return a row for each table, budget and sampler: mean regrets, errors and medians.

        A regret that there is not, as a run found no candidate within the bounds, is None; the
        column `not_found`, which is there where that happened, counts these runs.

        Args:
            at: evaluations after which the regret is told.
        """
        summaries = self.summaries(at)
        several = len({each.table for each in summaries}) > 1
        is_missed = any(each.missing for each in summaries)
        rows: dict[tuple[str, str, str], dict[str, Any]] = {}
        for each in summaries:
            first = {"table": each.table} if several else {}
            named = {**first, "budget": each.bounds, "sampler": each.sampler}
            row = rows.setdefault((each.table, each.bounds, each.sampler), named)
            if is_missed:
                row["not_found"] = each.missing
            for what in ("mean", "error", "median"):
                value = getattr(each, what)
                key = "after" if what == "mean" else what
                row[f"{key}_{each.evaluations}"] = None if value != value else round(value, 6)
        return list(rows.values())

    def ranks(self, at: int) -> Ranks | None:
        """Return the mean rank of each sampler over all budgets of all tables.

        Args:
            at: evaluations after which regrets are ranked.

        Returns:
            None of fewer than three samplers or two cases.
        """
        return rank_samplers(self.summaries([at]))

    def _repr_html_(self) -> str:
        last = max((len(curve.regret) for curve in self.curves), default=0)
        return html_panel("Regrets of samplers", html_rows(self.rows([last]) if last else []))

    def write_curves(self, path: str | Path) -> None:
        """Write a row for each evaluation of each run, as CSV, such as for `dse.plots.compare`.

        Raises:
            DseError: where the file cannot be written.
        """
        write_curves(self.curves, Path(path))

    def regrets(self, at: Sequence[int]) -> polars.DataFrame:
        """Return what `rows` does, as a frame."""
        return frame_of(self.rows(at))


def run_contest(contest: Contest, progress: Progress = silent) -> Contested:
    """Run every sampler at every budget of every table.

    Args:
        contest: what is compared.
        progress: told of the runs that are done.

    Raises:
        DseError: for anything in it that does not hold, before anything runs.
    """
    contest.check()
    cases = contest.cases()
    places = SamplerPlaces(contest.config_dir, contest.allow, contest.hub)
    contestants = contestants_of(contest.samplers, places, cases[0].table.known)
    total = len(cases) * len(contestants) * contest.seeds
    found: list[Curve] = []
    numbers = (contest.seeds, contest.evaluations, contest.batch, contest.workers)
    for curve in compare(cases, contestants, *numbers):
        found.append(curve)
        progress(len(found), total)
    names = [each.name for each in contestants]
    order = [(case.table.name, str(case.bounds)) for case in cases]
    found.sort(key=lambda c: (order.index((c.table, c.bounds)), names.index(c.sampler), c.seed))
    return Contested(tuple(found))
