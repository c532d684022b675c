"""How commands that read print rows: tables for people, the other formats for programs.

Tables, also those of markdown, scale costs to a unit (`300.8M`, `44.67MiB`); csv, json, jsonl and
parquet always hold exact integers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, TextIO

from dse.costs import COST_NAMES, unit_of
from dse.errors import DseError
from dse.units import format_quantity

Row = Mapping[str, Any]

LEAST_TELLING = (
    "key",
    "precision",
    "optimizer",
    "dtype",
    "batch",
    "memory_read",
    "memory_written",
    "saved_memory",
    "trainable_params",
    "flops",
    "activation_memory",
    "weight_memory",
    "activations",
)
"""The columns that a table leaves out first, when it does not fit the terminal."""


_OF_A_COST = re.compile(r"(?:min|mean|max)\((\w+)\)")

_GAP = 3
"""Characters between two columns of a table on a terminal."""


class OutputFormat(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    markdown = "markdown"
    parquet = "parquet"


READ_BY_PEOPLE = (OutputFormat.table, OutputFormat.markdown)


def print_rows(
    rows: Sequence[Row],
    output: OutputFormat = OutputFormat.table,
    columns: Sequence[str] | None = None,
    keep: bool = False,
) -> None:
    """Print rows on standard output.

    Args:
        rows: the rows; a value may be missing.
        output: one of the formats.
        columns: which columns, in order; by default all that the rows have.
        keep: print every column, also where a table would be wider than the terminal.
    """
    shown = list(columns) if columns is not None else _columns_of(rows)
    printers: dict[OutputFormat, Callable[[], None]] = {
        OutputFormat.csv: lambda: _print_csv(rows, shown, sys.stdout),
        OutputFormat.json: lambda: _print_json(rows, shown, sys.stdout),
        OutputFormat.jsonl: lambda: _print_jsonl(rows, shown, sys.stdout),
        OutputFormat.markdown: lambda: _print_markdown(rows, shown, keep),
        OutputFormat.parquet: lambda: _print_parquet(rows, shown),
        OutputFormat.table: lambda: _print_table(rows, shown, keep),
    }
    try:
        printers[output]()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough. Python flushes standard output once more
        # when it ends, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def note(message: str) -> None:
    """Print a remark beside the output, where it does not get into a pipe."""
    print(message, file=sys.stderr)


def format_cell(column: str, value: Any) -> str:
    """Return a value as tables show it: costs with a unit, other numbers in six digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    cost = _OF_A_COST.sub(r"\1", column)
    if cost in COST_NAMES and isinstance(value, int | float):
        return format_quantity(round(value), unit_of(cost))
    if isinstance(value, float):
        return f"{value:.6g}"
    # A line break or an escape sequence in a text must not reach the terminal.
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _columns_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def _print_csv(rows: Sequence[Row], columns: Sequence[str], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(row.get(column)) for column in columns] for row in rows)


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool | list | dict):
        return json.dumps(value)
    return value


def _print_json(rows: Sequence[Row], columns: Sequence[str], out: TextIO) -> None:
    """Print one row a line, so that a file of them can be read and compared by eye."""
    separator = "["
    for row in rows:
        plain = {column: _json_value(row.get(column)) for column in columns}
        out.write(f"{separator}\n  {json.dumps(plain, ensure_ascii=False)}")
        separator = ","
    out.write("\n]\n" if rows else "[]\n")


def _print_jsonl(rows: Sequence[Row], columns: Sequence[str], out: TextIO) -> None:
    for row in rows:
        plain = {column: _json_value(row.get(column)) for column in columns}
        out.write(json.dumps(plain, ensure_ascii=False) + "\n")


def _print_parquet(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Write the bytes of a parquet file; a column of values of several types becomes text.

    Raises:
        DseError: when standard output is a terminal.
    """
    if sys.stdout.isatty():
        raise DseError("parquet is not for a terminal; send it to a file, as in > rows.parquet")
    import polars

    table = polars.DataFrame(
        [_parquet_column(column, [row.get(column) for row in rows]) for column in columns]
    )
    # Polars wants a real file or a buffer, and a pipe is neither.
    content = io.BytesIO()
    table.write_parquet(content)
    sys.stdout.flush()
    sys.stdout.buffer.write(content.getvalue())
    sys.stdout.buffer.flush()


def _parquet_column(column: str, values: Sequence[Any]) -> Any:
    import polars

    types = {type(value) for value in values if value is not None}
    if types == {int, float}:
        return polars.Series(column, values, dtype=polars.Float64, strict=False)
    if not types and column in COST_NAMES:
        return polars.Series(column, values, dtype=polars.Int64)
    if len(types) > 1 or types & {list, dict}:
        texts = [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
        return polars.Series(column, texts, dtype=polars.String)
    return polars.Series(column, values, strict=True)


def _json_value(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_markdown(rows: Sequence[Row], columns: Sequence[str], keep: bool) -> None:
    shown = list(columns) if keep else [c for c in columns if _is_telling(rows, c)]
    marks = ["---:" if all(_is_number(row.get(c)) for row in rows) else "---" for c in shown]
    cells = ([format_cell(c, row.get(c)) for c in shown] for row in rows)
    for line in (shown, marks, *cells):
        print("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |")


def _print_table(rows: Sequence[Row], columns: Sequence[str], keep: bool) -> None:
    shown = list(columns) if keep else [c for c in columns if _is_telling(rows, c)]
    cells = {c: [format_cell(c, row.get(c)) for row in rows] for c in shown}
    widths = {c: max(map(len, [c, *cells[c]])) for c in shown}
    numeric = {c for c in shown if all(_is_number(row.get(c)) for row in rows)}
    if sys.stdout.isatty():
        hidden = [] if keep else _too_many(widths)
        _print_rich([c for c in shown if c not in hidden], cells, numeric, len(rows))
        if hidden:
            note(f"not shown: {', '.join(hidden)} (name them in --columns, or use --format json)")
        return
    for line in zip(*([c, *cells[c]] for c in shown), strict=True):
        aligned = (
            text.rjust(widths[c]) if c in numeric else text.ljust(widths[c])
            for c, text in zip(shown, line, strict=True)
        )
        print("  ".join(aligned).rstrip())


def _is_telling(rows: Sequence[Row], column: str) -> bool:
    return column != "key" and (not rows or any(row.get(column) is not None for row in rows))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _too_many(widths: Mapping[str, int]) -> list[str]:
    """Return the columns to leave out for the others to fit the terminal, if that is possible."""
    from rich.console import Console

    room = Console().width
    hidden: list[str] = []
    candidates = [column for column in LEAST_TELLING if column in widths]
    while candidates and sum(w + _GAP for c, w in widths.items() if c not in hidden) > room:
        hidden.append(candidates.pop(0))
    return hidden


def _print_rich(
    columns: Sequence[str], cells: Mapping[str, Sequence[str]], numeric: set[str], rows: int
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numeric else "left"
        table.add_column(Text(column), justify=justify, no_wrap=True)
    for index in range(rows):
        table.add_row(*(Text(cells[column][index]) for column in columns))
    # As wide as the table needs: a wrapped line can be read, a number cut short cannot.
    console = Console()
    console.width = max(console.width, console.measure(table).maximum)
    console.print(table, soft_wrap=True)
