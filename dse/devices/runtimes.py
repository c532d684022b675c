"""What the runtimes that networks are deployed under do with a graph, as far as memory goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dse.errors import DseError, nearest

Planner = Literal["greedy", "first_fit"]

_FUSED = frozenset(("relu", "relu6", "relu_n1_to_1"))
_TAKES = frozenset(
    (
        *("conv", "depthwise", "fully_connected", "transposed_conv"),
        *("add", "sub", "mul", "average_pool", "max_pool"),
    )
)


@dataclass(frozen=True)
class DeploymentRuntime:
    """What a runtime does with the operators that it is given."""

    name: str
    pads: bool
    """Whether padding other than SAME is an operator with a tensor of its own."""
    in_place_depthwise: bool
    """Whether a depthwise convolution overwrites its input."""
    alignment: int
    """Of every tensor, in bytes."""
    planner: Planner
    stores_graph: bool
    """Whether it reads the graph from flash, as a `.tflite`; else it is in the code."""
    scratch: bool = False
    """Whether convolutions of int8 have buffers of their own in its arena."""
    fused: frozenset[str] = _FUSED
    """The activations that are part of the operator before."""
    fused_into: frozenset[str] = _TAKES
    """The operators that an activation can be part of."""


RUNTIMES: dict[str, DeploymentRuntime] = {
    "graph": DeploymentRuntime("graph", False, False, 16, "greedy", True),
    "tflm": DeploymentRuntime("tflm", True, False, 16, "greedy", True),
    "tinyengine": DeploymentRuntime("tinyengine", False, True, 1, "first_fit", False, scratch=True),
}
"""By name. `graph` is that of no runtime in particular: folded and aligned, but neither padded nor
in place. `tflm` is TFLite-Micro behind litert-torch; `tinyengine` the code that TinyEngine's
generator writes (github.com/mit-han-lab/tinyengine, `GeneralMemoryScheduler.py`)."""


def find_runtime(name: str) -> DeploymentRuntime:
    """Return a runtime by its name.

    Raises:
        DseError: for an unknown one, naming the nearest.
    """
    if name not in RUNTIMES:
        raise DseError(f"runtime: unknown {name!r}; {nearest(name, RUNTIMES)}")
    return RUNTIMES[name]
