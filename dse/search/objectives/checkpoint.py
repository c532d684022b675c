"""The state of a training in a file, so that it goes on where it was cut short."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def save_checkpoint(file: str | Path | None, state: Mapping[str, Any]) -> None:
    """Keep a state in place of the one before; whoever is killed meanwhile leaves that one whole.

    Args:
        file: where; None keeps nothing.
        state: plain values and tensors.
    """
    if file is None:
        return
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    torch.save({**state, "random": torch.get_rng_state()}, beside)
    os.replace(beside, path)


def load_checkpoint(file: str | Path | None) -> dict[str, Any] | None:
    """Return the state that is kept, on the CPU, or None; random draws go on from there as well."""
    if file is None or not Path(file).exists():
        return None
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    torch.set_rng_state(state["random"])
    return state


def drop_checkpoint(file: str | Path | None) -> None:
    """Remove the state of a training that has come to its end."""
    if file is not None:
        Path(file).unlink(missing_ok=True)
