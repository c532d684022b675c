"""Writing pictures to files: the ending of a file's name says the format."""

from __future__ import annotations

import html
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dse.errors import DseError, nearest
from dse.extras import install, require
from dse.files import written_whole
from dse.report.figures import COLOURED_BY_PAGE, ON_A_PAGE

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ENDINGS = (".html", ".json", ".png", ".svg", ".pdf")
"""Formats of every picture."""

IMAGES = (".png", ".svg", ".pdf")
"""Formats that a browser draws, or matplotlib."""

_WIDTH = 1000
"""Pixels of an image, whose figure is as wide as its place."""

_BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "microsoft-edge",
)

DrawnWithout = Callable[[Path], None]
"""Draws an image where there is no browser."""


def check_picture_ending(path: Path, endings: tuple[str, ...] = ENDINGS) -> None:
    """Refuse a picture whose format there is not, before anything is worked out.

    Raises:
        DseError: naming the nearest one.
    """
    if path.suffix.lower() not in endings:
        raise DseError(f"{path}: unknown picture format; {nearest(path.suffix, endings)}")


def check_can_draw(path: Path, without_browser: bool = False) -> None:
    """Refuse a picture that cannot be drawn here, before anything is worked out.

    Args:
        path: of the picture.
        without_browser: whether matplotlib draws it as well.

    Raises:
        DseError: for an unknown format, and where neither a browser nor matplotlib is there.
    """
    check_picture_ending(path)
    if path.suffix.lower() not in IMAGES or has_browser():
        require("plotly.graph_objects", "pictures", "this picture")
    elif without_browser:
        require("matplotlib", "pictures", "this picture")
    else:
        raise DseError(
            f"{path}: an image of this kind needs Kaleido and a Chrome: {install('pictures')}, and "
            "apt-get install chromium or plotly_get_chrome; a .html needs neither"
        )


def has_browser() -> bool:
    """Return whether Kaleido and a browser for it are there."""
    try:
        import kaleido  # noqa: F401
    except ImportError:
        return False
    named = os.environ.get("BROWSER_PATH")
    return bool(named and Path(named).exists()) or any(map(shutil.which, _BROWSERS))


def write_picture(
    figure: Figure, path: Path, title: str, without_browser: DrawnWithout | None = None
) -> None:
    """Write a figure to a file, whole or not at all.

    Args:
        figure: what to write.
        path: ending in `.html`, whole in itself; `.json`, a figure of Plotly; `.png`, `.svg` or
            `.pdf`. Directories on the way are made.
        title: of the page, as it came.
        without_browser: draws images where there is no browser.

    Raises:
        DseError: for another ending, or where it cannot be drawn or written.
    """
    check_can_draw(path, without_browser is not None)
    ending = path.suffix.lower()
    with written_whole(path) as part:
        if ending == ".html":
            part.write_text(page_of(figure, title), encoding="utf-8")
        elif ending == ".json":
            part.write_text(figure.to_json(), encoding="utf-8")
        elif has_browser():
            _write_image(figure, part)
        else:
            assert without_browser is not None, "it was checked"
            without_browser(part)


def page_of(figure: Figure, title: str, below: str = "") -> str:
    """Return a page of HTML with a figure, which needs nothing from elsewhere.

    Args:
        figure: what it shows.
        title: of the page, as it came.
        below: HTML that follows the figure.
    """
    # What draws parallel axes compiles code; nothing may be fetched or sent either way.
    drawn: str = figure.to_html(
        full_html=False, include_plotlyjs=True, include_mathjax=False, config=SHOWN
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
        "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
        'worker-src blob:">'
        f"<title>{html.escape(title)}</title><style>:root{{color-scheme:light dark}}"
        f"{_PAGE_STYLE}{ON_A_PAGE}</style></head><body>{drawn}{below}{COLOURED_BY_PAGE}</body></html>"
    )


_PAGE_STYLE = (
    "body{font-family:system-ui,sans-serif;margin:0}h2{margin:1rem}.wide{overflow-x:auto}"
    "td{padding:0 1em}td:first-child{text-align:right}"
)

SHOWN = {"responsive": True, "displaylogo": False}
"""How pages show figures."""


def _write_image(figure: Figure, path: Path) -> None:
    """Write an image: on white, as nobody knows what it will lie on."""
    from plotly.graph_objects import Figure as NewFigure

    opaque = NewFigure(figure)
    opaque.update_layout(paper_bgcolor="white", font={"color": "#222"})
    # What goes wrong is told as an error; what these two remark meanwhile is nobody's business.
    talkers = [logging.getLogger(name) for name in ("choreographer", "kaleido")]
    levels = [talker.level for talker in talkers]
    for talker in talkers:
        talker.setLevel(logging.CRITICAL + 1)
    try:
        opaque.write_image(path, width=_WIDTH, scale=1.5 if path.suffix == ".png" else 1)
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DseError(f"{path.name}: Kaleido and its browser failed: {reason}") from error
    finally:
        for talker, level in zip(talkers, levels, strict=True):
            talker.setLevel(level)
