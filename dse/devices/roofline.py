"""The time that operators take on a device, by its roofline (10.1145/1498765.1498785).

An operator takes as long as its operations at the peak of its dtype, or its bytes at the bandwidth,
whichever is longer, and a constant besides. Operators run one after the other, so that the time of
a block, or of a network, is a sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from dse.counting import KernelCall, kernels_by_layer
from dse.devices.device_page import DevicePage
from dse.errors import DseError, nearest
from dse.html_tables import FieldsShown
from dse.space import dtype_of_block

if TYPE_CHECKING:
    from dse.counting import Trace

_SECOND = 10**9
"""Nanoseconds."""


@dataclass(frozen=True)
class Roofline:
    """Gives blocks the time that their operators take."""

    page: DevicePage
    dtype: str

    def __post_init__(self) -> None:
        """Check that the page says what times follow from.

        Raises:
            DseError: naming what it lacks.
        """
        page = self.page
        if page.bandwidth is None or not page.peak:
            raise DseError(f"device {page.name}: no roofline, as its page has no peak or bandwidth")
        if self.dtype not in page.peak:
            hint = nearest(self.dtype, page.peak)
            raise DseError(f"device {page.name}: its page has no peak of {self.dtype}; {hint}")

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that it gives numbers of."""
        return ("latency",)

    @property
    def identity(self) -> str:
        """A text that stands for all its numbers."""
        return f"roofline {self.page.name} {self.page.digest} {self.dtype}"

    @property
    def figures(self) -> str:
        """A text that stands for what its numbers are worked out from."""
        return self.page.digest

    @property
    def tables(self) -> Mapping[str, Mapping[int, int]]:
        """None: the numbers are worked out."""
        return {}

    def of(self, block: Any, input: Any, costs: Any) -> dict[str, int]:
        """Return the time of a block in whole nanoseconds, from the operators of its trace.

        There is none of a block with a dtype of its own that the page has no peak of.
        """
        dtype = dtype_of_block(block) or self.dtype
        if dtype not in self.page.peak:
            return {}
        return replace(self, dtype=dtype).of_kernels(costs.kernels)

    def of_model(self, model: Any, inputs: Any, kwargs: Mapping[str, Any] | None) -> dict[str, int]:
        """Return nothing: what there is of a network is a sum over its operators or blocks."""
        return {}

    def of_kernels(self, kernels: Iterable[KernelCall]) -> dict[str, int]:
        """Return the time of some operators in whole nanoseconds, rounded as one."""
        return {"latency": round(sum(map(self._time, kernels), start=Fraction()))}

    def bound(self, kernel: KernelCall) -> Literal["operations", "bytes"]:
        """Return what an operator waits for."""
        operations, moved = self._sides(kernel)
        return "operations" if operations > moved else "bytes"

    def _time(self, kernel: KernelCall) -> Fraction:
        return kernel.times * (max(self._sides(kernel)) + self.page.kernel)

    def _sides(self, kernel: KernelCall) -> tuple[Fraction, Fraction]:
        """Return nanoseconds by the peak and by the bandwidth."""
        assert self.page.bandwidth is not None, "it was checked"
        reached = self.page.efficiency
        operations = Fraction(2 * kernel.macs * _SECOND, self.page.peak[self.dtype])
        moved = Fraction(kernel.nbytes * _SECOND, self.page.bandwidth)
        return operations / reached, moved / reached


@dataclass(frozen=True)
class LayerTime(FieldsShown):
    """The time of a layer on a device."""

    name: str
    """Of the layer within the model."""
    nanoseconds: int
    kernels: int
    """Operators that it runs."""
    bound: Literal["operations", "bytes"]
    """What it waits for most of the time."""


def layer_times(trace: Trace, roofline: Roofline) -> list[LayerTime]:
    """Return the time of each layer of a traced model, in the order of their first calls.

    Raises:
        DseError: for a part of the model with a dtype of its own that the device has no peak of.
    """
    found = []
    for name, kernels in kernels_by_layer(trace).items():
        within = replace(roofline, dtype=trace.part_dtype(name) or roofline.dtype)
        waits: Counter[Literal["operations", "bytes"]] = Counter()
        for kernel in kernels:
            waits[within.bound(kernel)] += within.of_kernels([kernel])["latency"]
        total = within.of_kernels(kernels)["latency"]
        number = sum(kernel.times for kernel in kernels)
        found.append(LayerTime(name, total, number, waits.most_common(1)[0][0]))
    return found
