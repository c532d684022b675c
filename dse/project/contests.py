"""Samplers side by side on a table of measured candidates: a request and its one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars

from dse.configs import find_page
from dse.errors import DseError
from dse.html_tables import html_panel
from dse.own_pages import read_page
from dse.project.contest_curves import write_curves
from dse.project.exploration import Progress, silent
from dse.project.frames import frame_of
from dse.project.sampler_config import read_sampler
from dse.search import (
    Contestant,
    Curve,
    compare,
    parse_bounds,
    read_measured,
    summarise,
)
from dse.shown_values import html_rows

PLAIN = "plain_"
CONTESTANTS = ("pool", "tpe", "plain_tpe", "nsga2", "evolution", "random")
"""The samplers that are compared unless others are named."""


@dataclass(frozen=True)
class Contest:
    """Which samplers are compared, on what and how."""

    file: Path
    """csv, json, jsonl or parquet."""
    value: str
    """The column to maximize."""
    costs: tuple[str, ...] = ()
    """Columns that are known beforehand."""
    axes: tuple[str, ...] = ()
    """Columns of the settings."""
    characters: str | None = None
    """In place of axes: a column of words, of which each character is an axis."""
    budgets: tuple[str, ...] = ("",)
    samplers: tuple[str, ...] = CONTESTANTS
    """Pages of `conf/sampler/`; `plain_` before one lets Optuna's sampler propose by itself."""
    seeds: int = 20
    """Runs of each sampler at each budget."""
    evaluations: int = 100
    """Of a run."""
    minimize: bool = False
    workers: int | None = None
    """Processes; by default one a processor."""
    config_dir: Path | None = None
    allow: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse what does not hold, before anything is read.

        Raises:
            DseError: for no sampler, a value that is known beforehand, or a number that is not
                positive.
        """
        if not self.samplers:
            raise DseError("--samplers: names nothing")
        if self.value in (*self.costs, *self.axes, self.characters):
            raise DseError(f"--value {self.value}: a cost or an axis, and known beforehand")
        for key in ("seeds", "evaluations"):
            if getattr(self, key) < 1:
                raise DseError(f"{key}: {getattr(self, key)} is not positive")


@dataclass(frozen=True)
class Contested:
    """What came of a comparison."""

    curves: tuple[Curve, ...]
    """By budget, sampler and seed, in the order in which they were named."""

    def rows(self, at: Sequence[int]) -> list[dict[str, Any]]:
        """Return a row for each budget and sampler: the mean regrets with standard errors.

        Args:
            at: evaluations after which the regret is told.
        """
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for each in summarise(list(self.curves), sorted(set(at))):
            row = rows.setdefault(
                (each.bounds, each.sampler), {"budget": each.bounds, "sampler": each.sampler}
            )
            row[f"after_{each.evaluations}"] = round(each.mean, 6)
            row[f"error_{each.evaluations}"] = round(each.error, 6)
        return list(rows.values())

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
    """Run every sampler at every budget.

    Args:
        contest: what is compared.
        progress: told of the runs that are done.

    Raises:
        DseError: for anything in it that does not hold, before anything runs.
    """
    contest.check()
    table = read_measured(
        contest.file,
        contest.value,
        contest.costs,
        contest.axes,
        contest.characters,
        contest.minimize,
    )
    budgets = [parse_bounds(text, contest.costs) for text in dict.fromkeys(contest.budgets)]
    contestants = [_contestant(name, contest) for name in dict.fromkeys(contest.samplers)]
    total = len(budgets) * len(contestants) * contest.seeds
    found: list[Curve] = []
    for curve in compare(
        table, budgets, contestants, contest.seeds, contest.evaluations, contest.workers
    ):
        found.append(curve)
        progress(len(found), total)
    names, bounds = list(contest.samplers), list(map(str, budgets))
    found.sort(key=lambda c: (bounds.index(c.bounds), names.index(c.sampler), c.seed))
    return Contested(tuple(found))


def _contestant(name: str, contest: Contest) -> Contestant:
    is_plain = name.startswith(PLAIN)
    content = _page(name.removeprefix(PLAIN), contest.config_dir)
    if is_plain and not str(content.get("_target_")).startswith("optuna."):
        raise DseError(f"--samplers: {name!r}: only samplers of Optuna propose from a whole grid")
    make = partial(read_sampler, content, contest.allow)
    make()
    return Contestant(name, make, is_plain)


def _page(name: str, config_dir: Path | None) -> dict[str, Any]:
    try:
        page = find_page(name, config_dir, "sampler")
    except DseError as error:
        raise DseError(f"--samplers: {error}") from error
    return read_page(page, "sampler").resolved
