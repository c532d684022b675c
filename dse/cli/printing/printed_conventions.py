"""How `dse count --convention` and `--compare` print other counters' tables and differences."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dse.cli.formats import LayerFormat
from dse.cli.printing.output import in_a_cell
from dse.cli.terminal import data_output, one_line, print_json

if TYPE_CHECKING:
    from dse.counting import Column, Reading, ReadingDifference, Reconciliation, Row, Trace


_MARK = "*"


def print_convention(
    trace: Trace,
    name: str,
    format: LayerFormat = LayerFormat.table,
    seconds: Mapping[str, float] | None = None,
) -> None:
    """Print a trace as another counter would have printed it.

    Args:
        trace: of the model, made with `functions=True`.
        name: of the convention.
        format: table, json, csv or markdown.
        seconds: measured time of each layer by its name, for torchstat's shares of the time.

    Raises:
        DseError: for an unknown convention; the nearest one is named.
    """
    from dse.counting import find_convention, read_convention

    convention, reading = find_convention(name), read_convention(trace, name, seconds)
    if format == LayerFormat.json:
        about = {"convention": name, "tool": convention.tool, "counts": convention.counts}
        print_json(about | _reading_as_json(reading))
    elif format == LayerFormat.csv:
        _write_reading(reading)
    else:
        headings = [column.name for column in reading.columns]
        rows = [_cells(reading.columns, row) for row in reading.rows]
        if reading.total_row is not None:
            rows.append(_cells(reading.columns, reading.total_row))
        _print_table(headings, rows, _numeric(reading), format)
        _print_lines(["", *reading.closing, *_unsupported(reading, convention.tool)], format)


def print_rules(name: str, format: LayerFormat = LayerFormat.table) -> None:
    """Print the rules of a convention: what each applies to, and its formula.

    Raises:
        DseError: for an unknown convention; the nearest one is named.
    """
    from dse.counting import find_convention

    convention = find_convention(name)
    headings = ["column", "applies to", "formula"]
    # Several functions may have one name, such as those of `torch` and of its tensors.
    rows = [
        [rule.column, ", ".join(dict.fromkeys(rule.names)), rule.formula]
        for rule in convention.rules
    ]
    if format == LayerFormat.json:
        rules = [dict(zip(headings, row, strict=True)) for row in rows]
        about = {"convention": name, "tool": convention.tool, "counts": convention.counts}
        print_json(about | {"rules": rules})
    elif format == LayerFormat.csv:
        csv.writer(data_output(), lineterminator="\n").writerows([headings, *rows])
    else:
        _print_table(headings, rows, set(), format)
        _print_lines(["", f"{convention.tool}: {convention.counts}"], format)


def print_comparison(
    trace: Trace, names: Sequence[str], format: LayerFormat = LayerFormat.table
) -> None:
    """Print conventions beside our MACs, and below why each of them differs.

    Args:
        trace: of the model, made with `functions=True`.
        names: of the conventions.
        format: table, json, csv or markdown.

    Raises:
        DseError: for an unknown convention; the nearest one is named.
    """
    from dse.counting import compare

    comparison = compare(trace, names)
    if format == LayerFormat.json:
        print_json(_comparison_as_json(comparison))
    elif format == LayerFormat.csv:
        _write_comparison(comparison)
    else:
        differences = comparison.differences
        headings = ["", "ours", *(each.convention for each in differences)]
        numbers = [_number(comparison.macs), *(_number(each.compared) for each in differences)]
        beside = ["", *(_signed(each.difference) for each in differences)]
        rows = [["MACs", *numbers], ["− ours", *beside]]
        _print_table(headings, rows, set(range(1, len(headings))), format)
        for each in differences:
            _print_reasons(each, format)


def _print_reasons(difference: ReadingDifference, format: LayerFormat) -> None:
    name = difference.convention
    if difference.compared is None:
        _print_lines(["", f"{name} has no number of operations to compare."], format)
        return
    title = f"{name} − ours = {_signed(difference.difference)} ({difference.meaning})"
    _print_lines(["", title], format)
    amounts = [_signed(reason.amount) for reason in difference.reasons]
    width = max(map(len, amounts), default=0)
    for amount, reason in zip(amounts, difference.reasons, strict=True):
        text = f"{amount:>{width}}  {reason.kind} ×{reason.calls}: {reason.reason}"
        print(f"- {' '.join(text.split())}" if format == LayerFormat.markdown else f"  {text}")


def _cells(columns: Sequence[Column], row: Row) -> list[str]:
    return [
        _shown(column, row.values[column.name]) + (_MARK if column.name in row.unsupported else "")
        for column in columns
    ]


def _shown(column: Column, value: Any) -> str:
    return column.show(value) if column.show is not None else _number(value)


def _number(value: int | Fraction | None) -> str:
    if value is None:
        return "-"
    return f"{int(value):,}" if value == int(value) else f"{float(value):,}"


def _signed(value: int | Fraction | None) -> str:
    if not value:
        return _number(value)
    return f"+{_number(value)}" if value > 0 else f"−{_number(-value)}"


def _numeric(reading: Reading) -> set[int]:
    return {index for index, column in enumerate(reading.columns) if column.unit}


def _unsupported(reading: Reading, tool: str) -> list[str]:
    if not reading.unsupported:
        return []
    listed = ", ".join(f"{kind} (×{count})" for kind, count in reading.unsupported.items())
    return [f"{_MARK} not known to {tool}, which counts nothing there: {listed}"]


def _print_table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: set[int], format: LayerFormat
) -> None:
    shown = in_a_cell if format == LayerFormat.markdown else str
    rows = [[shown(one_line(cell)) for cell in row] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(headings, *rows, strict=True)]

    def line(cells: Sequence[str]) -> list[str]:
        return [
            cell.rjust(width) if index in numeric else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]

    if format == LayerFormat.markdown:
        rule = [
            "-" * max(width - 1, 2) + (":" if index in numeric else "-")
            for index, width in enumerate(widths)
        ]
        for cells in (line(headings), rule, *map(line, rows)):
            print(f"| {' | '.join(cells)} |")
        return
    for cells in map(line, (headings, *rows)):
        print("  ".join(cells).rstrip())


def _print_lines(lines: Sequence[str], format: LayerFormat) -> None:
    for text in lines:
        # Two spaces at its end break a line in Markdown.
        print(f"{text}  " if format == LayerFormat.markdown and text else text)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return int(value) if value == int(value) else float(value)
    return list(value) if isinstance(value, tuple) else value


def _reading_as_json(reading: Reading) -> dict[str, Any]:
    def row(row: Row) -> dict[str, Any]:
        values = {column.name: _plain(row.values[column.name]) for column in reading.columns}
        return values | {"unsupported": sorted(row.unsupported)}

    return {
        "units": {column.name: column.unit for column in reading.columns if column.unit},
        "rows": list(map(row, reading.rows)),
        "totals": {name: _plain(total) for name, total in reading.totals.items()},
        "closing": list(reading.closing),
        "unsupported": dict(reading.unsupported),
    }


def _write_reading(reading: Reading) -> None:
    writer = csv.writer(data_output(), lineterminator="\n")
    writer.writerow([*(column.name for column in reading.columns), "unsupported"])
    for row in reading.rows:
        values = [row.values[column.name] for column in reading.columns]
        writer.writerow([*map(_csv_cell, values), " ".join(sorted(row.unsupported))])


def _csv_cell(value: Any) -> Any:
    return "x".join(map(str, value)) if isinstance(value, tuple) else _plain(value)


def _comparison_as_json(comparison: Reconciliation) -> dict[str, Any]:
    return {
        "macs": comparison.macs,
        "conventions": [
            {
                "convention": each.convention,
                "compared": each.meaning,
                "number": _plain(each.compared),
                "difference": _plain(each.difference),
                "reasons": [
                    {name: _plain(value) for name, value in reason._asdict().items()}
                    for reason in each.reasons
                ],
            }
            for each in comparison.differences
        ],
    }


def _write_comparison(comparison: Reconciliation) -> None:
    """Write one reason a line; the amounts of a convention and our MACs add up to its number."""
    writer = csv.writer(data_output(), lineterminator="\n")
    writer.writerow(["convention", "kind", "reason", "calls", "amount"])
    for each in comparison.differences:
        if each.compared is None:
            continue
        writer.writerow([each.convention, "ours", "MACs", "", each.ours])
        for reason in each.reasons:
            writer.writerow([each.convention, *map(_plain, reason)])
