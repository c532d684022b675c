"""A study in TensorBoard: a directory of the study, and in that one of events a trial."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.errors import DseError
from dse.extras import require
from dse.search.trackers.run_tracker import REPORTED, RunTracker
from dse.search.trackers.tracker import TrackedStudy, TrackedTrial

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

ATTEMPT = "attempt"
"""The scalar that tells which attempt a trial ended in."""


class TensorboardTracker(RunTracker["SummaryWriter"]):
    """Writes settings as hyper-parameters; goals, numbers, costs and steps as scalars.

    Args:
        directory: where TensorBoard looks for events.
    """

    def __init__(self, directory: str) -> None:
        super().__init__()
        self._directory = Path(directory)

    def begin(self, study: TrackedStudy) -> None:
        """Make the directory of the study.

        Raises:
            DseError: where TensorBoard is not installed, or the directory cannot be made.
        """
        self._writer = require("torch.utils.tensorboard", "tensorboard").SummaryWriter
        plugin = "tensorboard.plugins.hparams"
        self._protocol = require(f"{plugin}.api_pb2", "tensorboard")
        self._data = require(f"{plugin}.plugin_data_pb2", "tensorboard")
        self._metadata = require(f"{plugin}.metadata", "tensorboard")
        self._start = require(f"{plugin}.summary_v2", "tensorboard").hparams_pb
        self._summary = require("tensorboard.compat.proto.summary_pb2", "tensorboard").Summary
        reading = "tensorboard.backend.event_processing.event_accumulator"
        self._events = require(reading, "tensorboard").EventAccumulator
        self._study = study
        name = re.sub(r"[^\w.-]+", "_", study.name)
        self._place = self._directory / f"{name}-{study.id}"
        try:
            self._place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DseError(
                f"tensorboard: cannot open {str(self._directory)!r}: {reason}"
            ) from error

    def ended_attempt(self, trial: TrackedTrial) -> int:
        """Return the last attempt that the events of a trial tell the end of."""
        place = self._place_of(trial)
        if not place.is_dir():
            return 0
        events = self._events(str(place)).Reload()
        attempts = events.Scalars(ATTEMPT) if ATTEMPT in events.Tags()["scalars"] else []
        return max((int(each.value) for each in attempts), default=0)

    def opened(self, trial: TrackedTrial) -> SummaryWriter:
        """Begin a file of events with the settings of a trial."""
        writer: SummaryWriter = self._writer(str(self._place_of(trial)))
        plain = {
            name: value if isinstance(value, bool | int | float) else str(value)
            for name, value in trial.settings.items()
        }
        started = None if trial.started is None else trial.started.timestamp()
        _add(writer, self._start(plain, start_time_secs=started))
        for name, value in trial.costs.items():
            writer.add_scalar(name, value, 0, walltime=started)
        writer.flush()
        return writer

    def log(self, run: SummaryWriter, step: int, value: float) -> None:
        """Add a step to the events."""
        run.add_scalar(REPORTED, value, step)
        run.flush()

    def close(self, run: SummaryWriter, trial: TrackedTrial) -> None:
        """Write numbers and the end of a trial."""
        finished = None if trial.finished is None else trial.finished.timestamp()
        for name, value in {**self.results(trial), **_limits(trial)}.items():
            # Costs are there.
            if name not in trial.costs:
                run.add_scalar(name, value, 0, walltime=finished)
        run.add_text("state", trial.state, walltime=finished)
        if trial.error:
            run.add_text("error", trial.error, walltime=finished)
        status = "STATUS_SUCCESS" if trial.state == "done" else "STATUS_FAILURE"
        ended = self._data.SessionEndInfo(
            status=getattr(self._protocol, status), end_time_secs=finished
        )
        content = self._data.HParamsPluginData(session_end_info=ended)
        tag, described = self._metadata.SESSION_END_INFO_TAG, self._metadata.create_summary_metadata
        _add(run, self._summary(value=[{"tag": tag, "metadata": described(content)}]))
        run.add_scalar(ATTEMPT, trial.attempt, 0, walltime=finished)
        run.close()

    def leave(self, run: SummaryWriter) -> None:
        """Close the file of events."""
        run.close()

    def _place_of(self, trial: TrackedTrial) -> Path:
        return self._place / f"{trial.id}-{trial.key:016x}"


def _add(writer: SummaryWriter, summary: Any) -> None:
    assert writer.file_writer is not None
    writer.file_writer.add_summary(summary)


def _limits(trial: TrackedTrial) -> dict[str, float]:
    return {f"limit/{name}": by for name, by in trial.violations.items()}
