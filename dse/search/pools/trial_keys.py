"""What tells the candidates of a study apart: their networks, and how these are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dse.store import NO_TRAINING, hashed

if TYPE_CHECKING:
    from dse.store import StoredTrial


def trial_key(key: int, training: str) -> int:
    """Return what tells a network with training settings apart; its own key where it has none.

    Args:
        key: of the network, 63 bits.
        training: as canonical JSON.
    """
    return key if training == NO_TRAINING else key ^ hashed([training])


def key_of_trial(trial: StoredTrial) -> int:
    """Return the key of the candidate that a trial evaluates."""
    return trial_key(trial.key, trial.training)
