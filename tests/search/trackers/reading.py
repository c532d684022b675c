"""Reads back what trackers wrote, each by its tool's own means: by key, a trial as it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
import wandb
from mlflow.tracking import MlflowClient
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
from tensorboard.plugins.hparams.metadata import (
    SESSION_END_INFO_TAG,
    SESSION_START_INFO_TAG,
    parse_session_end_info_plugin_data,
    parse_session_start_info_plugin_data,
)
from wandb.proto.wandb_internal_pb2 import Record


@dataclass(frozen=True)
class Found:
    """A trial in a tool."""

    key: int
    settings: dict[str, Any]
    state: str
    numbers: dict[str, float]
    steps: dict[int, float]
    limits: dict[str, float] = field(default_factory=dict)
    began: float | None = None
    ended: float | None = None
    """Seconds, as in `time.time`; None where the tool keeps none."""


def of_optuna(directory: Path) -> list[Found]:
    place = place_of("to_optuna", directory)
    (name,) = optuna.get_all_study_names(place)
    names = {"COMPLETE": "done", "FAIL": "failed", "PRUNED": "pruned", "RUNNING": "running"}
    return [
        Found(
            int(trial.user_attrs["key"]),
            trial.params,
            names[trial.state.name],
            trial.user_attrs | ({"score": trial.value} if trial.value is not None else {}),
            trial.intermediate_values,
            {name: by for name, by in trial.constraints.items() if not name.isdecimal()},
            trial.datetime_start.timestamp(),
            trial.datetime_complete and trial.datetime_complete.timestamp(),
        )
        for trial in optuna.load_study(study_name=name, storage=place).trials
    ]


def of_mlflow(directory: Path) -> list[Found]:
    client = MlflowClient(tracking_uri=place_of("mlflow", directory))
    experiment = client.get_experiment_by_name("mlp: score")
    found = []
    for run in client.search_runs([experiment.experiment_id], "tags.kind = 'trial'"):
        data, info = run.data, run.info
        history = client.get_metric_history(info.run_id, "reported")
        limits = {name: float(by) for name, by in data.tags.items() if name.startswith("limit.")}
        found.append(
            Found(
                int(data.tags["key"]),
                data.params,
                data.tags.get("state", "running"),
                data.metrics,
                {point.step: point.value for point in history},
                limits,
                info.start_time / 1000,
                info.end_time and info.end_time / 1000,
            )
        )
        assert len(history) == len(found[-1].steps), "each step once"
    return found


def of_tensorboard(directory: Path) -> list[Found]:
    files = Path(place_of("tensorboard", directory)).glob("*/*/events.*")
    return [_of_events(place) for place in sorted({file.parent for file in files})]


def _of_events(directory: Path) -> Found:
    events = EventAccumulator(str(directory)).Reload()
    scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    metadata = {
        tag: events.SummaryMetadata(tag).plugin_data.content for tag in events.summary_metadata
    }
    begun = parse_session_start_info_plugin_data(metadata[SESSION_START_INFO_TAG])
    settings = {
        name: getattr(value, value.WhichOneof("kind")) for name, value in begun.hparams.items()
    }
    last = {tag: points[-1].value for tag, points in scalars.items()}
    steps = {point.step: point.value for point in scalars.get("reported", [])}
    key, state, ended = int(directory.name.split("-")[1], 16), "running", None
    if SESSION_END_INFO_TAG in metadata:
        end = parse_session_end_info_plugin_data(metadata[SESSION_END_INFO_TAG])
        state = events.Tensors("state/text_summary")[-1].tensor_proto.string_val[0].decode()
        assert (end.status == STATUS_SUCCESS) == (state == "done")
        ended = end.end_time_secs
    limits = {tag: by for tag, by in last.items() if tag.startswith("limit/")}
    return Found(key, settings, state, last, steps, limits, begun.start_time_secs, ended)


def of_wandb(directory: Path) -> list[Found]:
    # Its own process writes the files, and has written all when it has ended.
    wandb.teardown()
    files = sorted(directory.glob("wandb/offline-run-*/run-*.wandb"))
    return [_of_records(found) for file in files if (found := list(records(file)))]


def records(file: Path) -> Iterator[Record]:
    """Yield what a file of a run offline holds: a log of LevelDB's format after seven bytes."""
    content, at, parts = file.read_bytes(), 7, b""
    while at + 7 <= len(content):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        length, kind = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        parts += content[at + 7 : at + 7 + length]
        at += 7 + length
        # Full, or the last part of several.
        if kind in (1, 4):
            record = Record()
            record.ParseFromString(parts)
            parts = b""
            yield record


def _of_records(found: list[Record]) -> Found:
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    steps = {}
    for record in found:
        kind = record.WhichOneof("record_type")
        if kind == "run":
            config |= {one.key: json.loads(one.value_json) for one in record.run.config.update}
        elif kind == "config":
            config |= {one.key: json.loads(one.value_json) for one in record.config.update}
        elif kind == "summary":
            summary |= {_key(one): json.loads(one.value_json) for one in record.summary.update}
        elif kind == "history":
            row = {_key(one): json.loads(one.value_json) for one in record.history.item}
            summary |= row
            if "reported" in row:
                steps[row["step"]] = row["reported"]
    limits = {name: by for name, by in summary.items() if name.startswith("limit/")}
    state, numbers = summary.get("state", "running"), config | summary
    began, ended = (
        datetime.fromisoformat(summary[moment]).timestamp() if summary.get(moment) else None
        for moment in ("started", "finished")
    )
    return Found(int(config["key"]), config, state, numbers, steps, limits, began, ended)


def _key(item: Any) -> str:
    return item.key or ".".join(item.nested_key)


PLACES = {
    "to_optuna": "sqlite:///{}/optuna.db",
    "mlflow": "sqlite:///{}/mlflow.db",
    "wandb": "of-tests",
    "tensorboard": "{}/events",
}
"""Where each tool is in a directory, by its key."""

READERS: dict[str, Callable[[Path], list[Found]]] = {
    "to_optuna": of_optuna,
    "mlflow": of_mlflow,
    "wandb": of_wandb,
    "tensorboard": of_tensorboard,
}
"""What reads each tool in a directory back."""


def place_of(key: str, directory: Path) -> str:
    """Return where a tool is in a directory."""
    return PLACES[key].format(directory)
