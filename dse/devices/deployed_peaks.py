"""The memory of a network on a microcontroller: working memory, the runtime's arena, and flash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from dse.costs import INTEGER_DTYPES
from dse.counting import Inputs, dataflow
from dse.devices.arena_planning import alive_bytes, highest_buffers, own_buffers, planned_bytes
from dse.devices.deployed_graph import DeployedGraph, arena_buffers
from dse.devices.flash_memory import BITS_AN_ELEMENT, flash_bytes
from dse.devices.graph_folding import folded
from dse.devices.runtimes import find_runtime
from dse.errors import DseError, nearest


@dataclass(frozen=True)
class DeployedMemory:
    """What a network takes of a device under a runtime, in bytes."""

    sram: int
    """Highest number of bytes in use at once, without the weights: tensors, and the buffers that an
    operator has of its own while it runs."""
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
    input_dtype: str | None = None,
) -> DeployedMemory:
    """Return what a model takes of a device's memory under a runtime.

    It runs once on the meta device in evaluation mode and is left as it was. Norms and activations
    are folded as the converter does; its input is taken to be channels last.

    Args:
        module: any module.
        inputs: its inputs, batch included, such as `(1, 3, 96, 96)`.
        runtime: one of `RUNTIMES`.
        dtype: of weights and activations, one of `dse.costs.DTYPES`; with `int4`, which
            these runtimes have for weights alone, activations are of int8.
        kwargs: further keyword arguments of its forward.
        input_dtype: of what enters, where that is another.

    Raises:
        DseError: for an unknown runtime or dtype, or where the model cannot run without data
            or is of an ONNX file.
    """
    how = find_runtime(runtime)
    for each in filter(None, (dtype, input_dtype)):
        if each not in BITS_AN_ELEMENT:
            raise DseError(f"dtype: unknown {each!r}; {nearest(each, BITS_AN_ELEMENT)}")
    graph = folded(dataflow(module, inputs, kwargs), how)
    buffers = arena_buffers(graph, how, _activation(dtype), _activation(input_dtype or dtype))
    has_own = how.scratch and dtype in INTEGER_DTYPES
    own = [sum(own_buffers(each)) if has_own else 0 for each in graph.operators]
    aside = highest_buffers(graph.operators) if has_own else 0
    return DeployedMemory(
        sram=alive_bytes(buffers, own),
        arena=planned_bytes(buffers, how.planner) + aside,
        flash=flash_bytes(graph, dtype, how),
        graph=graph,
    )


def _activation(dtype: str) -> int:
    """Return the bytes of an element of an activation."""
    return max(BITS_AN_ELEMENT[dtype] // 8, 1)
