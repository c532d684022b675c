"""Small tables of HTML, which a notebook shows for a value that a cell ends in.

They are made of text alone: everything is escaped, nothing runs, nothing is fetched, and colours
are those of the notebook, light or dark.
"""

from __future__ import annotations

import dataclasses
import html
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

MOST_ROWS = 20
"""Rows of a table; the rest is counted."""

_LONGEST = 240
"""Characters of a text."""

_MOST_PARTS = 12
"""Of a list within a cell."""


def html_text(text: str) -> str:
    """Return a text as it can stand in a page: escaped, in a line, without what turns it around."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return html.escape("".join(c if _is_shown(c) else "\N{REPLACEMENT CHARACTER}" for c in cut))


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Collection[str] = (),
    left: int = 0,
) -> str:
    """Return a table.

    Args:
        columns: their headings.
        rows: a text for each column.
        numbers: the columns that are aligned to the right.
        left: rows that there are besides, which a line below tells.
    """

    def cells(kind: str, texts: Sequence[str]) -> str:
        sides = ("right" if column in numbers else "left" for column in columns)
        return "".join(
            f'<{kind} style="text-align:{side}">{html_text(text)}</{kind}>'
            for side, text in zip(sides, texts, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    more = f"<p>… and {left:,} more</p>" if left else ""
    return (
        f"<table><thead><tr>{cells('th', columns)}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def html_facts(facts: Mapping[str, str]) -> str:
    """Return a table of one fact a line; one without a text is left out."""
    side = 'style="text-align:left"'
    rows = (
        f"<tr><th {side}>{html_text(name)}</th><td {side}>{html_text(text)}</td></tr>"
        for name, text in facts.items()
        if text
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def html_panel(title: str, *parts: str) -> str:
    """Return parts of HTML below a title, which is a text."""
    return f"<div><p><strong>{html_text(title)}</strong></p>{''.join(parts)}</div>"


def fact(value: Any) -> str:
    """Return any value as a short text; nothing for None and for what is empty."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
        case Mapping():
            named = [f"{key} {fact(each)}" for key, each in [*value.items()][:_MOST_PARTS]]
            return ", ".join([*named, *_rest(len(value))])
        case list() | tuple() if any(map(dataclasses.is_dataclass, value)):
            return f"{len(value):,}"
        case list() | tuple():
            return ", ".join([*map(fact, value[:_MOST_PARTS]), *_rest(len(value))])
    if dataclasses.is_dataclass(value) and type(value).__str__ is object.__str__:
        return ", ".join(f"{name} {text}" for name, text in facts_of(value).items() if text)
    return str(value)


def _rest(number: int) -> list[str]:
    return [f"and {number - _MOST_PARTS:,} more"] if number > _MOST_PARTS else []


def facts_of(value: Any) -> dict[str, str]:
    """Return the fields of a dataclass as facts, but for those that its `repr` leaves out."""
    return {
        each.name: fact(getattr(value, each.name))
        for each in dataclasses.fields(value)
        if each.repr
    }


class FieldsShown:
    """A dataclass whose fields a notebook shows as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return html_panel(type(self).__name__, html_facts(facts_of(self)))
