"""Samplers are compared by one call, which asks no store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dse.project.contests.contest_requests import Contested
    from dse.project.progress_bars import WantedProgress


Columns = str | Iterable[str]
"""A column, or several."""


class ContestCall:
    """What compares samplers."""

    def compare(
        self,
        file: str | Path | Iterable[str | Path],
        value: Columns,
        *,
        costs: Columns = (),
        axes: Columns = (),
        characters: str | None = None,
        budgets: str | Iterable[str] = ("",),
        samplers: str | Iterable[str] | None = None,
        seeds: int = 20,
        evaluations: int = 100,
        minimize: bool | Columns = False,
        unordered: Columns = (),
        score: str | None = None,
        batch: int = 1,
        workers: int | None = None,
        config_dir: str | Path | None = None,
        allow: Iterable[str] = (),
        hub: str | Path | None = None,
        progress: WantedProgress = None,
    ) -> Contested:
        """Compare samplers on tables of measured candidates; the store is not asked.

        Args:
            file: csv, json, jsonl or parquet, or several of them with the same columns.
            value: the column to maximize; of several, regret is the share of the hypervolume of
                the table's front that is not covered yet.
            costs: columns that are known beforehand.
            axes: columns of the settings.
            characters: in place of axes: a column of words, of which each character is an axis.
            budgets: a condition on the costs, or several, such as `macs <= 40M`; an empty one is
                no bound. In `macs <= q20` the bound is a quantile over the rows of the table.
            samplers: names of pages of samplers, dotted paths of classes, or `hub:` with the path
                of a package of OptunaHub; with `plain_` before it, Optuna's sampler proposes from
                the whole grid and learns of the budget by constraints.
            seeds: runs of each sampler at each budget.
            evaluations: of a run.
            minimize: the values of which less is better, or whether that is so of all.
            unordered: axes whose numbers are names.
            score: a column by which the best by the one value is judged in the end.
            batch: candidates that are proposed before the sampler learns of any of them.
            workers: processes; by default one a processor.
            config_dir: a directory of your own with `sampler/*.yaml`.
            allow: modules of yours that a sampler is from.
            hub: a folder of OptunaHub packages.
            progress: True for a bar, or a function that is called with the number of runs that
                are done, and of all.

        Raises:
            DseError: for anything that does not hold, before anything runs.
        """
        from dse.project.contests.contest_requests import CONTESTANTS, Contest, run_contest
        from dse.project.progress_bars import wanted_progress
        from dse.search import TableColumns

        files = [file] if isinstance(file, str | Path) else file
        values = _listed(value)
        if isinstance(minimize, bool):
            minimize = values if minimize else ()
        columns = TableColumns(
            values,
            _listed(costs),
            _listed(axes),
            characters,
            _listed(minimize),
            _listed(unordered),
            score,
        )
        contest = Contest(
            tuple(map(Path, files)),
            columns,
            budgets=_listed(budgets),
            samplers=CONTESTANTS if samplers is None else _listed(samplers),
            seeds=seeds,
            evaluations=evaluations,
            batch=batch,
            workers=workers,
            config_dir=None if config_dir is None else Path(config_dir),
            allow=tuple(allow),
            hub=None if hub is None else Path(hub),
        )
        with wanted_progress(progress, "compare", "runs") as (tell, begun):
            begun()
            return run_contest(contest, tell)


def _listed(texts: str | Iterable[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)
