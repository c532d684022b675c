"""Predicted memory beside what a real run takes: `python -m tests.benchmarks.memory`.

For each model, batch size, and inference or training step with SGD and momentum: what dse predicts
without running anything, what the storages of a real run's tensors took, and what PyTorch's CPU
allocator handed out in the same run. Workspace is what the kernel that ran at the peak took and
gave back: it belongs to the kernels of this processor, not to the network. For some models
PyTorch's own MemTracker stands beside it. A second table shows a few of the runs with and without
oneDNN. `--write` puts both into `memory.md`.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
import torchvision
from torch import nn

import dse
from dse.counting.profiling.allocator import run_on_allocator
from tests.benchmarks.workspace import workspace_lines

MODELS = {
    "plain": ["alexnet", "vgg11", "vgg11_bn", "squeezenet1_1"],
    "residual": ["resnet18", "resnet50", "resnext50_32x4d", "regnet_x_400mf", "regnet_y_400mf"],
    "dense": ["densenet121", "googlenet", "inception_v3"],
    "inverted residual": [
        *("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "mnasnet0_5"),
        *("shufflenet_v2_x1_0", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny"),
    ],
    "attention": ["vit_b_32", "vit_b_16"],
    "windowed attention": ["swin_t", "swin_v2_t", "maxvit_t"],
}
TRACKED = ("resnet18", "mobilenet_v2", "densenet121", "vit_b_32", "swin_t")
"""The models that MemTracker watches too."""

OPTIONS = {"inception_v3": {"aux_logits": False, "init_weights": False}}
"""Its auxiliary classifier normalises a single value at batch 1, which PyTorch refuses to train."""

SIZES = {"inception_v3": 299}
"""Of inputs that are not 224 pixels wide."""

BATCHES = (1, 8)
PAGE = Path(__file__).with_suffix(".md")


class Row(NamedTuple):
    """Bytes at the peak."""

    model: str
    batch: int
    what: str
    predicted: int
    tensors: int
    workspace: int
    allocator: int
    operator: str
    tracker: int | None

    @property
    def ratio(self) -> float:
        """Prediction and workspace as a share of what the allocator handed out."""
        return (self.predicted + self.workspace) / self.allocator

    @property
    def ratio_without(self) -> float:
        """The prediction alone as such a share."""
        return self.predicted / self.allocator


def build(name: str) -> nn.Module:
    """Return a torchvision model with random weights."""
    model: nn.Module = getattr(torchvision.models, name)(weights=None, **OPTIONS.get(name, {}))
    return model


def measure(name: str, batch: int, training: bool) -> Row:
    """Return the figures of one run."""
    size = SIZES.get(name, 224)
    shape = (batch, 3, size, size)
    model = build(name)
    counted = dse.count(model, shape)
    run = run_on_allocator(model, shape, training)
    return Row(
        model=name,
        batch=batch,
        what="training" if training else "inference",
        predicted=counted.train_memory if training else counted.peak_memory,
        tensors=run.tensor_bytes,
        workspace=run.bytes_with_workspace - run.tensor_bytes,
        allocator=run.allocator_bytes,
        operator=run.peak_operator,
        tracker=track(model, shape, training) if name in TRACKED else None,
    )


def track(model: nn.Module, shape: tuple[int, ...], training: bool) -> int:
    """Return the peak that `torch.distributed._tools.mem_tracker.MemTracker` sees."""
    from torch.distributed._tools.mem_tracker import MemTracker

    inputs = torch.randn(shape)
    model = model.train(training)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, foreach=False)
    if training:
        # The optimizer's state is there from the start in every step but the first.
        model(inputs).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    tracker = MemTracker()
    tracker.track_external(model, optimizer, inputs)
    with tracker, torch.set_grad_enabled(training):
        output = model(inputs)
        if training:
            output.backward(torch.ones_like(output))
            optimizer.step()
            optimizer.zero_grad()
    snapshot = tracker.get_tracker_snapshot("peak")
    total: int = snapshot[torch.device("cpu")]["Total"]
    return total


def rows(models: list[str], batches: list[int]) -> Iterator[Row]:
    """Yield every run's figures."""
    for name in models:
        for batch in batches:
            for training in (False, True):
                yield measure(name, batch, training)


def lines(found: Iterator[Row]) -> Iterator[str]:
    """Yield the table, then the worst cases."""
    heads = (
        *("model", "batch", "run", "predicted", "tensors of a real run", "workspace", "allocator"),
        *("(predicted + workspace) / allocator", "peak at", "MemTracker"),
    )
    yield f"| {' | '.join(heads)} |"
    yield "|---|---:|---|" + "---:|" * 5 + "---|---:|"
    shown: list[Row] = []
    for row in found:
        shown.append(row)
        tracker = "" if row.tracker is None else f"{row.tracker:,}"
        yield (
            f"| {row.model} | {row.batch} | {row.what} | {row.predicted:,} | {row.tensors:,} "
            f"| {row.workspace:,} | {row.allocator:,} | {row.ratio:.4%} | {row.operator} "
            f"| {tracker} |"
        )
    yield ""
    equal = sum(row.predicted == row.tensors for row in shown)
    yield (
        "Predicted equals the tensors of a real run, byte for byte, in "
        f"{equal} of {len(shown)} runs."
    )
    for what in ("inference", "training"):
        of_kind = [row for row in shown if row.what == what]
        one = max(of_kind, key=lambda row: abs(row.ratio - 1))
        other = max(of_kind, key=lambda row: abs(row.ratio_without - 1))
        yield (
            f"Farthest from the allocator in {what}: {one.model} at batch {one.batch}, "
            f"{one.ratio:.4%} with workspace; {other.model} at batch {other.batch}, "
            f"{other.ratio_without:.2%} without."
        )


def main() -> None:
    """Print the table, and write it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [name for names in MODELS.values() for name in names]
    parser.add_argument("--models", default=",".join(known), help="names, separated by commas")
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.name}")
    arguments = parser.parse_args()
    batches = [int(batch) for batch in arguments.batches.split(",")]
    found = []
    measured = rows(arguments.models.split(","), batches)
    for line in itertools.chain(lines(measured), [""], workspace_lines()):
        print(line, flush=True)
        found.append(line)
    if arguments.write:
        head = (
            "# Memory, predicted and measured\n\nBytes at the peak, weights included; inputs of "
            f"3×224×224 (inception_v3: 299); PyTorch {torch.__version__} on a CPU. Made by "
            "`python -m tests.benchmarks.memory --write`, which says what the columns mean.\n\n"
        )
        PAGE.write_text(head + "\n".join(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
