"""How commands that read print rows: tables for people, the other formats for programs.

Tables, also those of markdown, scale costs to a unit (`300.8M`, `44.67MiB`); csv, json, jsonl and
parquet always hold exact integers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from dse.cli.formats import OutputFormat
from dse.cli.printing.column_roles import NO_ROLES, Roles, listed_briefly
from dse.cli.printing.fitting import GAP, fitted, shortened
from dse.cli.terminal import (
    data_output,
    json_text,
    one_line,
    print_emphasised,
    terminal_width,
)
from dse.costs import Unit, is_telling
from dse.errors import DseError
from dse.project import columns_of, frame_of, plain_value
from dse.shown_values import NO_UNITS, shown_value

Row = Mapping[str, Any]

READ_BY_PEOPLE = (OutputFormat.table, OutputFormat.markdown)


def print_rows(
    rows: Sequence[Row],
    output: OutputFormat = OutputFormat.table,
    columns: Sequence[str] | None = None,
    keep: bool = False,
    wide: bool = False,
    units: Mapping[str, Unit] = NO_UNITS,
    roles: Roles = NO_ROLES,
) -> None:
    """Print rows on standard output.

    Args:
        rows: the rows; a value may be missing.
        output: one of the formats.
        columns: which columns, in order; by default all that the rows have.
        keep: print every column, also the key and those without a value.
        wide: print a table also where it is wider than the terminal, whose columns were named.
        units: of columns that are costs which users declared.
        roles: of the columns; in a table, settings that are the same in all rows are told once.
    """
    shown = list(columns) if columns is not None else columns_of(rows)
    if output in STREAMED:
        print_stream(rows, output, shown)
        return
    printers: dict[OutputFormat, Callable[[], None]] = {
        OutputFormat.markdown: lambda: _print_markdown(rows, shown, keep, units),
        OutputFormat.parquet: lambda: _print_parquet(rows, shown),
        OutputFormat.table: lambda: _print_table(rows, shown, keep, wide, units, roles),
    }
    printers[output]()


def print_stream(rows: Iterable[Row], output: OutputFormat, columns: Sequence[str]) -> None:
    """Print rows that come one after the other, in one of the formats of `STREAMED`."""
    STREAMED[output](rows, columns, data_output())


_IS_SILENT: ContextVar[bool] = ContextVar("is_silent", default=False)


@contextmanager
def silence(wanted: bool) -> Iterator[None]:
    """Leave out remarks and progress meanwhile, if that is wanted."""
    token = _IS_SILENT.set(wanted)
    try:
        yield
    finally:
        _IS_SILENT.reset(token)


def is_silent() -> bool:
    """Return whether remarks and progress are left out."""
    return _IS_SILENT.get()


def note(message: str) -> None:
    """Print a remark beside the output, where it does not get into a pipe; `--quiet` has none."""
    if not is_silent():
        tell(message)


def tell(message: str) -> None:
    """Print what has to be read, such as an error, beside the output."""
    print(one_line(message), file=sys.stderr)


def format_cell(column: str, value: Any, units: Mapping[str, Unit] = NO_UNITS) -> str:
    """Return a value as tables show it: costs with a unit, numbers in six digits, whole seconds."""
    return one_line(shown_value(column, plain_value(value), units))


def _print_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    plain = {int, str, float, type(None)}
    writer.writerows(
        [v if type(v := row.get(column)) in plain else _csv_cell(v) for column in columns]
        for row in rows
    )


def _csv_cell(value: Any) -> Any:
    value = plain_value(value)
    if isinstance(value, bool | list | dict):
        return json.dumps(value)
    return value


def _print_json(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> None:
    """Print one row a line, so that a file of them can be read and compared by eye."""
    separator = "["
    for row in rows:
        plain = {column: _json_value(row.get(column)) for column in columns}
        out.write(f"{separator}\n  {json_text(plain)}")
        separator = ","
    out.write("\n]\n" if separator == "," else "[]\n")


def _print_jsonl(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> None:
    for row in rows:
        plain = {column: _json_value(row.get(column)) for column in columns}
        out.write(json_text(plain) + "\n")


STREAMED: Mapping[OutputFormat, Callable[[Iterable[Row], Sequence[str], TextIO], None]] = {
    OutputFormat.csv: _print_csv,
    OutputFormat.json: _print_json,
    OutputFormat.jsonl: _print_jsonl,
}
"""The formats that take a row at a time."""


def _print_parquet(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Write the bytes of a parquet file; a column of values of several types becomes text.

    Raises:
        DseError: when standard output is a terminal.
    """
    if sys.stdout.isatty():
        raise DseError("parquet is not for a terminal; send it to a file, as in > rows.parquet")
    table = frame_of(rows, columns)
    # Polars wants a real file or a buffer, and a pipe is neither.
    content = io.BytesIO()
    table.write_parquet(content)
    sys.stdout.flush()
    sys.stdout.buffer.write(content.getvalue())
    sys.stdout.buffer.flush()


def _json_value(value: Any) -> Any:
    value = plain_value(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_markdown(
    rows: Sequence[Row], columns: Sequence[str], keep: bool, units: Mapping[str, Unit]
) -> None:
    shown = list(columns) if keep else [c for c in columns if _is_telling(rows, c)]
    marks = ["---:" if all(_is_number(row.get(c)) for row in rows) else "---" for c in shown]
    cells = ([format_cell(c, row.get(c), units) for c in shown] for row in rows)
    for line in (map(one_line, shown), marks, *cells):
        print(f"| {' | '.join(map(in_a_cell, line))} |")


def in_a_cell(text: str) -> str:
    """Return a text as it can stand in a cell of a table of Markdown."""
    return text.replace("|", "\\|")


def _print_table(
    rows: Sequence[Row],
    columns: Sequence[str],
    keep: bool,
    wide: bool,
    units: Mapping[str, Unit],
    roles: Roles,
) -> None:
    shown = list(columns) if keep else [c for c in columns if _is_telling(rows, c)]
    cells = {c: [one_line(c), *(format_cell(c, row.get(c), units) for row in rows)] for c in shown}
    is_terminal = sys.stdout.isatty()
    room = terminal_width() if is_terminal and not wide else sys.maxsize
    same = roles.same(rows, shown)
    # What is the same in the only row is not worth a line of its own while there is room.
    if len(rows) == 1 and not fitted(cells, room).hidden:
        same = {}
    once = [
        f"{heading} {told}"
        for name, value in same.items()
        for heading, told in ((cells.pop(name)[0], format_cell(name, value, units)),)
        if told
    ]
    fit = fitted(cells, room, roles)
    numeric = {c for c in fit.widths if all(_is_number(row.get(c)) for row in rows)}
    for number in range(len(rows) + 1):
        parts = ((c, width, shortened(cells[c][number], width)) for c, width in fit.widths.items())
        aligned = (
            text.rjust(width) if c in numeric else text.ljust(width) for c, width, text in parts
        )
        line = (" " * GAP).join(aligned).rstrip()
        if is_terminal and not number:
            print_emphasised(line)
        else:
            print(line)
    if once:
        print(_between_commas(f"in every row: {', '.join(once)}", room))
    if fit.hidden:
        note(f"not shown: {listed_briefly(fit.hidden)}; the terminal is too narrow for them")


def _between_commas(text: str, room: int) -> str:
    """Return a text in lines of a terminal, of which only commas and colons end one."""
    kept = re.sub(r"(?<![,:]) ", _NO_BREAK, text)
    lines = textwrap.fill(
        kept, room, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return lines.replace(_NO_BREAK, " ")


_NO_BREAK = "\N{NO-BREAK SPACE}"


def _is_telling(rows: Sequence[Row], column: str) -> bool:
    return column != "key" and (
        not rows or any(row.get(column) is not None and is_telling(column, row) for row in rows)
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
