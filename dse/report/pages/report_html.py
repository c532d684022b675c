"""A report as HTML: one file that needs nothing from elsewhere, or parts of a page that is served.

Texts are escaped by the templates (Jinja's autoescape); data of pictures goes in as JSON that no
parser of HTML can leave. Plotly is packed, and unpacked by the browser: 2 MB in place of 4.8.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dse.extras import require
from dse.report.pages.report_content import Chart, ReportPage, ReportSection

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"
)
"""What a page in a file may load: nothing. What draws parallel axes compiles code."""


def rendered_report(page: ReportPage) -> str:
    """Return a page as one file of HTML."""
    has_charts = any(isinstance(part, Chart) for each in page.sections for part in each.parts)
    return _rendered(
        "report.html.j2",
        page=page,
        policy=POLICY,
        style=_asset("report.css"),
        script=_asset("report.js"),
        plotly=_packed_plotly() if has_charts else "",
        places=None,
    )


def rendered_shell(page: ReportPage, places: Mapping[str, str]) -> str:
    """Return a page that is served: its sections are asked for one by one, and again when they
    have changed.

    Args:
        page: of which the keys and headings of the sections are shown.
        places: where each section is asked for, by its key.
    """
    return _rendered("report.html.j2", page=page, places=places)


def rendered_section(
    section: ReportSection, again: str = "", is_pending: bool = False
) -> tuple[str, str]:
    """Return a section as HTML, and what it is known by: another text for other content.

    Args:
        section: what stands in it.
        again: where it is asked for again, for a page that is served.
        is_pending: whether that is to be soon, as it is being worked out.
    """
    template = "section.html.j2"
    plain = _rendered(template, section=section, again="", known="", every="")
    known = hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()
    if not again:
        return plain, known
    every = "load delay:300ms" if is_pending else "every 2s"
    return _rendered(template, section=section, again=again, known=known, every=every), known


def page_assets() -> dict[str, tuple[str, bytes]]:
    """Return what a page that is served loads, by name: its type, and the content."""
    plotly = require("plotly.offline", "pictures", "a report").get_plotlyjs()
    return {
        "report.css": ("text/css", _asset("report.css").encode()),
        "report.js": ("text/javascript", _asset("report.js").encode()),
        "htmx.js": ("text/javascript", _asset("htmx.min.js").encode()),
        "plotly.js": ("text/javascript", str(plotly).encode()),
    }


_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters, and those that turn what follows."""


def _rendered(template: str, **values: Any) -> str:
    """Return what a template makes of values, in characters that a file and a reader take."""
    text = str(_environment().get_template(template).render(**values))
    return _UNREADABLE.sub("\ufffd", text).encode("utf-8", "backslashreplace").decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dse.report.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure_json"] = _figure_json
    return environment


def _asset(name: str) -> Markup:
    return Markup((files("dse.report.pages") / name).read_text(encoding="utf-8"))


def _figure_json(figure: Any) -> Markup:
    """Return a figure as JSON within HTML: no `<` in it opens or ends an element."""
    content = json.dumps(json.loads(figure.to_json()), separators=(",", ":"))
    for character in "<>&":
        content = content.replace(character, f"\\u{ord(character):04x}")
    return Markup(content)


@cache
def _packed_plotly() -> str:
    source = str(require("plotly.offline", "pictures", "a report").get_plotlyjs())
    return base64.b64encode(gzip.compress(source.encode(), 9, mtime=0)).decode()
