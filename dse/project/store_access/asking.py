"""Questions to a store, as answers that the command line prints and a project turns into frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

from dse.store import (
    Answer,
    ParetoGoal,
    Streamed,
    Words,
    answer,
    answer_by_group,
    correlate,
    count_replicates,
    forget,
    open_existing,
    open_for_reading,
    pareto,
    read_runs,
    streamed,
    words_of,
)

Names = Words | None
Outcome = Literal["failed", "pruned", "done"]


def asked(
    url: str,
    where: str | None = None,
    columns: Names = None,
    sort: Names = None,
    limit: int | None = None,
    group_by: Names = None,
) -> Answer:
    """Return the candidates that meet a condition, or a row for each group of them."""
    engine = open_for_reading(url)
    if group_by is not None:
        return answer_by_group(engine, group_by, where, sort, limit, columns)
    return answer(engine, where, sort, limit, columns)


def asked_in_stream(
    url: str, where: str | None = None, columns: Names = None, sort: Names = None
) -> AbstractContextManager[Streamed]:
    """Return all candidates that meet a condition one after the other, however many there are."""
    return streamed(open_for_reading(url), where, sort, columns)


def recorded_runs(url: str) -> list[dict[str, Any]]:
    """Return every run of a store, with what it has done, found invalid, failed at and left."""
    return read_runs(open_for_reading(url))


def totals(runs: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many runs there are, how much they stored, and how much of it failed."""
    names = ("candidates", "invalid", "measurements", "failed")
    return {"runs": len(runs), **{name: sum(run[name] for run in runs) for name in names}}


def undominated(
    url: str,
    minimize: Names = (),
    maximize: Names = (),
    where: str | None = None,
    columns: Names = None,
    limit: int | None = None,
) -> Answer:
    """Return the candidates that no other one beats."""
    goals = [ParetoGoal(text.strip(), "min") for text in words_of(minimize, "min")]
    goals += [ParetoGoal(text.strip(), "max") for text in words_of(maximize, "max")]
    return pareto(open_for_reading(url), goals, where, limit, columns)


def correlated(url: str, columns: Words, where: str | None = None) -> Answer:
    """Return the rank correlations of each pair of numbers."""
    return correlate(open_for_reading(url), columns, where)


@dataclass(frozen=True)
class Forgettable:
    """Measurements that may be removed."""

    url: str
    measurement: str
    outcome: Outcome | None
    networks: list[tuple[str, int]]
    """By family and key."""
    number: int
    notes: tuple[str, ...]
    """What is to be told of the candidates that are left out."""

    def forget(self) -> None:
        """Remove them."""
        if self.number:
            engine = open_existing(self.url)
            forget(engine, self.networks, self.measurement, self.outcome)


def forgettable(
    url: str, measurement: str, where: str | None = None, outcome: Outcome | None = None
) -> Forgettable:
    """Return the measurements of the candidates that meet a condition."""
    engine = open_existing(url)
    found = answer(engine, where, columns=["family", "key"])
    networks = sorted({(row["family"], row["key"]) for row in found.rows})
    number = count_replicates(engine, networks, measurement, outcome)
    return Forgettable(url, measurement, outcome, networks, number, found.notes)
