"""One candidate, block by block: what each of them costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dse.costs import Unit, unit_of
from dse.project.store_access import StoreReader
from dse.report import DrawnBlock, network_figure

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from dse.counting import Count
    from dse.space import Candidate

COSTS_SHOWN = ("params", "macs", "peak_memory")
"""Of each block, besides its time where a device is named."""


@dataclass(frozen=True)
class DrawnNetwork:
    """A network as a picture or a table shows it."""

    blocks: tuple[DrawnBlock, ...]
    costs: tuple[tuple[str, Unit], ...]
    name: str

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each block."""
        names = [name for name, _ in self.costs]
        return [
            {"block": each.name, "output": each.output, **dict(zip(names, each.costs, strict=True))}
            for each in self.blocks
        ]


def plot_network(
    project: StoreReader,
    id: int,
    *,
    device: str | None = None,
    allow: Iterable[str] = (),
    title: str = "",
) -> Figure:
    """Draw the blocks of a candidate, with the parameters, MACs, memory and time of each.

    Args:
        project: whose candidate it is.
        id: of the candidate.
        device: a page of a device, by whose roofline blocks take a time; by default the one that
            the candidate's costs are for, if any.
        allow: modules of yours that its page may name.
        title: above the picture.

    Raises:
        DseError: for an unknown id or device, or a candidate that cannot be built.
    """
    network = drawn_network(project, id, device, allow)
    return network_figure(network.blocks, network.costs, title or network.name)


def drawn_network(
    project: StoreReader, id: int, device: str | None = None, allow: Iterable[str] = ()
) -> DrawnNetwork:
    """Return what `plot_network` draws."""
    from dse.counting import output_shapes
    from dse.project.networks import counted_layers, find_candidate, rebuild

    stored, page = find_candidate(id, project.url)
    candidate = rebuild(stored, page, allow)
    counted, on = counted_layers(stored, candidate)
    names = _block_names(candidate)
    times = None if device is None else _times(counted, device)
    costs = [*COSTS_SHOWN, *(["latency"] if times is not None else [])]
    groups = _by_block(counted, names)
    shapes = output_shapes(counted.trace)
    blocks = tuple(
        DrawnBlock(
            names.get(block, block or "(itself)"),
            "×".join(map(str, _output(block, shapes) or ())),
            tuple(_cost(name, block, layers, times) for name in costs),
        )
        for block, layers in groups.items()
    )
    shown = tuple((name, unit_of(name)) for name in costs)
    return DrawnNetwork(blocks, shown, f"candidate {id} of {stored.row.family} on {on}")


def _block_names(candidate: Candidate) -> Mapping[str, str]:
    """Return the name of each block of a page by its place; of a callable none."""
    if candidate.is_callable:
        return {}
    return {str(number): f"{number} {block.block}" for number, block in enumerate(candidate.blocks)}


def _by_block(counted: Count, names: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the layers of each block: the children of the model, or what these hold."""
    found: dict[str, list[Any]] = {}
    for layer in counted.layers:
        parts = layer.name.split(".")
        # The stages of a model that is no row of blocks are drawn with their own children.
        depth = 1 if names else 2
        found.setdefault(".".join(parts[:depth]), []).append(layer)
    return {name: layers for name, layers in found.items() if name or _does_anything(layers)}


def _does_anything(layers: Sequence[Any]) -> bool:
    return any(layer.costs.macs or layer.costs.params for layer in layers)


def _output(block: str, shapes: Mapping[str, tuple[int, ...] | None]) -> tuple[int, ...] | None:
    """Return the shape that a block gives: of a list of modules that of the last one in it."""
    if block in shapes:
        return shapes[block]
    within = [name for name in shapes if name.startswith(f"{block}.")]
    outermost = min((name.count(".") for name in within), default=0)
    last = [name for name in within if name.count(".") == outermost][-1:]
    return shapes[last[0]] if last else None


def _cost(
    name: str, block: str, layers: Sequence[Any], times: Mapping[str, int] | None
) -> int | None:
    if name == "latency":
        return sum(
            nanoseconds
            for layer, nanoseconds in (times or {}).items()
            if layer == block or layer.startswith(f"{block}.")
        )
    values: list[int] = [layer.costs[name] for layer in layers]
    return max(values) if name.startswith("peak") else sum(values)


def _times(counted: Count, device: str) -> dict[str, int]:
    from dse.project.networks import roofline

    return {each.name: each.nanoseconds for each in roofline(counted, device)}
