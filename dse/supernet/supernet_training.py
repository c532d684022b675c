"""Trains a supernet in this process, from where it was cut short."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from dse.errors import DseError
from dse.files import written_whole
from dse.supernet.candidate_draws import DrawnCandidates
from dse.supernet.sandwich_trainer import (
    STATE_KINDS,
    SandwichTrainer,
    State,
    training_identity,
)
from dse.supernet.supernet_file import Supernet, check_content, read_content
from dse.supernet.supernet_settings import SupernetTraining
from dse.supernet.training_ranks import OneRank

Told = Callable[[int, int, dict[str, float]], None]
"""Takes the epochs that are done, of how many, and the accuracies of fixed candidates."""


def train_supernet(
    supernet: Supernet,
    candidates: DrawnCandidates,
    training: SupernetTraining,
    checkpoint: Path | None = None,
    device: str = "cpu",
    tell: Told = lambda done, total, accuracies: None,
) -> None:
    """Train the weights of a supernet in place; from a checkpoint it goes on as if undisturbed.

    Each step trains the largest candidate on the labels, and the smallest and some drawn ones on
    what the largest says of the same images: the sandwich rule and in-place distillation of
    "Universally Slimmable Networks", arXiv:1903.05134, and BigNAS, arXiv:2003.11142. The gradients
    are averaged over the candidates of a step.

    Args:
        supernet: whose tensors change.
        candidates: to be trained on.
        training: how.
        checkpoint: a file for the state after each epoch.
        device: where.
        tell: takes how far it is after each epoch.

    Raises:
        DseError: for a checkpoint of another training, or networks that tell no classes apart.
    """
    training.check()
    begun = kept_state(checkpoint, training_identity(supernet, candidates, training))

    def keep(state: State) -> None:
        if checkpoint is not None:
            with written_whole(checkpoint) as part:
                torch.save(dict(state), part)
        tell(state["epoch"], training.epochs, accuracies_of(state))

    with torch.random.fork_rng(devices=[]):
        SandwichTrainer(supernet, candidates, training, device, OneRank()).run(begun, keep)


def kept_state(checkpoint: Path | None, identity: str) -> State | None:
    """Return the state that a file keeps of a training, or None where there is no file.

    Raises:
        DseError: for a file of another training, or one that is damaged.
    """
    if checkpoint is None or not checkpoint.exists():
        return None
    state = read_content(checkpoint)
    if state.get("identity") != identity:
        raise DseError(
            f"{checkpoint}: it is of a training with other settings; remove it to begin anew, or "
            "give the settings that it was begun with"
        )
    check_content(state, STATE_KINDS, str(checkpoint))
    return state


def accuracies_of(state: State) -> dict[str, float]:
    """Return the accuracies of fixed candidates at a state, by their keys."""
    return {key: each for key, each in state["accuracies"][-1].items() if key != "epoch"}
