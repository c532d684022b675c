"""Prints how memory goes while a model runs, and what is alive when it is highest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dse.cli.printing.output import note, print_rows
from dse.cli.terminal import one_line
from dse.counting import (
    AliveTensor,
    AllocatorRun,
    Count,
    Timeline,
    inference_timeline,
    training_timeline,
)
from dse.errors import DseError
from dse.language import format_quantity
from dse.report import draw_memory, peak_text

BAR = 48
"""Characters of the longest bar."""

_MOST_ROWS = 40
_MOST_TENSORS = 12


def check_memory(format: str) -> None:
    """Refuse a format in which memory is not printed.

    Raises:
        DseError: for csv and markdown.
    """
    if format not in ("table", "json"):
        raise DseError(f"--memory prints as table or json, not as {format}")


def timeline_of(counted: Count, training: bool) -> Timeline:
    """Return how memory goes in inference, or in a training step.

    Raises:
        DseError: for a model that cannot be trained, or that runs no operator.
    """
    timeline = training_timeline(counted.step) if training else inference_timeline(counted.trace)
    if not timeline.moments:
        raise DseError("the model runs no operator, so that there is no memory to follow")
    return timeline


def draw_timeline(timeline: Timeline, title: str, training: bool, picture: Path) -> None:
    """Draw a timeline and tell where.

    Raises:
        DseError: for an unknown kind of picture, or one that cannot be drawn.
    """
    draw_memory(timeline, f"{title}: {'a training step' if training else 'inference'}", picture)
    note(f"drawn in {picture}")


def print_memory(timeline: Timeline, title: str, depth: int | None = None) -> None:
    """Print a bar a layer, in the order in which they run, then the tensors alive at the peak.

    Args:
        timeline: of an inference or a training step.
        title: what it is of.
        depth: of the module tree, to which layers are put together; by default as deep as fits.
    """
    fixed = timeline.weights + timeline.state
    stretches = timeline.stretches(depth)
    for shallower in (3, 2, 1):
        if depth is None and len(stretches) > _MOST_ROWS:
            stretches = timeline.stretches(shallower)
    what = "inference" if timeline.moments[-1].phase == "forward" else "a training step"
    print(f"memory of {what} of {title}: {peak_text(timeline)}")
    state = f", ▒ optimizer state {format_quantity(timeline.state, 'bytes')}"
    print(
        f"█ weights {format_quantity(timeline.weights, 'bytes')}"
        f"{state if timeline.state else ''}, ░ activations and gradients"
    )
    width = max(len(stretch.layer) for stretch in stretches)
    for stretch in stretches:
        total = fixed + stretch.alive
        bar = "".join(
            character * (_cells(until, timeline.peak) - _cells(since, timeline.peak))
            for character, since, until in (
                ("█", 0, timeline.weights),
                ("▒", timeline.weights, fixed),
                ("░", fixed, total),
            )
        )
        amount = format_quantity(total, "bytes")
        mark = "  ← peak" if stretch.is_peak else ""
        name = one_line(stretch.layer) or "(itself)"
        print(f"{stretch.phase:<9} {name:<{max(width, 8)}} {amount:>11} {bar}{mark}")
    print("\nalive at the peak")
    print_rows([_row(tensor) for tensor in timeline.tensors[:_MOST_TENSORS]])
    rest = timeline.tensors[_MOST_TENSORS:]
    if rest:
        nbytes = format_quantity(sum(tensor.nbytes for tensor in rest), "bytes")
        print(f"and {len(rest)} smaller one{'' if len(rest) == 1 else 's'} of {nbytes} together")


def _cells(nbytes: int, peak: int) -> int:
    return round(BAR * nbytes / peak)


def _row(tensor: AliveTensor) -> dict[str, Any]:
    return {
        "layer": tensor.layer or "(itself)",
        "made by": tensor.operator,
        "phase": tensor.phase,
        "shape": "×".join(map(str, tensor.shape)) or "()",
        "dtype": tensor.dtype,
        "size": format_quantity(tensor.nbytes, "bytes"),
    }


def memory_as_json(timeline: Timeline, allocated: AllocatorRun | None = None) -> dict[str, Any]:
    """Return a timeline, and what a real run took, as plain data."""
    peak = timeline.moments[timeline.peak_index]
    measured = {}
    if allocated is not None:
        measured["measured"] = {
            "tensors": allocated.tensor_bytes,
            "workspace": allocated.bytes_with_workspace - allocated.tensor_bytes,
            "allocator": allocated.allocator_bytes,
        }
    return measured | {
        "peak": timeline.peak,
        "weights": timeline.weights,
        "optimizer_state": timeline.state,
        "peak_layer": peak.layer,
        "peak_phase": peak.phase,
        "peak_operator": peak.operator,
        "alive_at_peak": [
            {
                "layer": tensor.layer,
                "operator": tensor.operator,
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "bytes": tensor.nbytes,
            }
            for tensor in timeline.tensors
        ],
        "layers": [
            {"layer": stretch.layer, "phase": stretch.phase, "alive": stretch.alive}
            for stretch in timeline.stretches()
        ],
    }


def print_allocator(run: AllocatorRun) -> None:
    """Print what PyTorch's allocator handed out in a real run, beside its tensors."""
    workspace = run.bytes_with_workspace - run.tensor_bytes
    print("\na real run on this machine's CPU")
    for name, value, remark in (
        ("tensors", run.tensor_bytes, "storages of weights, activations and temporaries"),
        ("workspace", workspace, f"scratch memory of {run.peak_operator}, at the peak"),
        ("allocator", run.allocator_bytes, "the highest that PyTorch's allocator handed out"),
    ):
        print(f"  {name:<9}  {value:>15,}  {format_quantity(value, 'bytes'):>11}  {remark}")
