"""Prints the costs of a model: a layer a line, then the totals."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dse.cli.formats import CountFormat
from dse.cli.printing.output import format_cell, in_a_cell, print_rows
from dse.cli.printing.printed_budget import bounds_as_json, markdown_of_bounds, print_bounds
from dse.cli.printing.printed_memory import memory_as_json, print_allocator, print_memory
from dse.cli.terminal import data_output, print_json
from dse.costs import COST_NAMES, Costs, telling, unit_of
from dse.counting import AllocatorRun, Count, Layer, Timeline, fold
from dse.counting import collapse as collapse_layers
from dse.devices import LayerTime
from dse.language import format_quantity
from dse.project import CheckedBound, ModelInput, by_holder

COLUMNS = ("params", "macs", "activations", "weight_memory", "activation_memory", "peak_memory")
"""The costs that tables have room for."""


@dataclass(frozen=True, slots=True)
class TimedLayer:
    """A layer with its time, where that was measured."""

    layer: Layer
    seconds: float | None = None
    on_device: LayerTime | None = None
    """By the roofline of a device; None where it has no operator."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What `dse count` prints."""

    model: str
    on: ModelInput
    costs: Costs
    layers: Sequence[TimedLayer]
    unknown: Mapping[str, int] = field(default_factory=dict)
    backward_macs: int | None = None
    timeline: Timeline | None = None
    allocated: AllocatorRun | None = None
    depth: int | None = None
    loss: str | None = None
    """What a training step includes."""
    bounds: Sequence[CheckedBound] = ()
    """Of a budget."""

    def totals(self) -> dict[str, int | None]:
        """Return the totals by name, with the backward pass where it was counted."""
        extra = {} if self.backward_macs is None else {"backward_macs": self.backward_macs}
        return self.costs.as_dict() | extra

    @property
    def intensity(self) -> float:
        """MACs a byte, in six digits."""
        return _six_digits(self.costs.arithmetic_intensity)


def read_layers(
    counted: Count,
    depth: int | None = None,
    collapse: bool = False,
    seconds: Mapping[str, float] | None = None,
    times: Sequence[LayerTime] | None = None,
) -> list[TimedLayer]:
    """Return the layers of a count, folded and timed as asked.

    Args:
        counted: the model's costs.
        depth: of the module tree, to which deeper layers are added up; None for all of it.
        collapse: show repeated blocks once.
        seconds: the time of each module without its submodules, by name.
        times: on a device.
    """
    layers = counted.layers if depth is None else fold(counted.trace, counted.layers, depth)
    if [layer.name for layer in layers] == [""]:
        # The row is the model, which has costs of training where a layer has none.
        layers = [replace(layers[0], costs=counted.with_training())]
    if collapse:
        return [TimedLayer(layer) for layer in collapse_layers(layers)]
    names = {layer.name for layer in layers}
    spent: dict[str, float] = dict.fromkeys(names, 0.0) if seconds is not None else {}
    for name, duration in (seconds or {}).items():
        spent[_holder(name, names)] = spent.get(_holder(name, names), 0.0) + duration
    waits = by_holder(times or (), [layer.name for layer in layers])
    return [TimedLayer(layer, spent.get(layer.name), waits.get(layer.name)) for layer in layers]


def with_given(costs: Costs, **given: int) -> Costs:
    """Return the costs of a model with what it has on a device, by name."""
    return replace(costs, declared=(*costs.declared, *given.items()))


def _holder(name: str, names: set[str]) -> str:
    """Return the shown layer that a module's time belongs to: itself, or what contains it."""
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def print_count(shown: Shown, format: CountFormat) -> None:
    """Print the costs of a model in a format."""
    if format is CountFormat.json:
        content: dict[str, Any] = {
            "model": shown.model,
            "input": shown.on.sizes,
            "input_is_default": shown.on.is_default,
            "totals": shown.totals(),
            "loss": shown.loss,
            "arithmetic_intensity": shown.intensity,
            "layers": [as_json(each) for each in shown.layers],
            "unknown": dict(shown.unknown),
        }
        if shown.bounds:
            content["budget"] = bounds_as_json(shown.bounds)
        if shown.timeline is not None:
            content["memory"] = memory_as_json(shown.timeline, shown.allocated)
        print_json(content)
    elif format is CountFormat.csv:
        write_layers(shown.layers)
    elif format is CountFormat.markdown:
        _print_markdown(shown)
    elif format is CountFormat.github:
        _print_summary(shown)
    elif shown.timeline is not None:
        loss = "" if shown.loss is None else f", loss {shown.loss}"
        print_memory(shown.timeline, f"{shown.model} on {shown.on}{loss}", shown.depth)
        if shown.allocated is not None:
            print_allocator(shown.allocated)
    else:
        print_layers(shown.layers)
        print(f"\n{shown.model} on {shown.on}")
        print_totals(shown.totals(), shown.intensity, shown.loss)
    if shown.bounds and format is CountFormat.table:
        print_bounds(shown.bounds)


def as_json(timed: TimedLayer) -> dict[str, Any]:
    """Return a layer as plain data."""
    layer = timed.layer
    shape = None if layer.output_shape is None else list(layer.output_shape)
    time: dict[str, Any] = {} if timed.seconds is None else {"seconds": timed.seconds}
    if timed.on_device is not None:
        time |= {"latency": timed.on_device.nanoseconds, "bound": timed.on_device.bound}
    return {
        "name": layer.name,
        "type": layer.type,
        "output_shape": shape,
        **layer.costs.as_dict(),
        "arithmetic_intensity": _six_digits(layer.costs.arithmetic_intensity),
        **time,
    }


def _six_digits(number: float) -> float:
    return float(f"{number:.6g}")


def write_layers(layers: Sequence[TimedLayer]) -> None:
    """Write layers as CSV, shapes as `1x64x112x112`."""
    rows = [as_json(each) for each in layers]
    if any(each.on_device is not None for each in layers):
        # A layer without an operator has the columns all the same.
        rows = [row | {k: row.get(k) for k in ("latency", "bound")} for row in rows]
    writer = csv.writer(data_output(), lineterminator="\n")
    writer.writerow(rows[0] if rows else ["name", "type", "output_shape", *COST_NAMES])
    for row in rows:
        shape = "x".join(map(str, row["output_shape"] or ()))
        writer.writerow((row | {"output_shape": shape}).values())


def _rows(layers: Sequence[TimedLayer]) -> Iterator[dict[str, Any]]:
    total = sum(each.seconds or 0.0 for each in layers)
    for each in layers:
        layer = each.layer
        row = {
            "layer": layer.name or "(itself)",
            "type": layer.type,
            "output": "×".join(map(str, layer.output_shape or ())) or None,
            # A layer without operators of its own has no moment at which memory was highest.
            **{name: getattr(layer.costs, name) for name in COLUMNS},
            "peak_memory": layer.costs.peak_memory or None,
        }
        if each.seconds is not None:
            row |= {"ms": each.seconds * 1e3, "time": f"{each.seconds / total:.1%}"}
        if each.on_device is not None:
            row |= {"latency": each.on_device.nanoseconds, "bound": each.on_device.bound}
        yield row


def print_layers(layers: Sequence[TimedLayer]) -> None:
    """Print layers as a table."""
    print_rows(list(_rows(layers)))


def print_totals(
    totals: Mapping[str, int | None], intensity: float, loss: str | None = None
) -> None:
    """Print each cost of a model, exactly and with a unit, then its MACs a byte.

    Args:
        totals: by name.
        intensity: MACs a byte.
        loss: what the training step includes; None for none.
    """
    width = max(map(len, (*totals, "arithmetic_intensity")))
    for name, value in telling(totals).items():
        if value is None:
            print(f"  {name:<{width}}  {'–':>17}  it cannot be trained as it is")
            continue
        remark = ""
        if name == "train_memory":
            remark = ", without a loss" if loss is None else f", with the loss {loss}"
        print(f"  {name:<{width}}  {value:>17,}  {format_quantity(value, unit_of(name))}{remark}")
    print(f"  {'arithmetic_intensity':<{width}}  {intensity:>17,g}  MACs a byte read or written")


def _print_markdown(shown: Shown) -> None:
    rows = list(_rows(shown.layers))
    columns = list(rows[0]) if rows else []
    print(f"| {' | '.join(columns)} |")
    print(f"|{'|'.join('---' if c in ('layer', 'type', 'output') else '---:' for c in columns)}|")
    for row in rows:
        print(f"| {' | '.join(in_a_cell(format_cell(name, v)) for name, v in row.items())} |")
    print(f"\n{shown.model} on {shown.on}\n\n| cost | |\n|---|---:|")
    for name, value in shown.totals().items():
        print(f"| {name} | {'–' if value is None else f'{value:,}'} |")
    print(f"| arithmetic_intensity | {shown.intensity:,g} |")
    _print_markdown_bounds(shown)


_SUMMARY = {"params": "params", "macs": "MACs", "weight_memory": "weights", "peak_memory": "peak"}
"""What a summary tells, with the words behind the numbers."""


def _print_summary(shown: Shown) -> None:
    """Print a line, and a table of the budget, as a comment on a pull request has room for."""
    costs = shown.costs.as_dict()
    parts = [
        f"{format_quantity(costs[name] or 0, unit_of(name))} {word}"
        for name, word in _SUMMARY.items()
    ]
    if (latency := shown.costs["latency"]) is not None:
        parts.append(f"{format_quantity(latency, 'time')} latency")
    parts += [
        f"{format_quantity(number, 'bytes')} {name}"
        for name in ("sram", "arena", "flash")
        if (number := shown.costs[name]) is not None
    ]
    print(f"**{shown.model}** on {shown.on}: {' · '.join(parts)}")
    _print_markdown_bounds(shown)


def _print_markdown_bounds(shown: Shown) -> None:
    if shown.bounds:
        print("", *markdown_of_bounds(shown.bounds), sep="\n")
