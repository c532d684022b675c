"""What workspace comes from: the same runs with and without the library of the kernels.

Tensors belong to the network: they take the same bytes whichever kernels run. What a kernel takes
besides depends on how it works: oneDNN reorders operands into blocks of its own, PyTorch's own
convolution unfolds its input.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torchvision

from dse.counting.profiling.allocator import AllocatorRun, run_on_allocator

MODELS = ("alexnet", "mobilenet_v2", "mnasnet0_5", "convnext_tiny")
"""Those farthest from the allocator without workspace, and a plain one."""

BATCH = 8


def largest(run: AllocatorRun) -> str:
    """Return the operator with the most workspace of a run, and its bytes."""
    pairs = zip(run.operations, run.workspaces, strict=True)
    operation, space = max(pairs, key=lambda pair: pair[1])
    return f"{operation.name} {space:,}"


def workspace_lines() -> Iterator[str]:
    """Yield a section on where workspace comes from."""
    yield "## What workspace comes from"
    yield ""
    yield from (__doc__ or "").strip().splitlines()[2:]
    yield ""
    yield f"Batch {BATCH}; bytes, of tensors and workspace at the peak."
    yield ""
    heads = ("model", "run", "kernels", "tensors", "workspace", "the most in any one operator")
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---:|---:|---|"
    for name in MODELS:
        model = getattr(torchvision.models, name)(weights=None)
        for training in (False, True):
            for enabled in (True, False):
                with torch.backends.mkldnn.flags(enabled=enabled):
                    run = run_on_allocator(model, (BATCH, 3, 224, 224), training)
                what = "training" if training else "inference"
                kernels = "oneDNN" if enabled else "PyTorch's own"
                space = run.bytes_with_workspace - run.tensor_bytes
                yield (
                    f"| {name} | {what} | {kernels} | {run.tensor_bytes:,} | {space:,} "
                    f"| {largest(run)} |"
                )
