"""Calls of functions, as counters see them that patch functions or trace a graph of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dse.counting.tensors import TensorSpec
from dse.counting.trace_records import FunctionCall, Operation, Trace


@dataclass(frozen=True, slots=True)
class FunctionSite:
    """One call of a function, with the operators that it dispatched."""

    function: FunctionCall
    operations: tuple[Operation, ...]

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """Return an argument that may be given by position or by name."""
        arguments = self.function.arguments
        if position < len(arguments):
            return arguments[position]
        return self.function.keywords.get(name, default)

    def tensor(self, position: int, name: str) -> TensorSpec:
        """Return a tensor argument."""
        spec: TensorSpec = self.argument(position, name)
        return spec

    @property
    def input(self) -> TensorSpec:
        """The first argument."""
        return self.tensor(0, "input")

    @property
    def output(self) -> TensorSpec:
        """What the last operator returned."""
        return self.operations[-1].outputs[0]

    @property
    def macs(self) -> int:
        """Multiply-accumulates within, as we count them."""
        return sum(operation.macs for operation in self.operations)


def function_sites(trace: Trace) -> Iterator[FunctionSite]:
    """Yield the function calls of a trace in order."""
    for function in trace.functions or ():
        within = function.operations
        yield FunctionSite(function, trace.operations[within.start : within.stop])


def outside_functions(trace: Trace) -> list[int]:
    """Return the indices in `Trace.operations` of operators that no function call dispatched."""
    inside: set[int] = set()
    for function in trace.functions or ():
        inside.update(function.operations)
    return [position for position in range(len(trace.operations)) if position not in inside]
