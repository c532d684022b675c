"""What stands on the page of a report, as plain values: sections of texts, tables and pictures.

Every text is as it came; what makes HTML of it escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Paragraph:
    """A sentence or two."""

    text: str
    kind: str = "paragraph"


@dataclass(frozen=True)
class Facts:
    """Names with what there is to say of each."""

    rows: tuple[tuple[str, str], ...]
    kind: str = "facts"


@dataclass(frozen=True)
class Share:
    """How much of a bound is used."""

    name: str
    value: str
    bound: str
    share: float
    """1.0 is all of it; a lower bound is met from 1.0 on."""
    holds: bool


@dataclass(frozen=True)
class Shares:
    """Costs against a budget."""

    rows: tuple[Share, ...]
    kind: str = "shares"


@dataclass(frozen=True)
class TableCell:
    """A value as it is shown, and the number that it is sorted by; None for its text."""

    text: str
    number: float | None = None


@dataclass(frozen=True)
class DataTable:
    """Rows that can be sorted and filtered."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    note: str = ""
    """Such as how many rows are not shown."""
    kind: str = "table"

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Of each column, whether all that stands in it are numbers."""
        return tuple(
            all(row[place].number is not None or not row[place].text for row in self.rows)
            for place in range(len(self.columns))
        )


@dataclass(frozen=True)
class Chart:
    """A picture with a description for those who do not see it."""

    figure: Figure
    description: str
    kind: str = "chart"


@dataclass(frozen=True)
class SourceText:
    """A long text, such as a config, that is unfolded on demand."""

    title: str
    text: str
    kind: str = "source"


ReportPart = Paragraph | Facts | Shares | DataTable | Chart | SourceText


@dataclass(frozen=True)
class ReportSection:
    """A part of a page under a heading of its own."""

    key: str
    """Of its place on the page: a word."""
    heading: str
    parts: tuple[ReportPart, ...]


@dataclass(frozen=True)
class ReportPage:
    """A page."""

    title: str
    lead: str
    sections: tuple[ReportSection, ...]
    links: tuple[tuple[str, str], ...] = field(default=())
    """Other pages, each with where it is."""
