"""Which evaluations that were given up go on after all, as others turned out to be worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dse.search.proposing.proposals import Proposer
from dse.search.proposing.study_view import StudyView
from dse.store import StoredTrial

_RUNG = "completed_rung_"
"""What pruners that compare trials rung by rung note with a trial, for each that it has reached."""

LOOKED_AT = 8
"""The best trials of a rung that are looked at; where none of them goes on, worse ones do not."""


def promoted(proposer: Proposer, view: StudyView, is_larger_better: bool) -> Iterator[StoredTrial]:
    """Yield trials that were given up and would not be any more, those of the last rung first.

    Asynchronous successive halving (arXiv:1810.05934): a trial goes on once it is among the best of
    its rung, whichever came first.

    Args:
        proposer: of the study, whose pruner is asked.
        view: of the study.
        is_larger_better: whether the goal is to be large.
    """
    rungs: dict[int, list[StoredTrial]] = {}
    for trial in view.trials.trials:
        if trial.state == "pruned" and (rung := _last_rung(trial.notes)) is not None:
            rungs.setdefault(rung, []).append(trial)
    shown = view.now()
    for rung in sorted(rungs, reverse=True):
        name = f"{_RUNG}{rung}"
        ranked = sorted(rungs[rung], key=lambda each: each.notes["trial"][name])
        for trial in (ranked[::-1] if is_larger_better else ranked)[:LOOKED_AT]:
            before = {key: each for key, each in trial.notes["trial"].items() if key != name}
            notes = {**trial.notes, "trial": before}
            given_up, _ = proposer.prunes(shown, len(view.known) + trial.number, notes)
            if not given_up:
                yield trial


def _last_rung(notes: Mapping[str, Any]) -> int | None:
    """Return the last rung that a trial has reached, counted from 0."""
    reached = [name.removeprefix(_RUNG) for name in notes.get("trial", {})]
    return max((int(name) for name in reached if name.isdecimal()), default=None)
