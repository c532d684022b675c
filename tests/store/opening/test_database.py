from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from dse.errors import DseError
from dse.store import open_for_reading, open_store, start_run
from dse.store.schema import SCHEMA_VERSION, metadata


def make_database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_a_store_is_made_with_the_directory_it_is_in(tmp_path: Path) -> None:
    path = tmp_path / "results" / "of today" / "50%?.db"
    open_store(str(path))
    with closing(sqlite3.connect(path)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        assert set(metadata.tables) <= tables
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("SELECT * FROM dse_schema").fetchall() == [(str(SCHEMA_VERSION),)]


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}"])
def test_a_path_and_a_url_are_the_same_store(tmp_path: Path, form: str) -> None:
    path = tmp_path / "dse.db"
    start_run(open_store(form.format(path)), "dse sweep", {}, {})
    with open_for_reading(str(path)).connect() as connection:
        assert connection.execute(text("SELECT command FROM run")).all() == [("dse sweep",)]


def test_an_empty_file_and_an_empty_database_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "touched.db").touch()
    make_database(tmp_path / "fresh.db", "PRAGMA user_version = 0", "VACUUM")
    for name in ("touched.db", "fresh.db"):
        open_store(str(tmp_path / name))
        open_for_reading(str(tmp_path / name))


def test_nothing_can_be_written_through_a_reader(tmp_path: Path) -> None:
    open_store(str(tmp_path / "dse.db"))
    with (
        open_for_reading(str(tmp_path / "dse.db")).connect() as connection,
        pytest.raises(OperationalError, match="readonly"),
    ):
        connection.execute(text("DELETE FROM run"))


def test_reading_what_does_not_exist_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(DseError, match=r"no store at .*missing\.db.*dse sweep"):
        open_for_reading(str(tmp_path / "missing.db"))
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.parametrize("opening", [open_store, open_for_reading])
class TestForeignFiles:
    def check(self, opening, path: Path, message: str) -> None:  # type: ignore[no-untyped-def]
        before = path.read_bytes()
        with pytest.raises(DseError, match=message):
            opening(str(path))
        assert path.read_bytes() == before
        assert sorted(path.parent.iterdir()) == [path]

    def test_no_database(self, opening, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "notes.txt"
        path.write_text("These are my notes, and they are dear to me.\n" * 100)
        self.check(opening, path, "not a SQLite database")

    def test_database_of_another_program(self, opening, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "optuna.db"
        make_database(path, "CREATE TABLE alembic_version (a)", "CREATE TABLE trials (b)")
        self.check(opening, path, "another program.*alembic_version, trials")

    def test_newer_store(self, opening, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "newer.db"
        statements = ("CREATE TABLE dse_schema (version)", "INSERT INTO dse_schema VALUES (99)")
        make_database(path, *statements)
        self.check(opening, path, "newer version 99.*upgrade dse")

    def test_truncated_store(self, opening, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "cut.db"
        make_database(path, *(f"CREATE TABLE t{i} (a)" for i in range(200)))
        path.write_bytes(path.read_bytes()[:5000])
        self.check(opening, path, "cannot be read: database disk image is malformed")

    def test_directory(self, opening, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
        with pytest.raises(DseError, match="Is a directory"):
            opening(str(tmp_path))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "address of the store is empty"),
        ("sqlite:/x.db", "neither a path nor a URL"),
        ("sqlite://x.db", "three slashes"),
        ("sqlitee:///x.db", "did you mean 'sqlite'"),
        ("mysql://localhost/x", "valid: .*postgresql"),
        ("sqlite:///file:x.db?mode=ro&uri=true", "plain path"),
    ],
)
def test_a_malformed_address(url: str, message: str) -> None:
    with pytest.raises(DseError, match=message):
        open_store(url)


def test_a_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DseError, match="file"):
        open_store(str(tmp_path / "file" / "dse.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_in_a_directory_without_the_right_to_write(tmp_path: Path) -> None:
    store = tmp_path / "dse.db"
    engine = open_store(str(store))
    start_run(engine, "dse sweep", {}, {})
    engine.dispose()
    tmp_path.chmod(0o555)
    try:
        with open_for_reading(str(store)).connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM run")).scalar() == 1
    finally:
        tmp_path.chmod(0o755)
