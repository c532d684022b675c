"""`dse count`: what does one model cost?"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from dse.costs import Costs
    from dse.counting import Count


class CountFormat(enum.StrEnum):
    """How `dse count` prints."""

    table = "table"
    json = "json"
    csv = "csv"


def count(
    model: Annotated[str, typer.Argument(help="Dotted path of a callable, or FILE.py:NAME.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="key=value arguments of the callable.")
    ] = None,
    input: Annotated[
        list[str] | None, typer.Option(help="Input shape without the batch; once for each input.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Size of the batch axis.")] = 1,
    format: Annotated[CountFormat, typer.Option(help="How to print.")] = CountFormat.table,
    strict: Annotated[bool, typer.Option(help="Fail on operators of unknown cost.")] = False,
) -> None:
    """Count parameters, MACs, FLOPs, activations and memory of a model, a layer a line.

    The model runs on the meta device: it needs neither data nor memory.

    Example: dse count torchvision.models.resnet18 num_classes=10 --input 3,224,224
    """
    from dse.cli.targets import build_model, parse_arguments
    from dse.counting import count as count_model
    from dse.counting.inputs import parse_shape

    shapes = [parse_shape(text, batch) for text in input or ["3,224,224"]]
    module = build_model(model, parse_arguments(arguments or []))
    counted = count_model(module, shapes, strict=strict)
    inputs = [list(shape.sizes) for shape in shapes]
    print_count(model, inputs[0] if len(inputs) == 1 else inputs, counted, format)


def print_count(model: str, inputs: Any, counted: Count, format: CountFormat) -> None:
    """Print the costs of a model, a layer a line, and in total."""
    import json
    import sys

    if format is CountFormat.json:
        print(json.dumps({"model": model, "input": inputs, **as_json(counted)}, indent=2))
    elif format is CountFormat.csv:
        write_layers(counted, sys.stdout)
    else:
        print_layers(counted)
        print(f"\n{model} on {inputs}")
        print_totals(counted.costs)
    if counted.unknown and format is not CountFormat.json:
        listed = ", ".join(f"{name} (×{times})" for name, times in counted.unknown.items())
        print(f"operators of unknown cost, not counted: {listed}", file=sys.stderr)


def as_json(counted: Count) -> dict[str, Any]:
    """Return totals, layers and unknown operators as plain data."""
    layers = [
        {
            "name": layer.name,
            "type": layer.type,
            "output_shape": list(layer.output_shape) if layer.output_shape is not None else None,
            **layer.costs.as_dict(),
        }
        for layer in counted.layers
    ]
    return {"totals": counted.costs.as_dict(), "layers": layers, "unknown": counted.unknown}


def write_layers(counted: Count, stream: TextIO) -> None:
    """Write the layers of a model as CSV."""
    import csv

    from dse.costs import COST_NAMES

    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["name", "type", "output_shape", *COST_NAMES])
    for layer in counted.layers:
        shape = "x".join(map(str, layer.output_shape or ()))
        writer.writerow([layer.name, layer.type, shape, *layer.costs.as_dict().values()])


_COLUMNS = ("params", "macs", "activations", "weight_memory", "activation_memory", "peak_memory")


def print_layers(counted: Count) -> None:
    """Print the layers of a model as a table."""
    from dse.cli.output import print_rows

    rows = [
        {
            "layer": layer.name or "(itself)",
            "type": layer.type,
            "output": "×".join(map(str, layer.output_shape or ())) or None,
            # A layer without operators of its own has no moment at which memory was highest.
            **{name: getattr(layer.costs, name) for name in _COLUMNS},
            "peak_memory": layer.costs.peak_memory or None,
        }
        for layer in counted.layers
    ]
    print_rows(rows)


def print_totals(costs: Costs) -> None:
    """Print each cost of a model, exactly and with a unit."""
    from dse.costs import COST_NAMES, unit_of
    from dse.units import format_quantity

    width = max(map(len, COST_NAMES))
    for name, value in costs.as_dict().items():
        print(f"  {name:<{width}}  {value:>17,}  {format_quantity(value, unit_of(name))}")
