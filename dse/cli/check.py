"""`dse check PAGE.yaml`: is a family page right?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sized
from typing import TYPE_CHECKING, Annotated

import typer

from dse.cli.common_options import Allow, ConfigDir
from dse.cli.printing import tell

if TYPE_CHECKING:
    from dse.project import ReadPage
    from dse.space import Checks, Grid


def check(
    page: Annotated[str, typer.Argument(help="Path of a page, or the name of a family.")],
    allow: Allow = None,
    config_dir: ConfigDir = None,
) -> None:
    """Check a family page: its keys, expressions and blocks, and the networks that it stands for.

    Builds the defaults, each variant and the extremes of the axes (of the grid of the page's name,
    if there is one), compares the sum over blocks with the trace of each whole network, and runs
    the smallest on data. Every error names file, line and key.

    Example: dse check mobilenet_v2

    A page with a block of yours: dse check family/mine.yaml --allow mypkg
    """
    from dse.errors import DseError
    from dse.project import read_family_page
    from dse.space import PageError

    try:
        read = read_family_page(page, allow or (), config_dir)
        _print_read(read)
        _print(read.check(), read.grid)
    except PageError as error:
        for line in error.errors[:-1]:
            tell(f"error: {line}")
        raise DseError(error.errors[-1]) from error


def _number(things: Sized, name: str) -> str:
    """Return how many there are, such as `2 variants`."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _print_read(read: ReadPage) -> None:
    family = read.family
    lines = "a callable" if family.is_callable else f"{_number(family.lines, 'line')} of blocks"
    axes = f"{len(family.axes)} ax{'i' if len(family.axes) == 1 else 'e'}s"
    print(f"{read.page}: {axes}, {_number(family.variants, 'variant')}, {lines}")
    if read.grid_page is not None:
        print(f"{read.grid_page}: {read.grid.size:,} point{'s' if read.grid.size > 1 else ''}")


def _print(checks: Checks, grid: Grid) -> None:
    built = _number(checks.checked, "network")
    print(f"built {built}: the defaults, each variant and the extremes of the axes")
    for what, reason in checks.invalid.items():
        print(f"  cannot be built: {what}: {reason}")
    if not grid.family.is_callable:
        print("each costs the same by its blocks as by a trace of the whole, in every cost")
    made = Counter("×".join(map(str, shape)) or "a number" for shape in checks.output_shapes)
    shapes = " and ".join(f"{n} of {each}" if n > 1 else each for each, n in made.items())
    print(f"the smallest ({checks.smallest.what}) ran on data: {shapes}")
