"""How commands that read print rows: a table for people, csv and json for programs.

Tables scale costs to a unit (`300.8M`, `44.67MiB`); csv and json always hold exact integers.
"""

from __future__ import annotations

import csv
import json
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, TextIO

from dse.costs import COST_NAMES, unit_of
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


_GAP = 3
"""Characters between two columns of a table on a terminal."""


class OutputFormat(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(
    rows: Sequence[Row],
    output: OutputFormat = OutputFormat.table,
    columns: Sequence[str] | None = None,
    keep: bool = False,
) -> None:
    """Print rows on standard output.

    Args:
        rows: the rows; a value may be missing.
        output: table, csv or json.
        columns: which columns, in order; by default all that the rows have.
        keep: print every column, also where a table would be wider than the terminal.
    """
    shown = list(columns) if columns is not None else _columns_of(rows)
    printers: dict[OutputFormat, Callable[[], None]] = {
        OutputFormat.csv: lambda: _print_csv(rows, shown, sys.stdout),
        OutputFormat.json: lambda: _print_json(rows, shown, sys.stdout),
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
    if column in COST_NAMES and isinstance(value, int):
        return format_quantity(value, unit_of(column))
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


def _json_value(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
