"""`dse sweep`: enumerate, cost, store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dse.cli.composition import Request, print_checked, refused, requested_space, run_hydra_command
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import print_rows, progress_when_begun
from dse.configs import without_passwords
from dse.costs import declared_costs
from dse.errors import DseError
from dse.language import numbered
from dse.project import (
    SweepConfig,
    SweepRequest,
    Swept,
    describe_grid,
    range_of,
    run_sweep,
    sweep_of,
)
from dse.search import SweepSummary
from dse.space import Budget, DrawnSettings


@dataclass
class SweepWords(SweepConfig):
    """The keys of `conf/sweep.yaml`, with how to print."""

    format: str = "table"


def command(request: Request) -> None:
    """Cost and store the candidates that a config describes, and print a summary."""
    values, pages = request.values, request.choices
    output = output_format(values["format"])
    asked = sweep_of(values, requested_space(request), pages)
    run(asked, str(values["store"]["url"]), request.command, output)


def run(
    asked: SweepRequest, url: str, typed: str, output: OutputFormat = OutputFormat.table
) -> None:
    """Run a sweep and print a summary.

    Args:
        asked: what is swept.
        url: of the store.
        typed: the command line.
        output: but for a table, the numbers are one row of it, and all that is printed.

    Raises:
        DseError: for anything in the request that does not hold; at the end, where no candidate
            can be built.
    """
    asked.check()
    space = asked.space
    is_for_programs = output is not OutputFormat.table
    with progress_when_begun(
        lambda: describe_grid(space.design),
        "sweep",
        lambda: asked.sample or space.size,
        "points",
        is_for_programs,
    ) as (begin, tell):
        swept = run_sweep(asked, url, typed, tell, begin)
    if is_for_programs:
        numbers = {"run": swept.run, "points": swept.points, **asdict(swept.summary)}
        if swept.drawn is not None:
            numbers |= {"tried": swept.drawn.tried, "acceptance": swept.drawn.rate}
        print_rows([{**numbers, "store": without_passwords(url)}], output, keep=True)
    else:
        _print_summary(swept, asked)
        print(f"stored in {without_passwords(url)}")
    sys.stdout.flush()
    if swept.refusal:
        raise DseError(swept.refusal)


def _print_summary(swept: Swept, asked: SweepRequest) -> None:
    if swept.drawn_of is not None or swept.drawn is not None:
        _print_drawn(swept, asked)
    else:
        _print_swept(swept, asked.keep)


def _print_drawn(swept: Swept, asked: SweepRequest) -> None:
    those = f" that meet {swept.budget}" if swept.budget else ""
    if swept.drawn is not None:
        _print_settings(swept.drawn, swept.budget)
    elif swept.drawn_of is not None:
        some = range_of(swept.drawn_of)
        print(f"{numbered(swept.points, 'candidate')} drawn of {some} networks{those}")
        if asked.sample is not None and swept.points < asked.sample:
            fewer = f"{asked.sample - swept.points:,} fewer than the sample that was asked for"
            print(f"{fewer}: some of the {asked.strata} ranges of {asked.stratify} hold too few")
        print_checked(swept.budget)
    here = swept.summary.present
    given = _given(swept.summary)
    print(f"{here:,} of {swept.points:,} present{given}, {swept.summary.stored:,} stored")


def _print_settings(drawn: DrawnSettings, budget: Budget) -> None:
    fit = f"meet {budget}" if budget else "build a network"
    found = numbered(len(drawn), "distinct network")
    print(f"{found} drawn: {drawn.tried:,} settings were drawn uniformly, {drawn.rate:.3%} {fit}")
    if drawn.repeats:
        build = "builds" if drawn.repeats == 1 else "build"
        print(f"{drawn.repeats:,} more of these {build} a network that was drawn before")


def _print_swept(swept: Swept, keep: str) -> None:
    summary = swept.summary
    print(_describe(summary, swept.points, keep))
    if swept.budget and keep == "all":
        print(f"budget {swept.budget}: {summary.feasible:,} of {summary.candidates:,} fit")
    elif swept.budget:
        print(f"budget {swept.budget}: all of them fit")


def _describe(summary: SweepSummary, points: int, keep: str) -> str:
    parts = [numbered(summary.candidates, "candidate")]
    if summary.repeats:
        build = "point builds" if summary.repeats == 1 else "points build"
        parts.append(f"{summary.repeats:,} more {build} the same networks")
    if summary.invalid:
        parts.append(f"{summary.invalid:,} invalid")
    if keep != "all":
        parts[0] += f" kept of {numbered(points, 'point')}"
    if summary.left_out:
        parts.append(f"{summary.left_out:,} more of the front left out by the limit")
    if 0 < summary.continued_at < points:
        parts.append(f"continued at point {summary.continued_at + 1:,}")
    if summary.present == summary.candidates and not summary.completed:
        parts.append(f"all {summary.present:,} present, nothing to do")
    else:
        here = f"{summary.present:,} present{_given(summary)}"
        parts.append(f"{here}, {summary.stored:,} stored")
        traced = (
            numbered(summary.networks, "network")
            if summary.networks
            else numbered(summary.blocks, "block")
        )
        parts.append(f"{traced} traced")
    return ", ".join(parts)


def _given(summary: SweepSummary) -> str:
    """Return what those that are present got, after a comma."""
    costs = " and ".join(declared_costs())
    return f", {summary.completed:,} of them given {costs}" if summary.completed else ""


def main(arguments: Sequence[str]) -> None:
    """Run `dse sweep` with these words."""
    run_hydra_command("sweep", SweepWords, command, arguments, refused)
