"""`dse export ID`: one candidate as config, Python, PyTorch or ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store
from dse.cli.terminal import one_line
from dse.project import ExportFormat


def export(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    to: Annotated[
        ExportFormat,
        typer.Option(
            help="config: a page with a grid of one point. python: a file that builds the network. "
            "torch, onnx: the network with its weights in a .pt2 or .onnx file."
        ),
    ] = ExportFormat.config,
    output: Annotated[
        Path | None, typer.Option(help="Where to; by default in outputs/export.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the weights that torch and onnx files hold.")] = 0,
    store: Store = DEFAULT_STORE,
    allow: Allow = None,
) -> None:
    """Export one candidate: settings that rebuild it, or the network itself.

    Example: dse export 17 --to onnx

    As a page that a sweep takes: dse export 17 --output my_conf
    """
    from dse.project import export_candidate

    for line in export_candidate(id, to, output, seed, store, allow or ()).lines:
        print(one_line(line))
