"""Every command on every kind of damaged store: one line, or an answer from what is sound."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, Table

from dse.cli.main import command_tree
from dse.store.schema import SCHEMA_VERSION, dse_schema, metadata
from tests.cli.command import dse, run_words

SPACE = ("family=mlp", "grid=none", "grid.width=[8,16]", "grid.resolution=[8]")
SEARCH = (*SPACE, "objective=params", "exact=false", "sampler=random", "trials=2")
MEASURED = ("family=mlp", "grid=none", "grid.width=[8,16]", "rounds=1", "networks=2")
COMMANDS = [
    ("query",),
    ("query", "macs > 1 and width > 2", "--format", "json"),
    ("query", "--group-by", "width"),
    ("query", "--sql", "select * from run, candidate, measurement", "--format", "json"),
    ("query", "--sql", "select * from family_mlp"),
    ("pareto", "--min", "macs", "--max", "params"),
    ("correlate", "macs", "params"),
    ("runs",),
    ("runs", "1"),
    ("status",),
    ("status", "1"),
    ("trials", "1"),
    ("worker", "1"),
    ("import-blocks", "by_id.csv", "family=mlp", "grid=none", "unit=ms"),
    ("measure", *MEASURED),
    ("space", *SPACE, "device=this"),
    ("fit", "family=mlp", "device=jetson_orin_nano"),
    ("supernet", *SPACE, "supernet.epochs=1", "supernet.limit=64"),
    ("show", "1"),
    ("diff", "1", "2"),
    ("export", "1", "--to", "python"),
    ("forget", "--measurement", "params", "--yes"),
    ("import", "by_id.csv"),
    ("import", "by_axes.csv"),
    ("upgrade",),
    ("rerun", "1"),
    ("sweep", *SPACE),
    ("space", *SPACE),
    ("search", *SEARCH),
    ("report", "--study", "1", "--output", "page.html"),
    ("report", "--where", "macs > 1", "--output", "page.html"),
    ("report", "--compare", "width = 8", "--compare", "width = 16", "--output", "page.html"),
    ("plot", "history"),
    ("plot", "pareto", "--min", "macs", "--max", "params"),
    ("plot", "network", "1"),
    ("plot", "scatter", "width", "macs"),
    ("plot", "correlation"),
]
SERVES = {"serve"}
"""What it shows is what a report does, section by section."""
STOP_BEFORE_THE_STORE = {
    *("blocks", "check", "compare", "completion", "count", "families", "guide", "init", *SERVES)
}
TABLES = [table for table in metadata.sorted_tables if table is not dse_schema]
COLUMNS = [
    (table, column) for table in TABLES for column in table.columns if not column.primary_key
]
Place = tuple[Table, Column]


def in_json(place: Place) -> bool:
    return isinstance(place[1].type, JSON)


def sql(*statements: str) -> Callable[[Path, Place], None]:
    """Damage by statements about a table and a column, no constraint standing in the way."""

    def damage(path: Path, place: Place) -> None:
        table, column = place
        with closing(sqlite3.connect(path)) as database:
            database.execute("pragma writable_schema = on")
            loose = "replace(sql, ' NOT NULL', '')"
            database.execute(f"update sqlite_master set sql = {loose} where type = 'table'")
            database.commit()
        with closing(sqlite3.connect(path)) as database:
            if "update" not in statements[0]:
                database.execute("drop view family_mlp")
            for statement in statements:
                named = statement.format(table=table.name, column=column.name)
                database.execute(named.replace("update", "update or ignore"))
            database.commit()

    return damage


def bytes_of(change: Callable[[bytearray, random.Random], None]) -> Callable[[Path, Place], None]:
    def damage(path: Path, place: Place) -> None:
        content = bytearray(path.read_bytes())
        change(content, random.Random(f"{path.parent.name} {place[0].name} {place[1].name}"))
        path.write_bytes(content)

    return damage


def flip(content: bytearray, draw: random.Random) -> None:
    for _ in range(draw.choice([1, 10, 100])):
        content[draw.randrange(100, len(content))] ^= 1 << draw.randrange(8)


def foreign(path: Path, place: Place) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table candidate (name text)")


def directory(path: Path, place: Place) -> None:
    path.unlink()
    path.mkdir()


def unreadable(path: Path, place: Place) -> None:
    path.unlink()
    # Nobody, not even root, may read this one from its beginning.
    path.symlink_to("/proc/self/mem")


def beneath_a_file(path: Path, place: Place) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("no directory")


KINDS: dict[str, Callable[[Path, Place], None]] = {
    "an empty file": bytes_of(lambda content, draw: content.clear()),
    "no database": bytes_of(lambda content, draw: content.__setitem__(slice(0, 9), b"plain txt")),
    "cut short": bytes_of(lambda content, draw: content.__delitem__(slice(9000, None))),
    "cut by a page": bytes_of(lambda content, draw: content.__delitem__(slice(-4096, None))),
    "flipped bits": bytes_of(flip),
    "another program's": foreign,
    "a directory": directory,
    "beneath a file": beneath_a_file,
    "no permission": unreadable,
    "a table is missing": sql("drop table {table}"),
    "a column is missing": sql("alter table {table} rename column {column} to other"),
    "a text": sql("update {table} set {column} = 'x'"),
    "bytes": sql("update {table} set {column} = x'00ff'"),
    "no UTF-8": sql("update {table} set {column} = cast(x'e8' as text)"),
    "null": sql("update {table} set {column} = null"),
    "a newer version": sql(f"update dse_schema set version_num = {SCHEMA_VERSION + 1}"),
    "a version in words": sql("update dse_schema set version_num = 'new'"),
    "no version": sql("delete from dse_schema"),
}
JSON_KINDS = {
    "no JSON": sql("update {table} set {column} = '{{'"),
    "JSON of another kind": sql("update {table} set {column} = '[[]]'"),
    "an empty object": sql("update {table} set {column} = '{{}}'"),
    "null in JSON": sql("update {table} set {column} = 'null'"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store of all kinds of rows."""
    place = tmp_path_factory.mktemp("whole")
    dse(place, "sweep", *SPACE)
    dse(place, "search", *SEARCH)
    dse(place, "measure", *MEASURED)
    path = place / "outputs" / "dse.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma journal_mode = delete")
    return path


HYDRA = ("rerun", "sweep", "space", "search", "import-blocks", "measure", "report", "plot")
HYDRA += ("supernet",)
"""What takes a tenth of a second to begin: each of these takes a third of the kinds."""
FORMS = {name: [w for w in COMMANDS if w[0] == name] for name, *_ in COMMANDS}
CASES = [
    pytest.param(forms[number % len(forms)], kind, id=f"{name}-{kind}")
    for name, forms in FORMS.items()
    for number, kind in enumerate([*KINDS, *JSON_KINDS])
    if name not in HYDRA or (number + HYDRA.index(name)) % 3 == 0
]
"""Every command on every kind, its forms in turn."""


@pytest.mark.parametrize(("words", "kind"), CASES)
def test_a_damaged_store_is_told_in_one_line(whole, tmp_path, words, kind):
    path = tmp_path / "outputs" / "dse.db"
    path.parent.mkdir()
    shutil.copy(whole, path)
    (tmp_path / "by_id.csv").write_text("id,score\n1,0.5\n2,0.25\n")
    (tmp_path / "by_axes.csv").write_text("width,resolution,score\n8,8,0.5\n")
    places = [place for place in COLUMNS if kind in KINDS or in_json(place)]
    (KINDS | JSON_KINDS)[kind](path, random.Random(f"{words} {kind}").choice(places))
    status, _, stderr = run_words(tmp_path, *words)
    printed = stderr.decode()
    assert status in (0, 1), printed
    assert "Traceback" not in printed
    if status == 1:
        lines = [line for line in printed.splitlines() if not line.startswith("store ")]
        assert len(lines) == 1, printed
        assert lines[0].startswith("error: ")


def test_every_command_that_opens_a_store_is_among_them():
    assert {words[0] for words in COMMANDS} == {*command_tree().commands} - STOP_BEFORE_THE_STORE


def test_bytes_and_other_types_of_a_statement_of_ones_own(whole):
    place = whole.parent.parent
    words = ("query", "--sql", "select x'00ff' as a, 9e999 as b, null as c, 'x' as d", "--format")
    for format in ("table", "csv", "json", "jsonl", "markdown", "parquet"):
        status, printed, stderr = run_words(place, *words, format)
        assert (status, stderr) == (0, b"")
        assert b"X'00FF'" in printed
