"""`dse export ID`: one candidate as config, as Python, or as a network in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store
from dse.cli.terminal import one_line
from dse.project import FLOAT32, ExportFormat


def export(
    id: Annotated[int, typer.Argument(help="The candidate's id, as `dse query` prints it.")],
    to: Annotated[
        ExportFormat,
        typer.Option(
            help="config: a page with a grid of one point. python: plain PyTorch source, to train "
            "from without dse. torch, onnx, tflite, executorch: the network with its weights in a "
            ".pt2, .onnx, .tflite or .pte file."
        ),
    ] = ExportFormat.config,
    output: Annotated[
        Path | None, typer.Option(help="Where to; by default in outputs/export.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the weights that a network's file holds; by default 0.")
    ] = None,
    dtype: Annotated[
        str, typer.Option(help="Of a tflite or executorch file: float32 or int8.")
    ] = FLOAT32,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Samples that int8 is measured on: a .npy, .npz or .pt of inputs as the network "
            "takes them, or a folder of images."
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="A file of `dse supernet`, whose weights the network gets."),
    ] = None,
    store: Store = DEFAULT_STORE,
    allow: Allow = None,
) -> None:
    """Export one candidate: settings that rebuild it, or the network itself.

    Example: dse export 17 --to onnx

    As a page that a sweep takes: dse export 17 --output my_conf

    With weights of a supernet: dse export 17 --to python --weights supernet.pt

    For a microcontroller: dse export 17 --to tflite --dtype int8 --calibration images.npy
    """
    from dse.project import export_candidate

    exported = export_candidate(
        id, to, output, seed, store, allow or (), dtype, calibration, weights
    )
    for line in exported.lines:
        print(one_line(line))
