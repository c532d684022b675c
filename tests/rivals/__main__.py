"""`python -m tests.rivals`: the contest, its page, and what it needs.

- `run [NAMES …]`: run what the file of curves does not hold yet, and write the page.
- `list`: the samplers and tables, and why those that cannot take part cannot.
- `train [NAMES …]`: train the models of some tables by scikit-learn.
- `calibration`: whether the intervals of our surrogate hold what they say.
- `hebo`: make the environment of HEBO, in the folder that DSE_HEBO names or in the cache.

Tables that others measured are read from the folder that DSE_REFERENCE_DATA names; samplers of
OptunaHub from the folder that DSE_OPTUNAHUB names.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from tests.rivals import hebo_environment, tables, trained
from tests.rivals.contest import Done, append, contest, planned, read_done
from tests.rivals.encodings import Floats
from tests.rivals.registry import BY_NAME, RIVALS
from tests.rivals.report import AT, Results, report

app = typer.Typer(
    add_completion=False, help=__doc__, rich_markup_mode=None, pretty_exceptions_enable=False
)

OTHERS = [each.name for each in RIVALS]
PAGE = Path(__file__).parent / "rivals.md"


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(help="Samplers; by default all.")] = None,
    on: Annotated[str, typer.Option("--tables", help="Comma-separated.")] = ",".join(tables.NAMES),
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each sampler on each case.")] = 20,
    evaluations: Annotated[int, typer.Option(min=1, help="Of a run.")] = 100,
    curves: Annotated[Path, typer.Option(help="Runs that are done: read and added to.")] = Path(
        "rivals.csv"
    ),
    page: Annotated[Path, typer.Option(help="Where the report goes.")] = PAGE,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    floors: Annotated[bool, typer.Option(help="Work out the floors, by scikit-learn.")] = True,
) -> None:
    """Run what is not done yet, and write the page."""
    known(names or [], list(BY_NAME))
    wanted = on.split(",")
    known(wanted, list(tables.NAMES))
    reasons = {name: BY_NAME[name].available() for name in names or OTHERS}
    reasons |= {name: tables.unavailable(name) for name in wanted}
    not_run = {name: reason for name, reason in reasons.items() if reason}
    for name, reason in not_run.items():
        print(f"not run: {name}: {reason}", flush=True)
    samplers = [name for name in names or OTHERS if name not in not_run]
    cases = [case for name in wanted if name not in not_run for case in tables.cases(name)]
    for line in contest(planned(cases, samplers, seeds, evaluations), curves, workers):
        print(line, flush=True)
    found = floors_of(cases, curves) if floors else {}
    results = Results(cases, samplers, read_done(curves), found, not_run, evaluations)
    page.write_text(report(results), encoding="utf-8")
    print(f"wrote {page}")


def floors_of(cases: list[tables.CaseName], curves: Path) -> dict[str, Floats]:
    """Return what is left to whoever knows nearly everything, for each case."""
    from tests.rivals.floor import floor

    done, found = read_done(curves), {}
    for case in cases:
        key = (case.table, case.budget, "floor", 0)
        if key not in done:
            started = time.perf_counter()
            regrets = floor(case.read(), max(AT))
            done[key] = Done(time.perf_counter() - started, regrets)
            append(curves, key, done[key])
        found[str(case)] = done[key].regrets
    return found


def known(names: list[str], among: list[str]) -> None:
    """Refuse names that are not there."""
    for name in names:
        if name not in among:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(among)}")


@app.command(name="list")
def listed() -> None:
    """Tell the samplers and tables, and why those that cannot take part cannot."""
    for rival in RIVALS:
        print(f"{rival.name}: {rival.title}: {rival.available() or 'ready'}")
    for name in tables.NAMES:
        print(f"{name}: {tables.unavailable(name) or 'ready'}")


@app.command()
def train(
    names: Annotated[list[str] | None, typer.Argument(help="Tables; by default all.")] = None,
) -> None:
    """Train the models of tables by scikit-learn, on the data that it ships."""
    known(names or [], list(trained.TRAINED))
    for name in names or trained.TRAINED:
        print(f"wrote {trained.train(name)}", flush=True)


@app.command()
def calibration(
    on: Annotated[str, typer.Option("--tables", help="Comma-separated.")] = ",".join(tables.NAMES),
    seeds: Annotated[int, typer.Option(min=1, help="Searches of each case.")] = 2,
) -> None:
    """Tell whether the intervals of our surrogate hold what they say, and write the page."""
    from tests.rivals.calibration_page import PAGE, calibrated

    known(on.split(","), list(tables.NAMES))
    here = [name for name in on.split(",") if not tables.unavailable(name)]
    PAGE.write_text(calibrated(here, seeds), encoding="utf-8")
    print(f"wrote {PAGE}")


@app.command()
def hebo() -> None:
    """Make the environment of HEBO."""
    hebo_environment.install()
    print(f"HEBO is ready in {hebo_environment.folder()}")


if __name__ == "__main__":
    app()
