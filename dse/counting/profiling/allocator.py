"""What PyTorch's CPU allocator hands out while a model really runs, operator by operator.

The allocator sees more than tensors: while an operator runs, its kernel may take scratch memory,
reorder operands into a layout of its own, or copy them. That depends on the kernel and the
processor, not on the network, and is called workspace here.
"""

from __future__ import annotations

import gc
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

from dse.counting.running import MARK, Inputs, prepare, running, without_collector
from dse.counting.tensors import held_bytes
from dse.counting.trace_records import Operation
from dse.counting.training import TrainingLoss, labelled, run_step


@dataclass(frozen=True, slots=True)
class AllocatorRun:
    """One real run of a model, as its tensors and as the allocator saw it; bytes."""

    base_bytes: int
    """There before and after: weights, and the state of an optimizer."""
    operations: tuple[Operation, ...]
    workspaces: tuple[int, ...]
    """What each operator took besides its results, and gave back before it ended."""
    allocator_bytes: int
    """Highest number of bytes that the allocator had handed out at once."""

    @property
    def tensor_bytes(self) -> int:
        """Highest number of bytes of the storages of tensors."""
        return self.base_bytes + max(operation.alive for operation in self.operations)

    @property
    def bytes_with_workspace(self) -> int:
        """Highest number of bytes of tensors and of the running operator's workspace."""
        pairs = zip(self.operations, self.workspaces, strict=True)
        return self.base_bytes + max(operation.alive + space for operation, space in pairs)

    @property
    def peak_operator(self) -> str:
        """The operator that runs, workspace counted, when memory is highest."""
        pairs = zip(self.operations, self.workspaces, strict=True)
        return max(pairs, key=lambda pair: pair[0].alive + pair[1])[0].name


def run_on_allocator(
    model: nn.Module,
    inputs: Inputs,
    training: bool = False,
    optimizer: str = "sgd-momentum",
    kwargs: Mapping[str, Any] | None = None,
    loss: TrainingLoss | None = None,
) -> AllocatorRun:
    """Run a copy of a model on random data on the CPU and watch the allocator.

    Args:
        model: any module; it is not touched.
        inputs: its inputs, batch included.
        training: run a training step instead of a forward pass in evaluation mode.
        optimizer: of the training step.
        kwargs: further keyword arguments of its forward.
        loss: of the training step; None for one that keeps nothing.

    Raises:
        DseError: where the model cannot run, or not be trained.
    """
    loss = labelled(loss, model, inputs, kwargs, real=True) if training else None
    labels = None if loss is None else loss.labels
    prepared = prepare(model, inputs, kwargs, real=True, training=training, labels=labels)
    input_bytes = held_bytes(prepared.tensors)
    weights = {*prepared.model.parameters(), *prepared.model.buffers()}
    weight_bytes = held_bytes(weights)
    # PyTorch's profiler tells of its own start, and of a GPU that is not there, as errors.
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    # What was there before must not be freed, and taken for a part of the run.
    gc.collect()
    with without_collector(), _profiler() as profiler:
        if training:
            step = run_step(prepared, optimizer, marked=True, loss=loss)
            operations, state_bytes = step.operations, step.state_bytes
            state_from = step.backward_end
        else:
            recorder = prepared.recorder(marked=True)
            with running(prepared, recorder), torch.no_grad(), recorder:
                prepared.model(*prepared.arguments, **prepared.keywords)
            operations, state_bytes = tuple(recorder.operations), 0
            state_from = len(operations)
    changes, spans = _events(profiler)
    peaks, workspaces = _walk(changes, [spans[index] for index in range(len(operations))])
    # The state is made between the backward pass and the step, but in every step but the first it
    # is there from the start.
    before, after = peaks[:state_from], peaks[state_from:]
    peak = max([state_bytes + max(before), *after])
    return AllocatorRun(
        base_bytes=weight_bytes + state_bytes,
        operations=operations,
        workspaces=workspaces,
        allocator_bytes=weight_bytes + input_bytes + peak,
    )


def _profiler() -> profile:
    return profile(activities=[ProfilerActivity.CPU], profile_memory=True)


def _events(profiler: profile) -> tuple[list[tuple[float, int]], dict[int, tuple[float, float]]]:
    """Return the changes of memory over time, and when each operator ran."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "trace.json"
        profiler.export_chrome_trace(str(path))
        events: list[dict[str, Any]] = json.loads(path.read_text())["traceEvents"]
    changes, spans = [], {}
    for event in events:
        name = event.get("name", "")
        if name == "[memory]":
            changes.append((float(event["ts"]), int(event["args"]["Bytes"])))
        elif name.startswith(MARK) and event.get("cat") == "user_annotation":
            start = float(event["ts"])
            spans[int(name.removeprefix(MARK))] = (start, start + float(event["dur"]))
    return sorted(changes, key=lambda change: change[0]), spans


def _walk(
    changes: Sequence[tuple[float, int]], spans: Sequence[tuple[float, float]]
) -> tuple[list[int], tuple[int, ...]]:
    """Return for each operator the highest sum of the changes while it ran, and its workspace."""
    peaks, workspaces = [], []
    alive = position = 0
    for start, end in spans:
        while position < len(changes) and changes[position][0] < start:
            alive += changes[position][1]
            position += 1
        high = alive
        while position < len(changes) and changes[position][0] <= end:
            alive += changes[position][1]
            high = max(high, alive)
            position += 1
        peaks.append(high)
        workspaces.append(high - alive)
    return peaks, tuple(workspaces)
