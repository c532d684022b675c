"""`dse init`: pages of one's own to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    directory: Annotated[Path, typer.Argument(help="Where the pages go; for --config-dir.")],
    name: Annotated[str, typer.Option(help="Of the new pages.")] = "mine",
    family: Annotated[str, typer.Option(help="The family to copy, with its grid.")] = "mlp",
    objective: Annotated[str, typer.Option(help="The objective to copy.")] = "naswot",
    device: Annotated[str, typer.Option(help="The device to copy.")] = "raspberry_pi_5",
) -> None:
    """Write a family, grid, objective and device page to start from, with schemas for editors.

    Example: dse init my_conf --family mobilenet_v2
    """
    from dse.project import start_pages

    chosen = {"family": family, "objective": objective, "device": device}
    started = start_pages(directory, name, chosen)
    for file in started.files:
        print(f"wrote {file}")
    print("an editor with a YAML language server completes and checks the pages; try")
    for command in started.commands:
        print(f"  {command}")
