"""The manual as pages of HTML that refer to one another."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

from dse.guide.topics import NOTEBOOK, topics

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; }}
pre {{ background: #f4f4f4; padding: .7rem; overflow-x: auto; font-size: 13px; line-height: 1.35; }}
code {{ font-size: .9em; }}
table {{ border-collapse: collapse; font-size: .9em; }}
td, th {{ border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; vertical-align: top; }}
nav a {{ margin-right: .6rem; }}
</style></head><body><nav>{links}</nav>
{body}</body></html>
"""


def write_web_pages(folder: Path) -> None:
    """Write every topic as `TOPIC.html` to a folder, which is made where it is not there."""
    # It takes longer to load than a list of topics should.
    from markdown_it import MarkdownIt

    folder.mkdir(parents=True, exist_ok=True)
    known = {topic.name for topic in topics()}
    links = " ".join(f'<a href="{name}.html">{name}</a>' for name in (t.name for t in topics()))
    for beside in (NOTEBOOK, *Path(__file__).parent.glob("*.png")):
        shutil.copy(beside, folder / beside.name)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    for topic in topics():
        text = re.sub(r"^<!-- .* -->\n", "", topic.text, flags=re.MULTILINE)
        body = re.sub(
            r'href="(\w+)\.md(#[\w-]+)?"',
            lambda found: (
                f'href="{found[1]}.html{found[2] or ""}"' if found[1] in known else found[0]
            ),
            markdown.render(text),
        )
        page = _PAGE.format(title=html.escape(topic.title), links=links, body=body)
        (folder / f"{topic.name}.html").write_text(page, encoding="utf-8")
