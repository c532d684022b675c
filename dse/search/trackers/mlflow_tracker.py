"""A study in MLflow: an experiment of its name, a run of the study, and in that one a trial."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from dse.configs import without_passwords
from dse.errors import DseError
from dse.extras import require
from dse.search.trackers.run_tracker import REPORTED, RunTracker
from dse.search.trackers.tracker import TrackedStudy, TrackedTrial

_STATUSES = {"done": "FINISHED", "failed": "FAILED", "pruned": "KILLED"}

# What MLflow takes at most.
_LONGEST_PARAM = 6000
_LONGEST_TAG = 8000
_A_BATCH = 100

_PATIENCE = 10.0
"""Seconds in which a server must answer at first; MLflow by itself tries for minutes."""


class MlflowTracker(RunTracker[str]):
    """Writes settings as params, costs and numbers as metrics, state and limits as tags.

    Args:
        uri: where MLflow keeps its runs, such as `sqlite:///mlflow.db` or the address of a server.
    """

    def __init__(self, uri: str) -> None:
        super().__init__()
        self._uri = uri

    def begin(self, study: TrackedStudy) -> None:
        """Open the experiment and the run of the study in it.

        Raises:
            DseError: where MLflow is not installed, or cannot be reached or opened.
        """
        tracking = require("mlflow.tracking", "mlflow")
        self._entities = require("mlflow.entities", "mlflow")
        failure = require("mlflow.exceptions", "mlflow").MlflowException
        # It tells of every table that it makes.
        logging.getLogger("mlflow.store.db").setLevel(logging.WARNING)
        self._study = study
        try:
            _reach(self._uri)
            self._client = tracking.MlflowClient(tracking_uri=self._uri)
            self._experiment = self._entered(study.name, failure)
            self._parent = self._study_run()
            self._held = dict(self._ends())
        except (failure, SQLAlchemyError, ImportError, OSError) as error:
            reason = without_passwords((str(error) or type(error).__name__).splitlines()[0])
            named = without_passwords(self._uri)
            raise DseError(f"mlflow: cannot open {named!r}: {reason}") from error

    def ended_attempt(self, trial: TrackedTrial) -> int:
        """Return the last attempt whose end was there when this process began."""
        return self._held.get(trial.key, 0)

    def opened(self, trial: TrackedTrial) -> str:
        """Return the id of the run of a trial, which is made if there is none."""
        name = f"candidate {trial.id}" if trial.number is None else f"trial {trial.number}"
        told = {"attempt": str(trial.attempt), "id": str(trial.id)}
        nested = {"mlflow.parentRunId": self._parent}
        identity = {"kind": "trial", "key": str(trial.key)}
        run, is_new = self._run(identity, name, {**told, **nested}, trial.started)
        if not is_new:
            before = self._client.get_metric_history(run, REPORTED)
            self._reported[trial.key] = {(point.step, point.value) for point in before}
            # What was given up may go on, and what failed be tried again.
            for tag in {"state", "error"} & self._client.get_run(run).data.tags.keys():
                self._client.delete_tag(run, tag)
        self._client.update_run(run, status="RUNNING")
        self._write(run, tags=told, params=trial.settings)
        self._write(run, metrics=trial.costs, at=trial.started)
        return run

    def log(self, run: str, step: int, value: float) -> None:
        """Add a step to the history of a metric."""
        self._client.log_metric(run, REPORTED, value, step=step)

    def close(self, run: str, trial: TrackedTrial) -> None:
        """Write numbers, limits and the end of a trial."""
        limits = {f"limit.{name}": str(by) for name, by in trial.violations.items()}
        error = {"error": trial.error} if trial.error else {}
        # The state last: what has one is complete.
        ended = {"attempt": str(trial.attempt), **error, **limits}
        self._write(run, metrics=self.results(trial), tags=ended, at=trial.finished)
        self._write(run, tags={"state": trial.state})
        self._client.set_terminated(run, _STATUSES[trial.state], _milliseconds(trial.finished))

    def leave(self, run: str) -> None:
        """End a run as killed, unless another process has ended it."""
        if "state" not in self._client.get_run(run).data.tags:
            self._client.set_terminated(run, "KILLED")

    def end(self) -> None:
        """End the run of the study; whoever goes on with the study opens it again."""
        super().end()
        self._client.set_terminated(self._parent)

    def _entered(self, name: str, failure: type[Exception]) -> str:
        there = self._client.get_experiment_by_name(name)
        if there is None:
            try:
                return str(self._client.create_experiment(name))
            except failure:
                # Another process was faster.
                there = self._client.get_experiment_by_name(name)
                if there is None:
                    raise
        return str(there.experiment_id)

    def _study_run(self) -> str:
        study = self._study
        goals = {f"goal.{name}": direction for name, direction in study.goals.items()}
        run, is_new = self._run({"kind": "study"}, f"study {study.id}", goals, None)
        self._client.update_run(run, status="RUNNING")
        if is_new:
            self._write(run, params={key: json.dumps(each) for key, each in study.config.items()})
        return run

    def _ends(self) -> Iterator[tuple[int, int]]:
        """Yield the key and the attempt of each trial that has ended."""
        token: str | None = ""
        while token is not None:
            asked = self._filter({"kind": "trial"})
            page = self._client.search_runs([self._experiment], asked, page_token=token or None)
            for run in page:
                if "state" in run.data.tags:
                    yield int(run.data.tags["key"]), int(run.data.tags["attempt"])
            token = page.token or None

    def _run(
        self,
        identity: Mapping[str, str],
        name: str,
        tags: Mapping[str, str],
        started: datetime | None,
    ) -> tuple[str, bool]:
        """Return the id of the run of an identity, which is made if there is none; and whether."""
        found = self._first(identity)
        if found is not None:
            return found, False
        of_study = {"study": str(self._study.id)}
        made = self._client.create_run(
            self._experiment,
            _milliseconds(started),
            {_name(key): each for key, each in {**of_study, **tags, **identity}.items()},
            name,
        ).info.run_id
        first = self._first(identity)
        if first not in (None, made):
            # Another process made one at the same moment.
            self._client.delete_run(made)
            return str(first), False
        return str(made), True

    def _first(self, identity: Mapping[str, str]) -> str | None:
        found = self._client.search_runs([self._experiment], self._filter(identity))
        ids = sorted((run.info.start_time, run.info.run_id) for run in found)
        return str(ids[0][1]) if ids else None

    def _filter(self, tags: Mapping[str, str]) -> str:
        wanted = {"study": str(self._study.id), **tags}
        return " and ".join(f"tags.{key} = '{value}'" for key, value in wanted.items())

    def _write(
        self,
        run: str,
        metrics: Mapping[str, float] | None = None,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> None:
        entities, moment = self._entities, _milliseconds(at)
        # The same moment for whoever tells of it: MLflow leaves out a point that it holds.
        points = [
            entities.Metric(_name(name), float(value), moment, 0)
            for name, value in (metrics or {}).items()
        ]
        settings = [
            entities.Param(_name(name), str(value)[:_LONGEST_PARAM])
            for name, value in (params or {}).items()
        ]
        labels = [
            entities.RunTag(_name(name), value[:_LONGEST_TAG])
            for name, value in (tags or {}).items()
        ]
        for some in _batches(points):
            self._client.log_batch(run, metrics=some)
        for some in _batches(settings):
            self._client.log_batch(run, params=some)
        for some in _batches(labels):
            self._client.log_batch(run, tags=some)


def _reach(uri: str) -> None:
    """Raise an error of the connection where there is no server or database."""
    scheme = uri.partition("://")[0].partition("+")[0]
    if scheme in ("http", "https"):
        require("requests", "mlflow").get(uri, timeout=_PATIENCE)
    elif scheme in ("sqlite", "postgresql", "mysql", "mssql"):
        engine = create_engine(uri)
        engine.connect().close()
        engine.dispose()


def _batches(entities: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(entities), _A_BATCH):
        yield entities[start : start + _A_BATCH]


def _milliseconds(moment: datetime | None) -> int:
    return int(1000 * (time.time() if moment is None else moment.timestamp()))


def _name(text: str) -> str:
    """Return a name in the characters that MLflow takes."""
    told = text.replace("<=", "at most").replace(">=", "at least")
    return re.sub(r"[^\w.\- :]", "_", told)
