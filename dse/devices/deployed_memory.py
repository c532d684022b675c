"""The memory of a network on a microcontroller: working memory, the runtime's arena, and flash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from dse.counting import Inputs, dataflow
from dse.devices.arena_planning import alive_bytes, planned_bytes, scratch_bytes
from dse.devices.deployed_graph import DeployedGraph, arena_buffers
from dse.devices.flash_memory import BYTES_AN_ELEMENT, flash_bytes
from dse.devices.graph_folding import folded
from dse.devices.runtimes import find_runtime
from dse.errors import DseError, nearest


@dataclass(frozen=True)
class DeployedMemory:
    """What a network takes of a device under a runtime, in bytes."""

    sram: int
    """Highest number of bytes alive at once, without the weights."""
    arena: int
    """What the runtime's own planner hands out; at least `sram`."""
    flash: int
    """Weights at their dtype, what goes with them, and the graph."""
    graph: DeployedGraph
    """What runs."""

    @property
    def costs(self) -> dict[str, int]:
        """The three by the names of costs."""
        return {"sram": self.sram, "arena": self.arena, "flash": self.flash}


def deployed_memory(
    module: nn.Module,
    inputs: Inputs,
    runtime: str = "tflm",
    dtype: str = "int8",
    kwargs: Mapping[str, Any] | None = None,
) -> DeployedMemory:
    """Return what a model takes of a device's memory under a runtime.

    It runs once on the meta device in evaluation mode and is left as it was. Norms and activations
    are folded as the converter does; its input is taken to be channels last.

    Args:
        module: any module.
        inputs: its inputs, batch included, such as `(1, 3, 96, 96)`.
        runtime: one of `RUNTIMES`.
        dtype: of weights and activations, one of `dse.cost_conditions.DTYPES`.
        kwargs: further keyword arguments of its forward.

    Raises:
        DseError: for an unknown runtime or dtype, or where the model cannot run without data.
    """
    how = find_runtime(runtime)
    if dtype not in BYTES_AN_ELEMENT:
        raise DseError(f"dtype: unknown {dtype!r}; {nearest(dtype, BYTES_AN_ELEMENT)}")
    graph = folded(dataflow(module, inputs, kwargs), how)
    buffers = arena_buffers(graph, how, BYTES_AN_ELEMENT[dtype])
    scratch = scratch_bytes(graph) if how.scratch and dtype == "int8" else 0
    return DeployedMemory(
        sram=alive_bytes(buffers, len(graph.operators)) + scratch,
        arena=planned_bytes(buffers, how.planner) + scratch,
        flash=flash_bytes(graph, dtype, how),
        graph=graph,
    )
