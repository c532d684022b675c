"""The password of a server is printed by no command, and kept neither in the store nor in files."""

import json
import sqlite3

import psycopg
import pytest

from tests.cli.command import dse, query, refused
from tests.store.server import postgres_server

SECRET = "sesame"
SPACE = ("family=mlp", "grid=none", "grid.width=[8,16]")


@pytest.fixture(scope="module")
def url():
    """A store on a server, which asks for no password and takes any."""
    with postgres_server() as new:
        yield new().replace("postgres@", f"postgres:{SECRET}@")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("passwords")


def everything_stored(url):
    """Return every row of every table, as text."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        named = "select table_name from information_schema.tables where table_schema = 'public'"
        tables = [name for (name,) in connection.execute(named)]
        return str([connection.execute(f'select * from "{t}"').fetchall() for t in tables])


def test_no_command_prints_or_keeps_it(directory, url):
    (directory / "t.csv").write_text("width,acc\n8,1\n16,2\n")
    optuna = f"to_optuna=sqlite:///{directory}/optuna.db"
    printed = [
        dse(directory, *words)
        for words in (
            ("sweep", *SPACE, f"store.url={url}", "hydra.run.dir=record"),
            ("space", *SPACE, f"store.url={url}"),
            ("search", *SPACE, "objective=params", "trials=1", f"store.url={url}", optuna),
            ("sweep", "-m", "family=mlp", "grid=none", "grid.width=[24],[32]", f"store.url={url}"),
            ("import", "t.csv", "--store", url),
            ("forget", "--measurement", "acc", "--yes", "--store", url),
            ("query", "--store", url),
            ("runs", "--store", url),
            ("runs", "1", "--store", url),
            ("runs", "1", "--format", "json", "--store", url),
            ("status", "--store", url),
            ("show", "1", "--store", url),
            ("rerun", "1", "--store", url),
            ("upgrade", "--store", url),
        )
    ]
    leaks = [line for each in printed for line in (each.stdout + each.stderr).splitlines()]
    assert [line for line in leaks if SECRET in line] == []
    assert "stored in postgresql+psycopg://postgres@127.0.0.1:" in printed[0].stdout
    assert SECRET not in everything_stored(url)
    assert "127.0.0.1" in everything_stored(url), "the address is kept"
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert len(files) > 4, "Hydra writes down what it was asked for"
    assert all(SECRET.encode() not in path.read_bytes() for path in files)


@pytest.mark.parametrize("command", ["sweep", "search", "space"])
def test_no_error_prints_it(directory, command):
    nowhere = f"postgresql://postgres:{SECRET}@127.0.0.1:1/none"
    words = (command, *SPACE, f"store.url={nowhere}", "budget.mcas=3")
    assert SECRET not in refused(directory, *words)
    if command != "space":
        assert SECRET not in refused(directory, *words[:-1])


@pytest.mark.parametrize("tool", ["to_optuna", "mlflow"])
def test_no_error_of_a_tracker_prints_it(directory, tool):
    there = f"{tool}=postgresql+psycopg://postgres:{SECRET}@127.0.0.1:1/none"
    words = ("search", *SPACE, "objective=params", "store.url=tracked.db", there)
    line = refused(directory, *words)
    assert f"{tool}: cannot open 'postgresql+psycopg://postgres@127.0.0.1:1/none'" in line
    assert SECRET not in line
    with sqlite3.connect(directory / "tracked.db") as database:
        kept = "".join(database.iterdump())
    assert "postgres@127.0.0.1" in kept
    assert SECRET not in kept


@pytest.mark.parametrize("command", ["query", "runs", "status", "upgrade", "show"])
def test_no_error_of_a_reader_prints_it(directory, command):
    nowhere = f"postgresql://postgres:{SECRET}@127.0.0.1:1/none"
    words = (command, *(["1"] if command == "show" else []), "--store", nowhere)
    assert SECRET not in refused(directory, *words)


def test_it_is_not_in_a_page(directory):
    (directory / "own" / "store").mkdir(parents=True)
    page = directory / "own" / "store" / "mine.yaml"
    page.write_text(f"url: postgresql://postgres:{SECRET}@127.0.0.1:1/none\n")
    words = ("sweep", "--config-dir", "own", "store=mine", *SPACE)
    line = refused(directory, *words)
    assert "own/store/mine.yaml:1: url: a page holds no password; leave it out" in line
    assert SECRET not in line


def test_a_run_again_takes_it_from_the_environment(directory, url, monkeypatch):
    dse(directory, "sweep", *SPACE, f"store.url={url}")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    plain = url.replace(f":{SECRET}@", "@")
    (run, *_) = json.loads(dse(directory, "runs", "--format", "json", "--store", plain).stdout)
    assert "all 2 present" in dse(directory, "rerun", str(run["id"]), "--store", plain).stdout
    assert {row["width"] for row in query(directory, "width < 20", "--store", plain)} == {8, 16}


def test_an_upgrade_takes_it_out_of_runs_of_before(directory):
    from sqlalchemy import create_engine

    from dse.store.opening.upgrade import migrate

    with create_engine(f"sqlite:///{directory}/old.db").begin() as connection:
        migrate(connection, "2")
        connection.exec_driver_sql(
            "insert into run (id, command, config, versions, started, outcome) values "
            f"(1, 'dse sweep store.url=postgres://u:{SECRET}@h/d', "
            f"""'{{"store": {{"url": "postgres://u:{SECRET}@h/d"}}}}', '{{}}', '2025', 'done')"""
        )
    dse(directory, "upgrade", "--store", "old.db")
    with sqlite3.connect(directory / "old.db") as database:
        assert SECRET not in "".join(database.iterdump())
