"""How `dse compare` prints what came of a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from dse.cli.formats import OutputFormat
from dse.cli.printing.output import READ_BY_PEOPLE, Row, note, print_rows, tell
from dse.project import Contested
from dse.search import Ranks

MISSING = "–"


def print_contest(contested: Contested, at: Sequence[int], output: OutputFormat) -> None:
    """Print the regret of each sampler, and for people their ranks; tell what was not found.

    Args:
        contested: what came of it.
        at: evaluations after which the regret is told, in their order.
        output: one of the formats; those for programs have medians as well.
    """
    rows = contested.rows(at)
    if output in READ_BY_PEOPLE:
        print_rows([_for_people(row) for row in rows], output)
    else:
        print_rows(rows, output)
    for each in contested.summaries(at[-1:]):
        where = f"{each.table}: {each.bounds}" if each.table else each.bounds
        if each.missing:
            found = f"not found by {each.missing} of {each.seeds} seeds"
            tell(f"{each.sampler}, {where}: {found}: no candidate within the bounds")
        if each.held:
            ended = f"{each.held} of {each.seeds} seeds found no further candidate"
            note(f"{each.sampler}, {where}: {ended} before {each.evaluations} evaluations")
    ranks = contested.ranks(at[-1])
    if ranks is not None and output in READ_BY_PEOPLE:
        print()
        print(
            f"mean ranks over {ranks.cases} cases after {ranks.evaluations} evaluations "
            f"(Friedman: p = {ranks.probability:.2g}):"
        )
        print_rows(_ranked(ranks), output)


def _for_people(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if not name.startswith("median_")}
    return {name: MISSING if value is None else value for name, value in kept.items()}


def _ranked(ranks: Ranks) -> list[Row]:
    half = ranks.critical_difference / 2
    means = sorted(zip(ranks.means, ranks.samplers, strict=True), key=lambda each: each[0])
    return [{"sampler": name, "rank": f"{mean:.2f} ± {half:.2f}"} for mean, name in means]
