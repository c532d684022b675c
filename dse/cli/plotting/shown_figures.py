"""Where a picture goes: into a file, or as text into the terminal."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dse.cli.plotting.text_canvas import text_picture
from dse.cli.printing import note
from dse.cli.terminal import one_line
from dse.report import check_can_draw, write_picture

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Found = TypeVar("Found")


def checked(picture: Path | None, without_browser: bool = False) -> None:
    """Refuse a picture that cannot be drawn, before anything is worked out.

    Args:
        picture: the file; None for text.
        without_browser: whether matplotlib draws this kind as well.

    Raises:
        DseError: for an unknown format, or where what draws it is not installed.
    """
    if picture is not None:
        check_can_draw(picture, without_browser)


def told(find: Callable[[], Found]) -> Found:
    """Return what is found, and print what that remarks, such as of candidates left out."""
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always", UserWarning)
        found = find()
    for message in dict.fromkeys(str(each.message) for each in remarks):
        note(message)
    return found


def save(
    figure: Figure,
    picture: Path,
    title: str,
    without_browser: Callable[[Path], None] | None = None,
) -> None:
    """Write a picture and tell where.

    Raises:
        DseError: where it cannot be drawn or written.
    """
    write_picture(figure, picture, title, without_browser)
    note(f"drawn in {picture}")


def show(
    figure: Figure,
    picture: Path | None,
    title: str,
    without_browser: Callable[[Path], None] | None = None,
) -> None:
    """Write a picture to a file, or print it as text."""
    if picture is not None:
        save(figure, picture, title, without_browser)
        return
    for line in text_picture(figure):
        print(one_line(line))
