"""`dse guide`: the manual."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer


def guide(
    topic: Annotated[
        str | None, typer.Argument(help="A topic; without one, all are listed.")
    ] = None,
    browser: Annotated[bool, typer.Option("--open", help="Show it in a browser instead.")] = False,
) -> None:
    """Read the manual.

    Example: dse guide tour
    """
    from dse.guide import NOTEBOOK, find_topic, topics

    if browser:
        _open(topic or "tour")
        return
    if topic is None:
        width = max(len(each.name) for each in topics())
        for each in topics():
            print(f"{each.name:<{width}}  {each.title}")
        print("\nRead one with `dse guide TOPIC`, or in a browser with `dse guide TOPIC --open`.")
        print(f"A notebook to run in Jupyter: {NOTEBOOK}")
        return
    text = find_topic(topic).text
    if sys.stdout.isatty():
        _page(text)
    else:
        print(text, end="")


def _page(text: str) -> None:
    """Show Markdown on the terminal, through the user's pager where it is longer than that."""
    import pydoc

    from rich.console import Console
    from rich.markdown import Markdown

    from dse.cli.terminal import drawing_output, terminal_width

    out = drawing_output(sys.stdout)
    console = Console(file=out, force_terminal=True, width=min(terminal_width(), 100))
    with console.capture() as captured:
        console.print(Markdown(_with_topics(text), hyperlinks=False))
    shown = captured.get()
    pager = os.environ.get("PAGER", "less")
    is_short = shown.count("\n") < os.get_terminal_size(out.fileno()).lines
    if is_short or pager in ("", "cat"):
        out.write(shown)
        return
    # What rich draws is colours and tables, which `less` shows only when it is told so.
    os.environ.setdefault("LESS", "-R")
    pydoc.pipepager(shown, pager)


def _with_topics(text: str) -> str:
    """Return a page whose links to others say by which command they are read."""

    def named(found: re.Match[str]) -> str:
        shown, topic = found[1], found[2]
        return shown if shown == topic else f"{shown} (`dse guide {topic}`)"

    return re.sub(r"\[([^\]]+)\]\((\w+)\.md(?:#[\w-]+)?\)", named, text)


def _open(topic: str) -> None:
    """Write the whole manual as pages of HTML, and show one in a browser."""
    import webbrowser

    from dse.guide import find_topic, write_web_pages

    name = find_topic(topic).name
    folder = Path(tempfile.mkdtemp(prefix="dse-guide-"))
    write_web_pages(folder)
    page = folder / f"{name}.html"
    if not webbrowser.open(page.as_uri()):
        print(f"no browser opened; the page is {page}")
