"""Runs the comparison that `dse compare` was asked for."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dse.cli.output import OutputFormat, note, print_rows
from dse.cli.progress import progress
from dse.configs import find_page
from dse.errors import DseError
from dse.own_pages import read_page
from dse.project import read_sampler
from dse.report import check_picture, draw_regret
from dse.search import (
    Contestant,
    Curve,
    SamplerMaker,
    compare,
    parse_bounds,
    read_measured,
    summarise,
)

PLAIN = "plain_"


@dataclass(frozen=True)
class Contest:
    """The words of `dse compare`."""

    file: Path
    value: str
    costs: tuple[str, ...]
    axes: tuple[str, ...]
    characters: str | None
    budgets: tuple[str, ...]
    samplers: tuple[str, ...]
    seeds: int
    evaluations: int
    at: tuple[str, ...]
    minimize: bool
    curves: Path | None
    picture: Path | None
    workers: int | None
    config_dir: Path | None
    allow: tuple[str, ...]


def run_contest(contest: Contest, format: OutputFormat) -> None:
    """Run every sampler and print the regrets.

    Raises:
        DseError: for anything in the words that does not hold, before anything runs.
    """
    if contest.picture is not None:
        check_picture(contest.picture)
    for given, option in ((contest.at, "--at"), (contest.samplers, "--samplers")):
        if not given:
            raise DseError(f"{option}: names nothing")
    if contest.value in (*contest.costs, *contest.axes, contest.characters):
        raise DseError(f"--value {contest.value}: a cost or an axis, and known beforehand")
    for word in contest.at:
        if not word.isdigit() or int(word) < 1:
            raise DseError(f"--at: {word!r} is no number of evaluations")
    at = sorted({min(int(word), contest.evaluations) for word in contest.at})
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
    with progress("compare", total, "runs") as advance:
        for curve in compare(
            table, budgets, contestants, contest.seeds, contest.evaluations, contest.workers
        ):
            found.append(curve)
            advance(1)
    names, bounds = list(contest.samplers), list(map(str, budgets))
    found.sort(key=lambda c: (bounds.index(c.bounds), names.index(c.sampler), c.seed))
    _print(found, at, format)
    if contest.curves is not None:
        _write(found, contest.curves)
        note(f"wrote {contest.curves}")
    if contest.picture is not None:
        draw_regret(found, f"{contest.value} of {contest.file.name}", contest.picture)
        note(f"drawn in {contest.picture}")


def _print(curves: list[Curve], at: list[int], format: OutputFormat) -> None:
    """Print a row for each budget and sampler: the mean regrets with their standard errors."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for each in summarise(curves, at):
        row = rows.setdefault(
            (each.bounds, each.sampler), {"budget": each.bounds, "sampler": each.sampler}
        )
        row[f"after_{each.evaluations}"] = round(each.mean, 6)
        row[f"error_{each.evaluations}"] = round(each.error, 6)
    print_rows(list(rows.values()), format)


def _write(curves: list[Curve], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["budget", "sampler", "seed", "evaluations", "regret"])
        for curve in curves:
            for number, regret in enumerate(curve.regret.tolist(), start=1):
                writer.writerow([curve.bounds, curve.sampler, curve.seed, number, regret])


def _contestant(name: str, contest: Contest) -> Contestant:
    is_plain = name.startswith(PLAIN)
    content = _page(name.removeprefix(PLAIN), contest.config_dir)
    if is_plain and not str(content.get("_target_")).startswith("optuna."):
        raise DseError(f"--samplers: {name!r}: only samplers of Optuna propose from a whole grid")
    make: Callable[[int], SamplerMaker] = partial(_make, content, contest.allow)
    make(0)
    return Contestant(name, make, is_plain)


def _make(content: dict[str, Any], allow: tuple[str, ...], seed: int) -> SamplerMaker:
    return read_sampler(content, seed, allow)


def _page(name: str, config_dir: Path | None) -> dict[str, Any]:
    try:
        page = find_page(name, config_dir, "sampler")
    except DseError as error:
        raise DseError(f"--samplers: {error}") from error
    return read_page(page, "sampler").resolved
