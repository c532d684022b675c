"""CSV files as frames, whose columns are of the types that all of their rows tell."""

from __future__ import annotations

import codecs
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
        ValueError: for a row that has more or fewer values than there are columns, or text that is
            neither UTF-8 nor UTF-16.
        polars.exceptions.PolarsError: for what is no CSV.
    """
    # Takes 0.2 s to load, and only few commands read tables.
    import polars

    content = _in_utf8(content)
    sign = _separator(content)
    given = dict.fromkeys(texts, polars.String())
    read = partial(polars.read_csv, content, separator=sign, schema_overrides=given)
    frame = None
    if not any(each in content for each in _UNTOLD if each != sign.encode()):
        frame = _told_by_head(read)
    if frame is None:
        try:
            frame = read(infer_schema_length=None)
        except polars.exceptions.ComputeError:
            _check_whole(content, sign)
            raise
    if frame.width > 1 and frame.to_series(-1).null_count() and _may_end_early(content, sign):
        _check_whole(content, sign)
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


def _in_utf8(content: bytes) -> bytes:
    """Return a text as UTF-8 with the line ends that Polars knows.

    Raises:
        ValueError: naming the row where it is no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16").encode()
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError as error:
            row = content.count(b"\n", 0, error.start)
            where = f"row {row}" if row else "the first line"
            byte = f"byte 0x{content[error.start]:02x}"
            raise ValueError(f"{where} is no text in UTF-8: {byte}") from None
    return content if b"\n" in content else content.replace(b"\r", b"\n")


def _may_end_early(content: bytes, sign: str) -> bool:
    """Return whether rows may have fewer values than there are columns, which Polars fills up.

    Only those can that have nothing in the last column.
    """
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    columns = content.partition(b"\n")[0].count(sign.encode())
    return b'"' in content or content.count(sign.encode()) < columns * lines


def _check_whole(content: bytes, sign: str) -> None:
    """Refuse rows of another length, such as the last one of a file whose writer was stopped."""
    rows = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=sign)
    width = len(next(rows, []))
    for number, row in enumerate(rows, 1):
        # An empty line is a row without values.
        if row and len(row) != width:
            of = f"{len(row)} of {width} values" if len(row) < width else f"{len(row)} values"
            more = "" if len(row) < width else f", and there are {width} columns"
            raise ValueError(f"row {number} has {of}{more}")


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
