"""`dse.open`: a store, and each thing that is done with it as one call."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars

from dse.errors import DseError, nearest
from dse.project.chosen_pages import Choice, chosen_page
from dse.project.comparing import Difference, difference_of
from dse.project.export_formats import ExportFormat
from dse.project.frames import frame_of
from dse.project.matched_rows import TableImport
from dse.store import (
    Answer,
    ParetoGoal,
    StoredCandidate,
    answer,
    answer_by_group,
    answer_sql,
    correlate,
    count_replicates,
    find_run,
    forget,
    open_existing,
    open_for_reading,
    pareto,
    read_runs,
    registered_families,
    split_terms,
)

if TYPE_CHECKING:
    from dse.project.exploration import Progress
    from dse.project.importing import Imported
    from dse.project.spaces import Bounds, Space
    from dse.project.study import Study
    from dse.project.sweep_requests import Swept
    from dse.search import Keep, Retry

Names = str | Sequence[str] | None
"""Columns or expressions, as a list or with commas between them."""


@dataclass(frozen=True)
class ShownCandidate:
    """A stored candidate, closely."""

    stored: StoredCandidate
    layers: polars.DataFrame
    """The costs of each layer under the candidate's conditions; empty where there is no network."""


@dataclass(frozen=True)
class Project:
    """A store with what can be done in it; it is created by what first writes to it."""

    url: str
    """A SQLite file, or an SQLAlchemy URL."""

    def sweep(
        self,
        space: Space,
        budget: Bounds = None,
        *,
        keep: Keep = "all",
        minimize: Iterable[str] = (),
        maximize: Iterable[str] = (),
        limit: int | None = None,
        sample: int | None = None,
        seed: int = 0,
        stratify: str | None = None,
        strata: int = 10,
        progress: Progress | None = None,
    ) -> Swept:
        """Cost the candidates of a space and store them; what is stored already is not repeated.

        Args:
            space: what is swept.
            budget: which candidates are feasible.
            keep: `feasible` to store only what the budget admits, `pareto` for what nothing else
                dominates of that in the costs of `minimize` and `maximize`.
            minimize: for `pareto`: costs that are to be small.
            maximize: for `pareto`: costs that are to be large.
            limit: candidates to keep at most.
            sample: candidates to draw uniformly from all that the budget admits, in place of the
                whole grid.
            seed: of the draws.
            stratify: a cost; equally many are drawn from each of `strata` ranges of it.
            strata: how many ranges.
            progress: called with the number of points that are done, and of all.

        Raises:
            DseError: for anything that does not hold, before anything is stored.
        """
        from dse.project.exploration import silent
        from dse.project.spaces import bounds_by_cost
        from dse.project.sweep_requests import SweepRequest, run_sweep

        request = SweepRequest(
            space,
            bounds_by_cost(budget),
            keep=keep,
            min=tuple(minimize),
            max=tuple(maximize),
            limit=limit,
            sample=sample,
            seed=seed,
            stratify=stratify,
            strata=strata,
        )
        command = f"dse.open(…).sweep({space.family})"
        return run_sweep(request, self.url, command, progress or silent)

    def search(
        self,
        space: Space,
        objective: Choice = "naswot",
        budget: Bounds = None,
        trials: int = 30,
        sampler: Choice = "pool",
        *,
        seed: int = 0,
        best: int = 5,
        device: str = "cpu",
        workers: int = 1,
        time_limit: float | None = None,
        attempts: int = 2,
        retry: Retry = "failed",
        reuse: str = "same",
        pruner: str | Mapping[str, Any] | None = None,
        exact: bool = True,
        config_dir: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Study:
        """Evaluate the candidates that a sampler proposes, those known to the store included.

        Args:
            space: what is searched.
            objective: the name or path of a page, or what stands on one.
            budget: bounds on costs and on what the objective measures.
            trials: evaluations in all, those of earlier runs of the same search included.
            sampler: the name or path of a page, or what stands on one.
            seed: of sampler, weights and data.
            best: candidates that `Study.best` tells.
            device: on which the objective runs.
            workers: processes that evaluate.
            time_limit: seconds that an evaluation may take.
            attempts: how often an evaluation is tried that may pass when it is tried again.
            retry: evaluations of earlier runs to repeat, once: `failed`, `never` or `all`.
            reuse: `any` takes measurements by other code of the objective for known.
            pruner: ends poor candidates early: the path of a pruner of Optuna, or that as
                `_target_` with its options.
            exact: work the best out where the goal is a sum of costs.
            config_dir: a directory of your own with pages.
            progress: called with the number of evaluations that are done, and of all.

        Raises:
            DseError: for anything that does not hold, before anything is stored, and where every
                evaluation failed.
        """
        from dse.project.exploration import silent
        from dse.project.search_requests import SearchRequest, run_search
        from dse.project.spaces import bounds_by_cost

        directory = None if config_dir is None else Path(config_dir)
        goal = chosen_page("objective", objective, directory)
        request = SearchRequest(
            space,
            goal.content,
            chosen_page("sampler", sampler, directory).content,
            goal.name,
            bounds_by_cost(budget),
            trials=trials,
            seed=seed,
            best=best,
            device=device,
            workers=workers,
            time_limit=time_limit,
            attempts=attempts,
            retry=retry,
            reuse=reuse,
            pruner=pruner,
            exact=exact,
        )
        command = f"dse.open(…).search({space.family}, {goal.name})"
        return run_search(request, self.url, command, progress or silent)

    def query(
        self,
        where: str | None = None,
        columns: Names = None,
        sort: str | None = None,
        limit: int | None = None,
        group_by: str | None = None,
    ) -> polars.DataFrame:
        """Return the candidates that meet a condition, or a row for each group of them.

        Args:
            where: such as `macs < 300M and width >= 1`; all candidates without it.
            columns: what to show, and in which order.
            sort: what to sort by; a minus puts the largest first.
            limit: rows at most.
            group_by: one row for each value of these.

        Raises:
            DseError: for a malformed condition, an unknown column, or a store that cannot be read.
        """
        engine, named = open_for_reading(self.url), _named(columns)
        if group_by is not None:
            return _frame(answer_by_group(engine, group_by, where, sort, limit, named))
        return _frame(answer(engine, where, sort, limit, named))

    def sql(self, statement: str, limit: int | None = None) -> polars.DataFrame:
        """Return what a SELECT statement finds, over a connection that only reads.

        Raises:
            DseError: for a statement that is none, or that does more than read.
        """
        return _frame(answer_sql(open_for_reading(self.url), statement, limit))

    def pareto(
        self,
        minimize: Iterable[str] = (),
        maximize: Iterable[str] = (),
        where: str | None = None,
        columns: Names = None,
        limit: int | None = None,
    ) -> polars.DataFrame:
        """Return the candidates that no other one beats, sorted by the first number.

        Args:
            minimize: numbers to be small: costs, axes, measurements, or arithmetic over them.
            maximize: numbers to be large.
            where: which candidates are compared.
            columns: what to show.
            limit: rows at most.

        Raises:
            DseError: for no number, an unknown column, or a malformed condition.
        """
        goals = [ParetoGoal(text.strip(), "min") for text in minimize]
        goals += [ParetoGoal(text.strip(), "max") for text in maximize]
        return _frame(pareto(open_for_reading(self.url), goals, where, limit, _named(columns)))

    def correlate(self, columns: Sequence[str], where: str | None = None) -> polars.DataFrame:
        """Return Spearman's and Kendall's rank correlation of each pair of numbers.

        Raises:
            DseError: for less than two columns, an unknown one, or a malformed condition.
        """
        return _frame(correlate(open_for_reading(self.url), columns, where))

    def runs(self) -> polars.DataFrame:
        """Return every run with what it has done, found invalid, failed at and left."""
        rows = read_runs(open_for_reading(self.url))
        hidden = ("config", "versions")
        return frame_of([{k: v for k, v in row.items() if k not in hidden} for row in rows])

    def run(self, id: int) -> dict[str, Any]:
        """Return one run, with its request and the versions that it ran under.

        Raises:
            DseError: for an id that the store does not hold.
        """
        return find_run(open_for_reading(self.url), id)

    def status(self) -> dict[str, int]:
        """Return how much the store holds and how much of it failed."""
        rows = read_runs(open_for_reading(self.url))
        names = ("candidates", "invalid", "measurements", "failed")
        return {"runs": len(rows), **{name: sum(row[name] for row in rows) for name in names}}

    def families(self) -> dict[str, dict[str, Any]]:
        """Return the families of the store, each with its columns and their types."""
        found = registered_families(open_for_reading(self.url))
        return {family: dict(columns) for family, columns in found.items()}

    def show(self, id: int, allow: Iterable[str] = ()) -> ShownCandidate:
        """Return one candidate with its settings, costs, measurements and layers.

        Args:
            id: of the candidate.
            allow: modules of yours that its page may name.

        Raises:
            DseError: for an unknown id, or a page that resolves to another network by now.
        """
        from dse.project.rebuilding import counted_layers, find_candidate, rebuild

        stored, page = find_candidate(id, self.url)
        if stored.row.invalid is not None:
            return ShownCandidate(stored, frame_of([]))
        counted, _ = counted_layers(stored, rebuild(stored, page, allow))
        layers = [
            {"layer": each.name, "type": each.type, **each.costs.as_dict()}
            for each in counted.layers
        ]
        return ShownCandidate(stored, frame_of(layers))

    def export(
        self,
        id: int,
        to: str = "config",
        output: str | Path | None = None,
        seed: int = 0,
        allow: Iterable[str] = (),
    ) -> tuple[Path, ...]:
        """Write one candidate, and return the files.

        Args:
            id: of the candidate.
            to: `config`: a page with a grid of one point; `python`: a file that builds the
                network; `torch` or `onnx`: the network with its weights.
            output: where to; by default in outputs/export.
            seed: of the weights that are written.
            allow: modules of yours that its page may name.

        Raises:
            DseError: for an unknown id or format, a candidate that cannot be built, or a file that
                cannot be written.
        """
        from dse.project.exporting import export_candidate

        known = [str(each) for each in ExportFormat]
        if to not in known:
            raise DseError(f"to: unknown {to!r}; {nearest(to, known)}")
        path = None if output is None else Path(output)
        return export_candidate(id, ExportFormat(to), path, seed, self.url, allow).files

    def diff(
        self, first: int, second: int, layers: bool = True, allow: Iterable[str] = ()
    ) -> Difference:
        """Return how two candidates differ in settings, costs, measurements and layers.

        Raises:
            DseError: for an unknown id, or a page that resolves to another network by now.
        """
        return difference_of(first, second, self.url, layers, allow)

    def import_(
        self,
        file: str | Path,
        name: str | None = None,
        *,
        source: str | None = None,
        replace: bool = False,
        family: str | None = None,
        config_dir: str | Path | None = None,
        allow: Iterable[str] = (),
    ) -> Imported:
        """Import measurements from a table; new candidates are made where a row names all axes.

        Args:
            file: csv, json, jsonl or parquet.
            name: the one measurement to import, and the name to store it under.
            source: what the numbers are known by when they come again; by default the file's name.
            replace: remove what the source no longer has.
            family: of all rows, where no column says it.
            config_dir: a directory of your own with `family/*.yaml`.
            allow: modules of yours that a page may name.

        Raises:
            DseError: for a table that cannot be read, or whose rows cannot be told apart; nothing
                is stored then.
        """
        from dse.project.importing import import_table

        directory = None if config_dir is None else Path(config_dir)
        table = (Path(file), name, source, replace, family, directory, tuple(allow))
        command = f"dse.open(…).import_({Path(file).name})"
        return import_table(TableImport(*table), self.url, command)

    def forget(
        self,
        measurement: str,
        where: str | None = None,
        outcome: Literal["failed", "pruned", "done"] | None = None,
    ) -> int:
        """Remove measurements of the candidates that meet a condition; return how many.

        Args:
            measurement: what was measured, such as `accuracy`.
            where: which candidates; all without it.
            outcome: only the evaluations that came out like this.

        Raises:
            DseError: for a malformed condition, or a store that there is not.
        """
        engine = open_existing(self.url)
        found = answer(engine, where, columns=["family", "key"])
        networks = sorted({(row["family"], row["key"]) for row in found.rows})
        number = count_replicates(engine, networks, measurement, outcome)
        if number:
            forget(engine, networks, measurement, outcome)
        return number


def open(url: str | Path = "outputs/dse.db") -> Project:
    """Return the project of a store.

    Args:
        url: the path of a SQLite file, which need not be there yet, or an SQLAlchemy URL.

    Raises:
        DseError: for an empty URL.
    """
    if not str(url):
        raise DseError("store.url: expected the path of a file, or a URL")
    return Project(str(url))


def _named(columns: Names) -> list[str] | None:
    if columns is None:
        return None
    return split_terms(columns) if isinstance(columns, str) else list(columns)


def _frame(found: Answer) -> polars.DataFrame:
    for note in found.notes:
        warnings.warn(note, stacklevel=3)
    return frame_of(found.rows, found.columns)
