"""`dse compare`: samplers on tables of measured candidates."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import Allow, ConfigDir
from dse.cli.formats import OutputFormat
from dse.errors import DseError

DEFAULT = "pool,tpe,plain_tpe,nsga2,evolution,random"


def compare(
    files: Annotated[list[Path], typer.Argument(help="Tables: csv, json, jsonl or parquet.")],
    value: Annotated[
        str,
        typer.Option(
            help="Column to maximize. Of several, comma-separated, the regret is the share of the "
            "hypervolume of the table's front that is not covered."
        ),
    ],
    minimize: Annotated[
        str, typer.Option(help="The values of which less is better, comma-separated.")
    ] = "",
    score: Annotated[
        str | None,
        typer.Option(
            help="The best by the value is judged by this column: such as the mean of several "
            "trainings, where the value is that of one. Of equal values the first counts."
        ),
    ] = None,
    costs: Annotated[str, typer.Option(help="Columns known beforehand, comma-separated.")] = "",
    axes: Annotated[str, typer.Option(help="Columns of the settings, comma-separated.")] = "",
    characters: Annotated[
        str | None, typer.Option(help="In place of axes: a column of words, a character an axis.")
    ] = None,
    unordered: Annotated[
        str, typer.Option(help="Axes whose numbers are names, comma-separated.")
    ] = "",
    budget: Annotated[
        list[str] | None,
        typer.Option(
            help="Such as 'macs <= 40M and params <= 1M'; again for another budget. In "
            "'q40 <= macs <= q60' the bounds are quantiles over the rows: of the two values that "
            "one lies between, the lower."
        ),
    ] = None,
    samplers: Annotated[
        str,
        typer.Option(
            help="Pages of conf/sampler, comma-separated; paths of classes, such as "
            "optuna.samplers.CmaEsSampler; packages of OptunaHub, such as hub:samplers/hebo. With "
            "plain_ before it, a sampler of Optuna proposes from the whole grid and learns of the "
            "budget by constraints; what no row has becomes the row nearest to it."
        ),
    ] = DEFAULT,
    hub: Annotated[
        Path | None, typer.Option(help="The folder of packages of OptunaHub, for hub: samplers.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each sampler at each budget.")] = 20,
    evaluations: Annotated[int, typer.Option(min=1, help="Evaluations of a run.")] = 100,
    batch: Annotated[
        int,
        typer.Option(min=1, help="Candidates that run at once, before a sampler learns of any."),
    ] = 1,
    at: Annotated[str, typer.Option(help="Evaluations to print the regret after.")] = "25,50,100",
    curves: Annotated[Path | None, typer.Option(help="Write every curve to this CSV.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the curves: .html, .png, .svg or .pdf.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one a processor.")
    ] = None,
    config_dir: ConfigDir = None,
    allow: Allow = None,
    format: Annotated[
        OutputFormat, typer.Option(help="Of the printed table; csv and the like have medians.")
    ] = OutputFormat.table,
) -> None:
    """Compare samplers on tables of measured candidates: regret after so many evaluations.

    Regret is how far the best candidate so far is from the best row within the budget. The same
    words give the same numbers. Three samplers or more get ranks over several tables and budgets.

    Example: dse compare measured.csv --value accuracy --axes width,depth --costs macs
    --budget 'macs<=40M' --picture regret.png
    """
    from dse.cli.printing import note, print_contest, progress
    from dse.project import Contest, run_contest
    from dse.report import check_picture, draw_regret
    from dse.search import TableColumns

    if picture is not None:
        check_picture(picture)
    columns = TableColumns(
        _words(value),
        _words(costs),
        _words(axes),
        characters,
        _words(minimize),
        _words(unordered),
        score,
    )
    contest = Contest(
        tuple(files),
        columns,
        budgets=tuple(budget or ("",)),
        samplers=_words(samplers),
        seeds=seeds,
        evaluations=evaluations,
        batch=batch,
        workers=workers,
        config_dir=config_dir,
        allow=tuple(allow or ()),
        hub=hub,
    )
    contest.check()
    told = _evaluations(at, evaluations)
    with progress("compare", contest.runs, "runs") as advance:
        contested = run_contest(contest, lambda done, of: advance(1))
    print_contest(contested, told, format)
    if curves is not None:
        contested.write_curves(curves)
        note(f"wrote {curves}")
    if picture is not None:
        of_files = ", ".join(dict.fromkeys(file.name for file in files))
        draw_regret(contested.curves, f"{', '.join(columns.values)} of {of_files}", picture)
        note(f"drawn in {picture}")


def _evaluations(at: str, most: int) -> list[int]:
    """Return after how many evaluations the regret is printed."""
    words = _words(at)
    if not words:
        raise DseError("--at: names nothing")
    for word in words:
        if not word.isdigit() or int(word) < 1:
            raise DseError(f"--at: {word!r} is no number of evaluations")
    return sorted({min(int(word), most) for word in words})


def _words(text: str) -> tuple[str, ...]:
    """Return the words between commas; one that holds a comma is in double quotes."""
    words = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(filter(None, map(str.strip, words)))
