"""What the contest came to, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

import numpy as np

from dse.search import Curve, Summary, rank_samplers, summarise
from tests.rivals.contest import Done, Key
from tests.rivals.encodings import Floats
from tests.rivals.registry import BY_NAME
from tests.rivals.tables import CaseName

AT = (10, 25, 50, 100)
RANKED_AT = 50
OURS, OTHERS, RANDOM = "pool", "tpe", "random"


@dataclass(frozen=True)
class Results:
    """What the report tells of."""

    cases: Sequence[CaseName]
    samplers: Sequence[str]
    done: Mapping[Key, Done]
    floors: Mapping[str, Floats]
    """By case in words, after each evaluation; none for cases without."""
    not_run: Mapping[str, str]
    """Samplers and tables that are not here, with the reasons."""
    evaluations: int = max(AT)
    """Of each run."""

    @property
    def at(self) -> tuple[int, ...]:
        """The evaluations after which regret is told."""
        return tuple(number for number in AT if number <= self.evaluations) or (self.evaluations,)

    @cached_property
    def found(self) -> dict[tuple[CaseName, str, int], Summary]:
        """What regrets came to by case, sampler and number of evaluations."""
        curves = [
            Curve(sampler, case.budget, seed, done.regrets, case.table)
            for case in self.cases
            for sampler in self.samplers
            for (*of, seed), done in self.done.items()
            if of == [case.table, case.budget, sampler]
        ]
        return {
            (CaseName(each.table, each.bounds), each.sampler, each.evaluations): each
            for each in summarise(curves, self.at)
        }

    def ran(self, case: CaseName) -> list[str]:
        """Return the samplers with any run of a case."""
        return [each for each in self.samplers if (case, each, self.at[0]) in self.found]

    def least(self, case: CaseName, number: int) -> float:
        """Return the floor: at most what any sampler came to on average."""
        means = [self.found[case, each, number].mean for each in self.ran(case)]
        floor = self.floors[str(case)]
        return float(np.nanmin([*means, floor[min(number, len(floor)) - 1]]))


def report(results: Results) -> str:
    """Return the whole page."""
    told = (section(results) for section in SECTIONS)
    return "\n\n".join(filter(None, told)) + "\n"


def head(results: Results) -> str:
    lines = [
        "# Samplers on tables of measured candidates",
        "",
        "Made by `python -m tests.rivals`. Regret is how far the best candidate so far is from the",
        "best within the budget.",
    ]
    if results.not_run:
        lines += ["", "Not run:", ""]
        lines += [f"- `{name}`: {reason}" for name, reason in results.not_run.items()]
    return "\n".join(lines)


def regrets(results: Results) -> str:
    """Mean regrets with standard errors, and medians."""
    at = [f"after {number}: mean ± error (median)" for number in results.at]
    rows = []
    for case in results.cases:
        for name in results.ran(case):
            each = [results.found[case, name, number] for number in results.at]
            rows.append([str(case), BY_NAME[name].title, str(each[0].seeds), *map(_cell, each)])
    return "## Regret\n\n" + _table(["case", "sampler", "seeds", *at], rows)


def shares(results: Results) -> str:
    """What is left of TPE's regret above the floor; nothing where no floor was worked out."""
    rows, found = [], []
    for case in results.cases:
        if str(case) not in results.floors or not {OURS, OTHERS} <= {*results.ran(case)}:
            continue
        for number in results.at:
            ours, others = (results.found[case, name, number] for name in (OURS, OTHERS))
            floor = results.least(case, number)
            told = share(ours, others, floor)
            found += [(number, told)]
            cells = [f"{each:.4g}" for each in (ours.mean, others.mean, floor)]
            rows.append([str(case), str(number), *cells, _told(told)])
    if not rows:
        return ""
    lines = [
        "## Ours above the floor, as a share of TPE's",
        "",
        "The floor is the regret of one who evaluates candidates in the order of predictions by",
        "trees that learned four labels of five, or the least mean regret of any sampler where",
        "that is less. A tie is a case where both are within two standard errors of it.",
        "",
        *(f"- {line}" for line in _summaries(found)),
        "",
        _table(["case", "evaluations", "ours", "TPE", "floor", "share"], rows),
    ]
    return "\n".join(lines)


def share(ours: Summary, others: Summary, floor: float) -> float | None:
    """Return (ours − floor) / (others − floor); None for a tie, infinite where only ours lags."""
    if others.mean - floor <= 2 * others.error:
        return None if ours.mean - floor <= 2 * ours.error else float("inf")
    return (ours.mean - floor) / (others.mean - floor)


def ranks(results: Results) -> str:
    """Friedman's ranks of the samplers that ran all cases."""
    number = max((at for at in results.at if at <= RANKED_AT), default=results.at[0])
    title = f"## Mean ranks after {number}\n\n"
    everywhere = set(results.samplers).intersection(*map(results.ran, results.cases))
    some = [
        each
        for (_, sampler, at), each in results.found.items()
        if at == number and sampler in everywhere
    ]
    found = rank_samplers(some)
    if found is None:
        return title + "Ranks need three samplers that ran two cases or more."
    placed = sorted(zip(found.means, found.samplers, strict=True))
    rows = [[BY_NAME[name].title, f"{mean:.2f}"] for mean, name in placed]
    told = (
        f"Of the samplers that ran all {found.cases} cases; Friedman's p = "
        f"{found.probability:.2g}. By Nemenyi, ranks less than {found.critical_difference:.2f} "
        "apart tell nothing (level 0.05)."
    )
    return title + told + "\n\n" + _table(["sampler", "mean rank"], rows)


def left(results: Results) -> str:
    """What each sampler leaves of the regret that random candidates leave after the first number.

    The mean over the cases that it ran; nothing where no random candidates were drawn.
    """
    first = results.at[0]
    rows = []
    for name in results.samplers:
        cases = [case for case in results.cases if {name, RANDOM} <= {*results.ran(case)}]
        of_each = [
            [results.found[case, name, number].mean / blind for number in results.at]
            for case in cases
            if (blind := results.found[case, RANDOM, first].mean)
        ]
        if of_each:
            means = [f"{sum(column) / len(column):.3f}" for column in zip(*of_each, strict=True)]
            rows.append([BY_NAME[name].title, str(len(of_each)), *means])
    if not rows:
        return ""
    title = f"## Regret, as a share of that of {first} random candidates\n\n"
    at = [f"after {number}" for number in results.at]
    return title + _table(["sampler", "cases", *at], rows)


SECTIONS: tuple[Callable[[Results], str], ...] = (head, shares, ranks, left, regrets)
"""What the page consists of: a further section, such as on intervals, is a function more."""


def _summaries(found: Sequence[tuple[int, float | None]]) -> list[str]:
    lines = []
    for number in dict.fromkeys(at for at, _ in found):
        told = [each for at, each in found if at == number]
        some = [each for each in told if each is not None]
        if some:
            ties = len(told) - len(some)
            middle = _told(median(some))
            lines.append(f"after {number}: median {middle} over {len(some)} cases, {ties} ties")
        elif told:
            lines.append(f"after {number}: {len(told)} ties")
    return lines


def _told(share: float | None) -> str:
    return "tie" if share is None else "behind" if share == float("inf") else f"{share:.2f}"


def _cell(summary: Summary) -> str:
    missing = f", {summary.missing} found nothing" if summary.missing else ""
    return f"{summary.mean:.4g} ± {summary.error:.2g} ({summary.median:.4g}){missing}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
