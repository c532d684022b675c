"""What a counted model takes on a device, layer by layer, by the roofline of its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dse.counting import Count, Trace
from dse.devices import DevicePage, LayerTime, Roofline, layer_times, read_device
from dse.errors import DseError
from dse.project.pages import Choice, chosen_page


def find_device(device: Choice, config_dir: Path | None = None) -> DevicePage:
    """Return a device.

    Args:
        device: the name or the path of its page, or what stands on one.
        config_dir: a directory of one's own with pages.

    Raises:
        DseError: for a page that there is not, or that says what it cannot.
    """
    chosen = chosen_page("device", device, config_dir)
    return read_device(chosen.name, chosen.content, chosen.file)


def roofline(counted: Count, device: Choice, dtype: str | None = None) -> list[LayerTime]:
    """Return the time of each layer of a counted model on a device, in the order of their calls.

    Each operator takes as long as its operations or its bytes, whichever is longer, and a constant;
    layers run one after the other, so that the sum is the time of the model.

    Args:
        counted: what `dse.count` returned.
        device: the name or the path of a page, such as `h100_sxm`, or what stands on one.
        dtype: of weights and activations; by default what the model was counted in. Parts that
            have a dtype of their own keep it.

    Raises:
        DseError: for a page that there is not, or without a peak of a dtype.

    >>> import dse, torchvision
    >>> counted = dse.count(torchvision.models.alexnet(), (1, 3, 224, 224))
    >>> sum(layer.nanoseconds for layer in dse.roofline(counted, "h100_sxm"))
    225520
    """
    page = find_device(device)
    return layer_times(counted.trace, Roofline(page, dtype or dtype_in(counted.trace)))


def dtype_in(trace: Trace) -> str:
    """Return the dtype that a model computes in, but for parts that have one of their own.

    That is what it was counted in, or else the dtype of most of its operations.

    Raises:
        DseError: for one without any operator.
    """
    macs: dict[str, int] = {}
    for operation in trace.operations:
        for spec in operation.outputs[:1]:
            name = spec.dtype
            macs[name] = macs.get(name, 0) + operation.macs
    if not macs:
        raise DseError("a model without operators takes no time on any device")
    return trace.whole_dtype or max(macs, key=lambda name: macs[name])


def by_holder(times: Iterable[LayerTime], names: Sequence[str]) -> dict[str, LayerTime]:
    """Return the times of layers added up to those that have a name, or contain what has one."""
    found: dict[str, list[LayerTime]] = {}
    for each in times:
        name = each.name
        while name and name not in names:
            name = name.rpartition(".")[0]
        found.setdefault(name, []).append(each)
    return {name: _together(name, several) for name, several in found.items()}


def _together(name: str, several: Sequence[LayerTime]) -> LayerTime:
    waits = {"operations": 0, "bytes": 0}
    for each in several:
        waits[each.bound] += each.nanoseconds
    return LayerTime(
        name,
        sum(each.nanoseconds for each in several),
        sum(each.kernels for each in several),
        "operations" if waits["operations"] > waits["bytes"] else "bytes",
    )
