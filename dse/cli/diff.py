"""`dse diff`: what sets two candidates apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Output, Store
from dse.cli.formats import OutputFormat
from dse.cli.printing import format_cell, print_rows
from dse.cli.terminal import one_line

if TYPE_CHECKING:
    from dse.project import Difference, LayerPair


def diff(
    first: Annotated[int, typer.Argument(help="The id of a candidate, as `dse query` prints it.")],
    second: Annotated[int, typer.Argument(help="The id of another one.")],
    layers: Annotated[
        bool, typer.Option(help="Compare the layers too, which takes a while.")
    ] = True,
    allow: Allow = None,
    output: Output = OutputFormat.table,
    store: Store = DEFAULT_STORE,
) -> None:
    """Show how two candidates differ in settings, costs, measurements and layers.

    Example: dse diff 3 17
    """
    from dse.project import difference_of

    _print(difference_of(first, second, store, layers, allow or ()), output)


def _print(difference: Difference, output: OutputFormat) -> None:
    """Print a difference: as tables, or its rows and layers in another format."""
    # Matching loads nothing that `dse --help` should wait for.
    from dse.project import difference_lines

    if output is not OutputFormat.table:
        layers = [pair for pair in difference.layers if pair.mark != " "]
        print_rows([*difference.rows, *map(_layer_row, layers)], output)
        return
    first, second = (f"candidate {id}" for id in difference.ids)
    if not difference.rows:
        print(f"{first} and {second} are the same network under the same conditions")
        return
    shown = [
        {
            "": row["of"],
            "name": row["name"],
            first: format_cell(row["name"], row["first"]),
            second: format_cell(row["name"], row["second"]),
            "ratio": row["ratio"],
        }
        for row in difference.rows
    ]
    print_rows(shown)
    if difference.layers:
        on = " and ".join(dict.fromkeys(difference.inputs))
        print(f"\nlayers (name, type, output, params, macs) on {on}")
    for line in difference_lines(difference.layers):
        print(one_line(line))


def _layer_row(pair: LayerPair) -> dict[str, Any]:
    layer = pair.first or pair.second
    texts = [
        None if one is None else f"{one.type} {one.output} {one.params} {one.macs}" for one in pair
    ]
    name = "" if layer is None else layer.name
    return {"of": "layers", "name": name, "first": texts[0], "second": texts[1], "ratio": None}
