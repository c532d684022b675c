"""How a trial ended, as parameters of the statements that store it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dse.store.canonical import storable
from dse.store.clock import now


@dataclass(frozen=True, slots=True)
class Ending:
    """How a trial ended."""

    state: str
    """`done`, `failed` or `pruned`."""
    outcomes: Sequence[Mapping[str, Any]] = ()
    """What came of each replicate; plain values."""
    error: str | None = None
    started: str | None = None
    """When its evaluation began; None where it was not evaluated."""


def given_ending(ending: Ending) -> dict[str, Any]:
    """Return the parameters that say how a trial ended."""
    return {
        "new_state": ending.state,
        "new_error": None if ending.error is None else storable(ending.error),
        "new_outcomes": [_storable(one) for one in ending.outcomes],
        "new_started": ending.started,
    }


def at_change(changed: int) -> dict[str, Any]:
    """Return the parameters that say when a trial ended."""
    return {"new_finished": now(), "new_ended": changed, "new_changed": changed}


def _storable(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return an outcome whose texts every database takes."""
    texts = {name: storable(value) for name, value in outcome.items() if isinstance(value, str)}
    return {**outcome, **texts}
