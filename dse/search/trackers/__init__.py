"""Studies in other tools, written while they go on."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from dse.search.trackers.tracker import StudyTracker, TrackedStudy, TrackedTrial, Trackers

TRACKERS: Mapping[str, str] = {
    "to_optuna": "optuna_tracker.OptunaTracker",
    "mlflow": "mlflow_tracker.MlflowTracker",
    "wandb": "wandb_tracker.WandbTracker",
    "tensorboard": "tensorboard_tracker.TensorboardTracker",
}
"""The key of the config that names where a tool is, and what writes there."""


def made_tracker(key: str, place: str) -> StudyTracker:
    """Return what writes into a tool; nothing of the tool is loaded before."""
    module, _, name = TRACKERS[key].partition(".")
    made: Any = getattr(import_module(f"{__name__}.{module}"), name)(place)
    assert isinstance(made, StudyTracker)
    return made


__all__ = ["TRACKERS", "StudyTracker", "TrackedStudy", "TrackedTrial", "Trackers", "made_tracker"]
