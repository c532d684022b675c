"""`dse compare`: samplers on a table of measured candidates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import Allow, ConfigDir
from dse.cli.formats import OutputFormat
from dse.errors import DseError

DEFAULT = "pool,tpe,plain_tpe,nsga2,evolution,random"


def compare(
    file: Annotated[Path, typer.Argument(help="Table: csv, json, jsonl or parquet.")],
    value: Annotated[str, typer.Option(help="Column to maximize.")],
    costs: Annotated[str, typer.Option(help="Columns known beforehand, comma-separated.")] = "",
    axes: Annotated[str, typer.Option(help="Columns of the settings, comma-separated.")] = "",
    characters: Annotated[
        str | None, typer.Option(help="In place of axes: a column of words, a character an axis.")
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(help="Such as 'macs <= 40M and params <= 1M'; again for another budget."),
    ] = None,
    samplers: Annotated[
        str,
        typer.Option(
            help="Pages of conf/sampler, comma-separated. With plain_ before it, Optuna's sampler "
            "proposes from the whole grid and learns of the budget by constraints."
        ),
    ] = DEFAULT,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each sampler at each budget.")] = 20,
    evaluations: Annotated[int, typer.Option(min=1, help="Evaluations of a run.")] = 100,
    at: Annotated[str, typer.Option(help="Evaluations to print the regret after.")] = "25,50,100",
    minimize: Annotated[bool, typer.Option(help="Less of the value is better.")] = False,
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
        OutputFormat, typer.Option(help="Of the printed table.")
    ] = OutputFormat.table,
) -> None:
    """Compare samplers on a table of measured candidates: regret after so many evaluations.

    Regret is how far the best candidate so far is from the best row within the budget. The same
    words give the same numbers.

    Example: dse compare measured.csv --value accuracy --axes width,depth --costs macs
    --budget 'macs<=40M' --picture regret.png
    """
    from dse.cli.output import note, print_rows
    from dse.cli.progress import progress
    from dse.project import Contest, run_contest
    from dse.report import check_picture, draw_regret

    if picture is not None:
        check_picture(picture)
    contest = Contest(
        file=file,
        value=value,
        costs=_words(costs),
        axes=_words(axes),
        characters=characters,
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
    told = _evaluations(at, evaluations)
    total = len(set(contest.budgets)) * len(set(contest.samplers)) * seeds
    with progress("compare", total, "runs") as advance:
        contested = run_contest(contest, lambda done, of: advance(1))
    print_rows(contested.rows(told), format)
    if curves is not None:
        contested.write_curves(curves)
        note(f"wrote {curves}")
    if picture is not None:
        draw_regret(contested.curves, f"{value} of {file.name}", picture)
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
    return tuple(filter(None, map(str.strip, text.split(","))))
