"""What the operators of a trace ask of a device: their operations and the bytes that they move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dse.counting.trace_records import Operation, Trace


class KernelCall(NamedTuple):
    """Operators that ask the same of a device."""

    macs: int
    nbytes: int
    """Read and written."""
    times: int = 1


def kernels_of(operations: Iterable[Operation]) -> tuple[KernelCall, ...]:
    """Return what operators ask of a device, in order; a view moves nothing, and is none."""
    moved = ((each.macs, each.read + each.written) for each in operations)
    return together(KernelCall(macs, nbytes) for macs, nbytes in moved if macs or nbytes)


def together(kernels: Iterable[KernelCall]) -> tuple[KernelCall, ...]:
    """Return kernels in order, those that are alike as one."""
    times: Counter[tuple[int, int]] = Counter()
    for kernel in kernels:
        times[kernel.macs, kernel.nbytes] += kernel.times
    return tuple(KernelCall(*each, number) for each, number in sorted(times.items()))


def kernels_by_layer(trace: Trace) -> dict[str, tuple[KernelCall, ...]]:
    """Return what the operators of each layer ask of a device, by its name, in order of calls."""
    operations: dict[str, list[Operation]] = {}
    for operation in trace.operations:
        name = trace.calls[operation.call].name if operation.call >= 0 else ""
        operations.setdefault(name, []).append(operation)
    found = {name: kernels_of(each) for name, each in operations.items()}
    return {name: kernels for name, kernels in found.items() if kernels}
