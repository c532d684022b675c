"""A study in Weights & Biases: a group of runs, one a trial."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from dse.errors import DseError
from dse.extras import require
from dse.search.trackers.run_tracker import REPORTED, RunTracker
from dse.search.trackers.tracker import TrackedStudy, TrackedTrial

STATE, ATTEMPT, STEP = "state", "attempt", "step"
"""In the summary how a trial ended, in the config which attempt at it, and the axis of steps."""

_LONGEST_GROUP = 128

_QUIET = {
    "silent": True,
    "console": "off",
    "disable_git": True,
    "disable_code": True,
    "save_code": False,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "x_save_requirements": False,
}
"""A run tells of a trial, and nothing of the process that does."""


class WandbTracker(RunTracker[Any]):
    """Writes settings and costs as config, steps and numbers as history, limits in the summary.

    `WANDB_MODE=offline` writes files for `wandb sync`, into `WANDB_DIR`.

    Args:
        project: its name, or `ENTITY/PROJECT`.
    """

    def __init__(self, project: str) -> None:
        super().__init__()
        self._project = project

    def begin(self, study: TrackedStudy) -> None:
        """Log in, unless offline, and learn what the group of the study holds.

        Raises:
            DseError: where the package is not installed, or nobody is logged in.
        """
        self._wandb = require("wandb", "wandb")
        self._study = study
        self._group = f"{study.name} ({study.id})"[-_LONGEST_GROUP:]
        settings = self._wandb.setup().settings
        self._is_online = settings.mode == "online"
        self._files = Path(settings.wandb_dir)
        try:
            if self._is_online:
                self._wandb.login()
            self._held = self._held_online() if self._is_online else self._held_offline()
        except self._wandb.Error as error:
            reason = " ".join(str(error).split())
            raise DseError(f"wandb: cannot open {self._project!r}: {reason}") from error

    def ended_attempt(self, trial: TrackedTrial) -> int:
        """Return the last attempt whose end was there when this process began."""
        return self._held.get(self._id(trial), 0)

    def opened(self, trial: TrackedTrial) -> Any:
        """Return the run of a trial, which is gone on with where there is one."""
        entity, _, project = self._project.rpartition("/")
        told = {"id": trial.id, "key": str(trial.key), ATTEMPT: trial.attempt}
        run = self._wandb.init(
            entity=entity or None,
            project=project,
            id=self._id(trial),
            name=f"candidate {trial.id}" if trial.number is None else f"trial {trial.number}",
            group=self._group,
            config={**trial.costs, **trial.settings, **told},
            allow_val_change=True,
            resume="allow",
            # The process may have a run of its own.
            reinit="create_new",
            settings=self._wandb.Settings(**_QUIET),
        )
        run.define_metric(REPORTED, step_metric=STEP)
        return run

    def log(self, run: Any, step: int, value: float) -> None:
        """Add a step to the history."""
        run.log({REPORTED: value, STEP: step})

    def close(self, run: Any, trial: TrackedTrial) -> None:
        """Write numbers, limits and the end of a trial."""
        if numbers := self.results(trial):
            run.log(dict(numbers))
        limits = {f"limit/{name}": by for name, by in trial.violations.items()}
        error = {"error": trial.error} if trial.error else {}
        run.config.update({ATTEMPT: trial.attempt}, allow_val_change=True)
        # A run has the times of the process that writes it.
        moments = {"started": _moment(trial.started), "finished": _moment(trial.finished)}
        run.summary.update({**limits, **error, **moments, STATE: trial.state})
        place = Path(run.settings.sync_dir)
        run.finish(exit_code=int(trial.state == "failed"))
        if not self._is_online and place.is_dir():
            # Files that are to be sent can only be read by what sends them.
            (place / f"{_ENDED}{trial.attempt}-{self._id(trial)}").touch()

    def leave(self, run: Any) -> None:
        """End a run as one that failed; it has no state, so that it may be gone on with."""
        run.finish(exit_code=1)

    def _id(self, trial: TrackedTrial) -> str:
        name = re.sub(r"[^\w-]+", "-", self._study.name)[:64]
        return f"{name}-{self._study.id}-{trial.key:016x}"

    def _held_online(self) -> dict[str, int]:
        """Return the attempt in which each run of the group ended, by its id."""
        wanted = {"group": self._group}
        try:
            runs = self._wandb.Api().runs(self._project, filters=wanted, lazy=False)
            return {run.id: int(run.config.get(ATTEMPT, 1)) for run in runs if STATE in run.summary}
        except ValueError:
            # The first run makes the project.
            return {}

    def _held_offline(self) -> dict[str, int]:
        held: dict[str, int] = {}
        for end in self._files.glob(f"offline-run-*/{_ENDED}*"):
            attempt, _, id = end.name.removeprefix(_ENDED).partition("-")
            held[id] = max(int(attempt), held.get(id, 0))
        return held


_ENDED = "ended-"
"""Begins the name of a file beside those of a run offline; the attempt and the run's id follow."""


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone().isoformat()
