"""`dse.open`: a store, and each thing that is done with it as one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.configs import chosen_store
from dse.errors import DseError
from dse.project.contests import ContestCall
from dse.project.pages import Choice, chosen_executor, chosen_page
from dse.project.requests import SupernetCall
from dse.project.store_access import Names, StoreContents
from dse.store import words_of

if TYPE_CHECKING:
    from dse.project.design_spaces import Bounds, Space
    from dse.project.progress_bars import WantedProgress
    from dse.project.requests import Study, Swept
    from dse.search import Keep, Order, Retry


@dataclass(frozen=True)
class Project(StoreContents, ContestCall, SupernetCall):
    """A store with what can be done in it; it is created by what first writes to it."""

    def sweep(
        self,
        space: Space,
        budget: Bounds = None,
        *,
        keep: Keep = "all",
        minimize: Names = (),
        maximize: Names = (),
        limit: int | None = None,
        sample: int | None = None,
        seed: int = 0,
        stratify: str | None = None,
        strata: int = 10,
        executor: Choice = "local",
        config_dir: str | Path | None = None,
        progress: WantedProgress = None,
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
            executor: where models of callables are traced: the name or path of a page, or what
                stands on one.
            config_dir: a directory of your own with pages.
            progress: True for a bar, or a function that is called with the number of points that
                are done, and of all.

        Raises:
            DseError: for anything that does not hold, before anything is stored.
        """
        from dse.project.design_spaces import space_in
        from dse.project.progress_bars import wanted_progress
        from dse.project.requests import SweepRequest, run_sweep

        space = space_in(self.url, space)
        directory = None if config_dir is None else Path(config_dir)
        where = chosen_page("executor", executor, directory)
        request = SweepRequest(
            space,
            space.bounds_on(budget),
            keep=keep,
            min=tuple(words_of(minimize, "min")),
            max=tuple(words_of(maximize, "max")),
            limit=limit,
            sample=sample,
            seed=seed,
            stratify=stratify,
            strata=strata,
            executor=where.content,
            pages={"executor": where.name},
        )
        command = f"dse.open(…).sweep({space.family})"
        with wanted_progress(progress, "sweep", "points") as (tell, begun):
            return run_sweep(request, self.url, command, tell, begun)

    def search(
        self,
        space: Space,
        objective: Choice | Callable[..., Any] | None = None,
        budget: Bounds = None,
        trials: int = 30,
        sampler: Choice = "pool",
        *,
        seed: int = 0,
        best: int = 5,
        diverse: int | None = None,
        steps: Mapping[str, Sequence[Any]] | None = None,
        minimize: str | Sequence[str] | None = None,
        maximize: str | Sequence[str] | None = None,
        executor: Choice = "local",
        devices: str | Sequence[str] | None = None,
        workers: int | None = None,
        order: Order = "free",
        lease: float = 60.0,
        time_limit: float | None = None,
        attempts: int = 2,
        retry: Retry = "failed",
        reuse: str = "same",
        pruner: str | Mapping[str, Any] | None = None,
        checkpoints: str | Path | None = None,
        exact: bool = True,
        hints: Names = (),
        warm: bool = False,
        track: Mapping[str, str] | None = None,
        config_dir: str | Path | None = None,
        progress: WantedProgress = None,
    ) -> Study:
        """Evaluate the candidates that a sampler proposes, those known to the store included.

        Args:
            space: what is searched.
            objective: the name or path of a page, what stands on one, or a Python function, which
                takes what the target of a page takes and is to be large; as the `_target_` of what
                stands on a page it may have a direction and options; by default `naswot`.
            budget: bounds on costs and on what the objective measures.
            trials: evaluations in all, those of earlier runs of the same search included.
            sampler: the name or path of a page, what stands on one, or the dotted path of a class.
            seed: of sampler, weights and data.
            best: candidates that `Study.best` tells; of a goal over costs, as many are worked out.
            diverse: in how many choices each of these differs from all others, at least.
            steps: by a cost, the first and the last of evenly spaced upper bounds, and how many
                they are: `Study.steps` tells the best within each, as in
                `{"macs": ["100M", "600M", 20]}`.
            minimize: in place of an objective, a cost to be small, or several.
            maximize: likewise, to be large; with several goals, `Study.front` is exact.
            executor: where evaluations run: the name or path of a page, or what stands on one.
            devices: of this machine, on which they run; by default a GPU where there is one.
            workers: evaluations at once; by default one a device that is named.
            order: `fixed` makes proposals in batches of `workers`, which can be reproduced; `free`
                one at once where a process is free.
            lease: seconds without a sign of life after which other processes take over what this
                one has claimed.
            time_limit: seconds that an evaluation may take.
            attempts: how often an evaluation is tried that may pass when it is tried again.
            retry: evaluations of earlier runs to repeat, once: `failed`, `never` or `all`.
            reuse: `any` takes measurements by other code of the objective for known.
            pruner: ends poor candidates early: the path of a pruner of Optuna, or that as
                `_target_` with its options.
            checkpoints: a directory for the states of evaluations that are cut short; they go on
                from there, and under successive halving those that are promoted do.
            exact: work the best, or the front, out where the goals are costs.
            hints: measurements of the candidates that the store has, such as a training-free
                score, and that may tell the sampler something of the objective.
            warm: let it learn as well from what the store has measured by the objective of other
                candidates of the family, or with other options.
            track: tools that the study is written to while it goes on, by their keys in the config
                of a search, as in `{"mlflow": "sqlite:///mlflow.db"}`.
            config_dir: a directory of your own with pages.
            progress: True for a bar, or a function that is called with the number of evaluations
                that are done, and of all.

        Raises:
            DseError: for anything that does not hold, before anything is stored, and where every
                evaluation failed.
        """
        from dse.project.config_groups import name_of
        from dse.project.design_spaces import space_in
        from dse.project.progress_bars import wanted_progress
        from dse.project.requests import (
            SearchRequest,
            goals_in_short,
            refuse_two_objectives,
            run_search,
            tracked_by,
        )

        space = space_in(self.url, space)
        directory = None if config_dir is None else Path(config_dir)
        refuse_two_objectives(minimize, maximize, objective is not None)
        short = goals_in_short(minimize, maximize)
        if short is not None:
            name, content = short.name, short.content
        elif callable(objective):
            name, content = name_of(objective), {"_target_": objective}
        else:
            goal = chosen_page("objective", objective or "naswot", directory)
            name, content = goal.name, goal.content
        proposer = chosen_page("sampler", sampler, directory)
        where = chosen_executor(executor, devices, directory)
        request = SearchRequest(
            space,
            content,
            proposer.content,
            name,
            space.bounds_on(budget),
            trials=trials,
            seed=seed,
            best=best,
            diverse=diverse,
            steps=dict(steps or {}),
            executor=where.content,
            workers=workers,
            order=order,
            lease=lease,
            time_limit=time_limit,
            attempts=attempts,
            retry=retry,
            reuse=reuse,
            pruner=pruner,
            checkpoints=None if checkpoints is None else str(checkpoints),
            exact=exact,
            hints=tuple(words_of(hints, "hints")),
            warm=warm,
            **tracked_by(track or {}),
            pages={"sampler": proposer.name, "executor": where.name},
        )
        command = f"dse.open(…).search({space.family}, {name})"
        with wanted_progress(progress, "search", "trials") as (tell, begun):
            return run_search(request, self.url, command, tell, begun)

    def join(
        self,
        study: int,
        *,
        workers: int | None = None,
        devices: Sequence[str] = (),
        time_limit: float | None = None,
        checkpoints: str | Path | None = None,
        track: Mapping[str, str] | None = None,
        allow: Iterable[str] = (),
        progress: WantedProgress = None,
    ) -> Study:
        """Take part in a study until it ends, beside all others that do; return it.

        Args:
            study: its id.
            workers: evaluations at once; by default one a device that is named.
            devices: on which they run; by default a GPU, if there is any.
            time_limit: seconds that an evaluation may take.
            checkpoints: the directory that all of them share, as in `search`.
            track: tools that its trials are written to, as in `search`.
            allow: modules of yours that the study may name.
            progress: True for a bar, or a function that is called with the number of evaluations
                that are done, and of all.

        Raises:
            DseError: for an unknown study, or one that was begun by other code.
        """
        from dse.project.progress_bars import wanted_progress
        from dse.project.requests import run_search
        from dse.project.store_access import joining_request

        request = joining_request(
            study, self.url, allow, workers, devices, time_limit, checkpoints, track
        )
        command = f"dse.open(…).join({study})"
        with wanted_progress(progress, f"study {study}", "trials") as (tell, begun):
            return run_search(request, self.url, command, tell, begun)

    def rerun(
        self,
        run: int,
        *,
        into: str | Path | None = None,
        allow: Iterable[str] = (),
        progress: WantedProgress = None,
    ) -> Swept | Study:
        """Repeat a sweep or a search from its stored request, whatever the pages say by now.

        Args:
            run: its id.
            into: another store for the rows.
            allow: modules of yours that the run may name.
            progress: True for a bar, or a function that is called with the number of steps that
                are done, and of all.

        Raises:
            DseError: for an unknown run, one that is no sweep or search, one that needs a module
                which is not allowed, or as the sweep or the search itself.
        """
        from dse.project.progress_bars import wanted_progress
        from dse.project.requests import SearchRequest, run_search, run_sweep, stored_request

        request = stored_request(run, self.url, allow)
        url, command = self.url if into is None else str(into), f"dse.open(…).rerun({run})"
        with wanted_progress(progress, f"run {run}", "steps") as (tell, begun):
            if isinstance(request, SearchRequest):
                return run_search(request, url, command, tell, begun)
            return run_sweep(request, url, command, tell, begun)

    def report(
        self,
        output: str | Path,
        study: int | None = None,
        where: str | None = None,
        compare: Sequence[str] = (),
        allow: Iterable[str] = (),
    ) -> Path:
        """Write one page that tells what was found, whole in itself, and return where it is.

        Args:
            output: the page, a `.html`.
            study: a study by its id; by default the latest.
            where: in place of a study, the candidates that meet a condition.
            compare: in place of a study, a condition for each of several groups.
            allow: modules of yours that pages may name.

        Raises:
            DseError: for an unknown study, a malformed condition, or where it cannot be written.
        """
        from dse.project.reports import report_of, write_report

        path = Path(output)
        write_report(report_of(self.url, study, where, compare, allow), path)
        return path

    def serve(
        self,
        port: int = 8008,
        host: str = "127.0.0.1",
        token: str | None = None,
        allow: Iterable[str] = (),
    ) -> None:
        """Serve reports of the store to a browser until it is interrupted; it is only read.

        Args:
            port: 0 for any that is free.
            host: where to listen; elsewhere than on this machine with a token.
            token: what readers have to know.
            allow: modules of yours that pages may name.

        Raises:
            DseError: for a store that there is not, or where it may not or cannot listen.
        """
        from dse.project.reports import LiveServer

        LiveServer(self.url, host, port, token, tuple(allow)).serve()


def open(url: str | Path | None = None) -> Project:
    """Return the project of a store.

    Args:
        url: the path of a SQLite file, which need not be there yet, or an SQLAlchemy URL; by
            default what the variable `DSE_STORE` names, or else `outputs/dse.db`.

    Raises:
        DseError: for an empty URL.
    """
    if url is None:
        url = chosen_store()
    if not str(url):
        raise DseError("store.url: expected the path of a file, or a URL")
    return Project(str(url))
