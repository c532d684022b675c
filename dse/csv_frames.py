"""CSV files as frames, whose columns are of the types that all of their rows tell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

HEAD = 1000
"""Rows that tell the types of columns, where the others turn out to be of these types."""

_UNTOLD = (b'"', b"+", b" ", b"\t", b".e", b".E")
"""What a number may be written with that Polars reads once it expects one, and that does not tell
it that a column holds numbers: such as `"1"` in quotes."""


def read_csv(content: bytes, texts: Collection[str] = ()) -> polars.DataFrame:
    """Return the rows of a CSV file.

    Types follow from all rows, as of `polars.read_csv(…, infer_schema_length=None)`, which takes
    some times as long as reading by known types does. So the first rows tell them, and all do only
    where these may have told too little. Where the first line has no comma, but semicolons or tabs,
    these separate the columns.

    Args:
        content: of the file.
        texts: columns that hold texts, whatever these look like, such as `01`.

    Raises:
        ValueError: for a row that has fewer values than there are columns.
        polars.exceptions.PolarsError: for what is no CSV.
    """
    # Takes 0.2 s to load, and only few commands read tables.
    import polars

    sign = _separator(content)
    given = dict.fromkeys(texts, polars.String())
    read = partial(polars.read_csv, content, separator=sign, schema_overrides=given)
    frame = None
    if not any(each in content for each in _UNTOLD if each != sign.encode()):
        frame = _told_by_head(read)
    if frame is None:
        frame = read(infer_schema_length=None)
    if frame.width > 1 and frame.to_series(-1).null_count():
        _check_whole(content, sign, frame.width)
    return frame


def _told_by_head(read: Callable[..., polars.DataFrame]) -> polars.DataFrame | None:
    """Return a file as its first rows tell the types of columns; None where they tell too little.

    Args:
        read: reads it, by so many rows as `infer_schema_length` says.
    """
    from polars.exceptions import PolarsError

    try:
        frame = read(infer_schema_length=HEAD)
    except PolarsError:
        # A later row has a value of another type, or the file is none.
        return None
    # Of a column that is named `^…$` Polars takes the name for a pattern.
    return frame if all(_is_told(column.alias("")) for column in frame) else None


def _check_whole(content: bytes, sign: str, width: int) -> None:
    """Refuse rows that end early, such as the last one of a file whose writer was stopped.

    Polars fills them up. Only those can be that have nothing in the last column.
    """
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if b'"' not in content and content.count(sign.encode()) >= (width - 1) * lines:
        return
    text = io.StringIO(content.decode(errors="replace"), newline="")
    for number, row in enumerate(csv.reader(text, delimiter=sign)):
        # An empty line is a row without values.
        if 0 < len(row) < width:
            raise ValueError(f"row {number} has {len(row)} of {width} values")


def _separator(content: bytes) -> str:
    """Return what separates columns, as the first line tells."""
    header = content.partition(b"\n")[0]
    others = [sign for sign in (";", "\t") if sign.encode() in header]
    return others[0] if others and b"," not in header else ","


def _is_told(column: polars.Series) -> bool:
    """Return whether the first rows and all rows tell the same type of a column.

    Texts are what they are with every further row, unless the first rows held nothing. Whole
    numbers of more than 64 bits are no numbers, nor are some that are not finite.
    """
    if column.dtype.is_float():
        return bool(column.is_between(-(2.0**63), 2.0**63, closed="none").all())
    if column.dtype.is_integer() or str(column.dtype) == "Boolean":
        return True
    head = column.head(HEAD // 2)
    return head.null_count() < len(head)
