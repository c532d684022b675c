"""Mutated tables, and the commands that read them."""

import csv
import datetime
import decimal
import functools
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars

from dse.space import load_family
from tests.cli.command import dse
from tests.conftest import PAGES

ENDINGS = ("csv", "json", "jsonl", "parquet")
MODEL = ("family=mlp", "grid=none", "grid.width=[8,16]", "grid.depth=[1,2]", "grid.resolution=[8]")
"""The space whose candidates the tables are about."""


def fill_swept(directory: Path) -> None:
    """Make the store that the tables are imported into."""
    dse(directory, "sweep", *MODEL)


class Literal(str):
    """What stands in a text as it is, though Python would write it in another way."""


@dataclass
class Table:
    """Names and rows, of which some may be longer than there are names."""

    names: list[str]
    rows: list[list[Any]]


@functools.cache
def _good_tables() -> list[Table]:
    family = load_family(PAGES["mlp"])
    rows = []
    for id, (width, depth) in enumerate(((8, 1), (8, 2), (16, 1), (16, 2)), 1):
        axes = {**family.defaults, "width": width, "depth": depth, "resolution": 8}
        key = family.resolve(axes).key
        measured = {"acc": round(1 - 0.7**id, 3), "loss": 0.125 * id, "seed": id % 2}
        rows.append({"id": id, "key": key, **axes, **measured})
    names = (
        ("id", "acc"),
        ("id", "seed", "acc", "loss"),
        ("key", "seed", "acc"),
        ("width", "depth", "resolution", "acc"),
        ("width", "depth", "resolution", "seed", "acc", "loss"),
        (*family.defaults, "acc"),
        (*family.defaults, "seed", "acc", "loss"),
        ("id", "key", "width", "depth", "acc"),
    )
    return [Table([*some], [[row[name] for name in some] for row in rows]) for some in names]


NUMBERS = (0, -1, 1, 0.5, -0.0, 10**30, -(2**63), 2**64, 1e308, 96_000_000)
LITERALS = ("1e400", "-1e400", "NaN", "Infinity", "007", "1_000", "0x10", "9" * 400, "-", "1,5")
TEXTS = ("", " ", "none", "batch", "relu", "true", "null", "\x1b[31mred", "\u202e", "日本", "a\0b")
TEXTS += ('"', "'", "=1+1", "x" * 9999, "../x", "\ud800", "a\nb", "2026-01-31")
OTHERS: tuple[Any, ...] = (None, True, False, [], [1, 2], [[]], {}, {"a": 1}, {"a": {"b": [None]}})
TYPED: tuple[Any, ...] = (
    *(datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31), datetime.time(1)),
    *(datetime.timedelta(9), decimal.Decimal("8.5"), decimal.Decimal("NaN"), b"\x00\xff"),
)
VALUES = (*NUMBERS, *map(Literal, LITERALS), *TEXTS, *OTHERS, *TYPED)
NAMES = (
    *("", " ", "id", "key", "macs", "family", "run", "code", "invalid", "seed", "acc", "width"),
    *(" width", "widht", "\x1b[31m", "\x9b1m", "\u202e", "a`b", "a\nb", "a\0b", "std(acc)"),
    *('"', "'; drop table measurement; --", "${oc.env:HOME}", "日本", "top-1 error", "\ud800"),
    "x" * 999,
)  # fmt: skip


def _place(table: Table, draw: random.Random) -> tuple[list[Any], int]:
    """Return a row that has cells, and the place of one."""
    row = draw.choice([row for row in table.rows if row] or [[None]])
    return row, draw.randrange(len(row))


def _other_cell(table: Table, draw: random.Random) -> None:
    row, place = _place(table, draw)
    row[place] = draw.choice(VALUES)


def _other_column(table: Table, draw: random.Random) -> None:
    """Put one kind of value in all cells of a column."""
    _, place = _place(table, draw)
    values = draw.choice([NUMBERS, LITERALS, TEXTS, OTHERS, TYPED, [draw.choice(VALUES)]])
    for row in table.rows:
        row[place : place + 1] = [draw.choice(values)]


def _other_name(table: Table, draw: random.Random) -> None:
    table.names[draw.randrange(len(table.names))] = draw.choice(NAMES)


def _added_column(table: Table, draw: random.Random) -> None:
    table.names.append(draw.choice((*NAMES, *table.names)))
    for row in table.rows:
        row.append(draw.choice(NUMBERS))


def _ragged(table: Table, draw: random.Random) -> None:
    row, place = _place(table, draw)
    row[place:] = draw.choice(([], [1, 2, 3], row[place:] * 2))


def _repeated_row(table: Table, draw: random.Random) -> None:
    row, _ = _place(table, draw)
    table.rows.extend([*row] for _ in range(draw.choice((1, 3, 300))))


def _wide(table: Table, draw: random.Random) -> None:
    names = [f"{draw.choice(('x', 'width', 'acc'))}_{number}" for number in range(3000)]
    table.names.extend(names)
    for row in table.rows:
        row.extend([0.5] * len(names))


def _emptied(table: Table, draw: random.Random) -> None:
    draw.choice((table.rows, table.names, draw.choice(table.rows or [[]]))).clear()


CHANGES = (*[_other_cell] * 6, *[_other_column] * 3, *[_other_name] * 2, *[_added_column] * 2)
CHANGES += (_ragged, _ragged, _repeated_row, _emptied)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | list | dict) else str(value)


def _json(value: Any) -> str:
    if isinstance(value, Literal):
        return value
    return "null" if value is None else json.dumps(_plain(value), ensure_ascii=False)


def _object(table: Table, row: list[Any]) -> str:
    # Not by a dictionary, so that a name may stand in it twice.
    cells = zip(table.names, row, strict=False)
    return "{" + ", ".join(f"{_json(name)}: {_json(value)}" for name, value in cells) + "}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", escapechar="\\")
    writer.writerows([table.names, *table.rows])
    return _bytes(text.getvalue())


def _json_file(table: Table) -> bytes:
    return _bytes("[" + ",\n".join(_object(table, row) for row in table.rows) + "]")


def _jsonl(table: Table) -> bytes:
    return _bytes("".join(_object(table, row) + "\n" for row in table.rows))


def _series(values: list[Any]) -> polars.Series:
    present = [value for value in values if value is not None]
    if len({type(value) for value in present}) == 1 and (
        not isinstance(present[0], list | dict)
        or (present[0] and all(value == present[0] for value in present))
    ):
        try:
            return polars.Series(values)
        except (TypeError, ValueError, OverflowError):
            # Too large for an integer of parquet, or half of a character.
            pass
    texts = [str(value).encode("utf-8", "replace").decode() for value in values]
    return polars.Series(texts)


def _parquet(table: Table) -> bytes:
    columns = {}
    for place, name in enumerate(table.names):
        values = [row[place] if place < len(row) else None for row in table.rows]
        columns[name.encode("utf-8", "replace").decode()] = _series(values)
    file = io.BytesIO()
    polars.DataFrame(columns).write_parquet(file)
    return file.getvalue()


WRITERS: dict[str, Callable[[Table], bytes]] = {
    "csv": _csv,
    "json": _json_file,
    "jsonl": _jsonl,
    "parquet": _parquet,
}


def _mutated_bytes(content: bytes, draw: random.Random) -> bytes:
    """Return the content of a file with some of its bytes changed, or in another encoding."""
    place = draw.randrange(len(content) + 1)
    kind = draw.randrange(9)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return b"\xef\xbb\xbf" + content
    if kind == 2:
        return content.decode("utf-8", "replace").encode(draw.choice(("utf-16", "utf-32")))
    if kind == 3:
        return content.decode("utf-8", "replace").encode("latin-1", "replace") + b"\xe9\n"
    if kind == 4:
        return content.replace(b"\n", draw.choice((b"\r\n", b"\r", b"\0\n", b"\n\n")))
    if kind == 5:
        strange = draw.choice((b"\0", b'"', b",", b"\n", b"{", b"\xff", b"[" * 5000, b"}"))
        return content[:place] + strange + content[place:]
    if kind == 6:
        return draw.choice((b"", b"\n", b"\0" * 100, b"null", b"[]", b"{}", b"[1]", b"PAR1" * 4))
    changed = bytearray(content)
    for _ in range(draw.choice((1, 3, 30)) if content else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def mutated_table(draw: random.Random) -> tuple[str, bytes]:
    """Return the name of a file of a table, and what stands in it."""
    good = draw.choice(_good_tables())
    table = Table([*good.names], [[*row] for row in good.rows])
    if draw.random() < 0.01:
        _wide(table, draw)
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        if table.names:
            draw.choice(CHANGES)(table, draw)
    ending = draw.choice(ENDINGS)
    content = WRITERS[ending](table)
    if draw.random() < 0.25:
        content = _mutated_bytes(content, draw)
    return f"table.{ending}", content


_FEW = ("--seeds", "1", "--evaluations", "3", "--at", "2", "--workers", "1")
_COMPARE = ("--samplers", "random", *_FEW)
_TABLE = ("objective=table", "objective.value=acc", "sampler=random", "trials=2")


def table_words(file: str, draw: random.Random) -> list[str]:
    """Return the words of a command that reads a table; most often those of the quicker ones."""
    more = draw.choice(((), ("--family", "mlp"), ("--as", "acc"), ("--replace", "--source", "s")))
    known = draw.choice((("--axes", "width,depth"), ("--axes", "id"), ("--characters", "key")))
    costs = draw.choice(((), ("--costs", "loss"), ("--costs", "seed", "--budget", "seed<=1")))
    by_key = draw.choice(((), ("objective.key=key",)))
    commands = (
        ["import", file, *more],
        ["compare", file, "--value", "acc", *known, *costs, *_COMPARE],
        ["sweep", "family=mlp", "grid=none", f"grid.from={file}"],
        ["search", *MODEL, *_TABLE, f"objective.file={file}", *by_key],
    )
    return draw.choices(commands, weights=(24, 8, 1, 1))[0]
