"""A model's memory over time, and its layers under the roofline of a device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dse.counting import Count, Timeline, inference_timeline, kernels_by_layer, training_timeline
from dse.devices import DevicePage, Roofline, layer_times
from dse.errors import DseError
from dse.project.networks import counted_layers, dtype_in, find_candidate, find_device, rebuild
from dse.project.pages import Choice
from dse.project.store_access import StoreReader
from dse.report import RooflinePoint, roofline_figure, timeline_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def counted_candidate(
    project: StoreReader, id: int, allow: Iterable[str] = ()
) -> tuple[Count, str]:
    """Return a candidate's costs, and what it was counted at, as pictures name it.

    Raises:
        DseError: for an unknown id, or a candidate that cannot be built.
    """
    stored, page = find_candidate(id, project.url)
    if stored.row.invalid is not None:
        raise DseError(f"candidate {id} cannot be built: {stored.row.invalid}")
    counted, on = counted_layers(stored, rebuild(stored, page, allow))
    return counted, f"candidate {id} of {stored.row.family} on {on}"


def plot_timeline(counted: Count, *, training: bool = False, title: str = "") -> Figure:
    """Draw how memory rises and falls while a model runs.

    Args:
        counted: what `dse.count` returned.
        training: of a training step in place of inference.
        title: above the picture.

    Raises:
        DseError: for a model that cannot be trained, or that runs no operator.
    """
    return timeline_figure(found_timeline(counted, training), title)


def found_timeline(counted: Count, training: bool = False) -> Timeline:
    """Return what `plot_timeline` draws."""
    timeline = training_timeline(counted.step) if training else inference_timeline(counted.trace)
    if not timeline.moments:
        raise DseError("the model runs no operator, so that there is no memory to follow")
    return timeline


def plot_roofline(
    counted: Count, device: Choice, *, dtype: str | None = None, title: str = ""
) -> Figure:
    """Draw the layers of a model under the roofline of a device.

    Args:
        counted: what `dse.count` returned.
        device: the name or the path of a page, such as `h100_sxm`, or what stands on one.
        dtype: of weights and activations; by default that of the model.
        title: above the picture.

    Raises:
        DseError: for a page that there is not, or without a peak of the dtype.
    """
    page = find_device(device)
    roof = Roofline(page, dtype or dtype_in(counted.trace))
    points = roofline_points(counted, roof)
    peak, bandwidth = _ends(page, roof.dtype)
    return roofline_figure(points, peak, bandwidth, title or f"the roofline of {page.name}")


def roofline_points(counted: Count, roof: Roofline) -> Sequence[RooflinePoint]:
    """Return the layers that `plot_roofline` draws: those that compute and move anything."""
    kernels = kernels_by_layer(counted.trace)
    points = [
        RooflinePoint(
            each.name or "(itself)",
            sum(2 * kernel.macs * kernel.times for kernel in kernels[each.name]),
            sum(kernel.nbytes * kernel.times for kernel in kernels[each.name]),
            each.nanoseconds,
            each.bound,
        )
        for each in layer_times(counted.trace, roof)
    ]
    found = [each for each in points if each.operations and each.nbytes and each.nanoseconds]
    if not found:
        raise DseError("no layer multiplies anything, so that none lies under a roofline")
    return found


def _ends(page: DevicePage, dtype: str) -> tuple[float, float]:
    assert page.bandwidth is not None, "a roofline has one"
    reached = float(page.efficiency)
    return float(page.peak[dtype]) * reached, float(page.bandwidth) * reached
