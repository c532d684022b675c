"""`dse plot history` and `compare`: how searches got better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, ConfigDir, Store
from dse.cli.plotting.plot_options import Picture, Title


def history(
    studies: Annotated[
        list[int] | None,
        typer.Argument(help="Their ids; all of the latest one's goal without them."),
    ] = None,
    mean: Annotated[
        bool, typer.Option(help="The mean of the studies and its spread, not a curve for each.")
    ] = False,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw the best value that studies have found after so many evaluations.

    Example: dse plot history 1 2 3 --mean --picture history.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show, told
    from dse.project import open, plot_history, study_histories
    from dse.report import draw_history_plainly

    checked(picture, without_browser=True)
    project, ids = open(store), studies or ()
    figure = told(lambda: plot_history(project, ids, mean=mean, title=title))
    found = study_histories(project, ids)
    plainly = partial(
        draw_history_plainly, found.histories, found.goal, found.is_least, found.unit, mean, title
    )
    show(figure, picture, title or "best so far", plainly)


def compare(
    file: Annotated[Path, typer.Argument(help="Table: csv, json, jsonl or parquet.")],
    value: Annotated[str, typer.Option(help="Column to maximize.")],
    costs: Annotated[str, typer.Option(help="Columns known beforehand, comma-separated.")] = "",
    axes: Annotated[str, typer.Option(help="Columns of the settings, comma-separated.")] = "",
    budget: Annotated[
        list[str] | None, typer.Option(help="Such as 'macs <= 40M'; again for another panel.")
    ] = None,
    samplers: Annotated[
        str, typer.Option(help="Pages of conf/sampler, comma-separated.")
    ] = "pool,tpe,plain_tpe,nsga2,evolution,random",
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each sampler at each budget.")] = 20,
    evaluations: Annotated[int, typer.Option(min=1, help="Evaluations of a run.")] = 100,
    minimize: Annotated[bool, typer.Option(help="Less of the value is better.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one a processor.")
    ] = None,
    picture: Picture = None,
    title: Title = "",
    config_dir: ConfigDir = None,
    allow: Allow = None,
) -> None:
    """Draw the regret of samplers on a table of measured candidates, as `dse compare` tells it.

    Example: dse plot compare measured.csv --value accuracy --axes width,depth --costs macs
    --budget 'macs<=40M' --picture regret.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show
    from dse.cli.progress import progress
    from dse.project import Contest, plot_compare, run_contest
    from dse.report import draw_regret_plainly

    checked(picture, without_browser=True)
    contest = Contest(
        file=file,
        value=value,
        costs=_words(costs),
        axes=_words(axes),
        budgets=tuple(budget or ("",)),
        samplers=_words(samplers),
        seeds=seeds,
        evaluations=evaluations,
        minimize=minimize,
        workers=workers,
        config_dir=config_dir,
        allow=tuple(allow or ()),
    )
    contest.check()
    total = len(set(contest.budgets)) * len(set(contest.samplers)) * seeds
    with progress("compare", total, "runs") as advance:
        contested = run_contest(contest, lambda done, of: advance(1))
    title = title or f"{value} of {file.name}"
    plainly = partial(draw_regret_plainly, contested.curves, title)
    show(plot_compare(contested, title=title), picture, title, plainly)


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))
