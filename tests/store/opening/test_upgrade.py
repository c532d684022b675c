"""A store of an older version is upgraded after a copy; every version leads to today's tables."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine

from dse.code.fingerprints import code_of_costs
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, Costs
from dse.errors import DseError
from dse.store import (
    CandidateRow,
    ask,
    get_candidate,
    insert_candidates,
    known_keys,
    open_for_reading,
    open_store,
    start_run,
)
from dse.store.layout.views import drop_views
from dse.store.opening.database import reading, writing
from dse.store.opening.upgrade import migrate, upgrade
from dse.store.schema import SCHEMA_VERSION, dse_schema, metadata
from tests.store.at_once import at_once

SCHEMA_1 = (
    "CREATE TABLE dse_schema (version INTEGER NOT NULL)",
    "INSERT INTO dse_schema VALUES (1)",
    """CREATE TABLE run (id INTEGER NOT NULL PRIMARY KEY, command TEXT NOT NULL,
        config JSON NOT NULL, versions JSON NOT NULL, started TEXT NOT NULL, finished TEXT,
        outcome TEXT NOT NULL, error TEXT)""",
    "CREATE TABLE family (name TEXT NOT NULL PRIMARY KEY, axes JSON NOT NULL)",
    """CREATE TABLE candidate (id INTEGER NOT NULL PRIMARY KEY, family TEXT NOT NULL,
        "key" BIGINT NOT NULL, batch INTEGER NOT NULL, dtype TEXT NOT NULL, invalid TEXT,
        params BIGINT, trainable_params BIGINT, macs BIGINT, flops BIGINT, activations BIGINT,
        weight_memory BIGINT, activation_memory BIGINT, peak_memory BIGINT,
        run_id INTEGER NOT NULL REFERENCES run (id), settings JSON NOT NULL,
        UNIQUE ("key", family, batch, dtype))""",
    """CREATE TABLE measurement (id INTEGER NOT NULL PRIMARY KEY,
        candidate_id INTEGER NOT NULL REFERENCES candidate (id), what TEXT NOT NULL, value DOUBLE,
        context TEXT NOT NULL, context_digest TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT,
        seconds DOUBLE, run_id INTEGER NOT NULL REFERENCES run (id), created TEXT NOT NULL,
        UNIQUE (candidate_id, what, context_digest))""",
    "CREATE INDEX measurement_what_value ON measurement (what, value)",
    "INSERT INTO run VALUES (1, 'dse sweep', '{}', '{}', '2025-01-01', NULL, 'done', '')",
    """INSERT INTO family VALUES
        ('resnet', '{"width": "number"}'), ('my "net"', '{"se": "text"}')""",
    """CREATE VIEW family_resnet AS SELECT id, "key", batch, dtype,
        json_extract(settings, '$."width"') AS width, params FROM candidate
        WHERE family = 'resnet'""",
    """INSERT INTO candidate VALUES
        (1, 'resnet', 11, 1, 'float32', NULL, 1, 2, 3, 4, 5, 6, 7, 8, 1, '{"width":0.5}'),
        (2, 'resnet', 11, 2, 'float32', NULL, 1, 2, 6, 8, 5, 6, 7, 8, 1, '{"width":0.5}'),
        (5, 'my "net"', 12, 1, 'float32', 'odd', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         1, '{"se":"no"}')""",
    """INSERT INTO measurement VALUES (3, 1, 'accuracy', 0.7, '{}',
        'ff2b1d5d', 'done', NULL, 1.5, 1, '2025-01-01')""",
)
"""The tables of schema 1 as SQLite has them, with a few rows."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "dse.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        for statement in SCHEMA_1:
            database.execute(statement)
        database.commit()
    return path


def test_an_older_store_is_upgraded_with_all_it_holds(
    old: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_store(str(old))
    (record,) = (record for record in caplog.records if record.name == "dse.store")
    assert record.levelno == logging.WARNING
    assert f"from schema 1 to {SCHEMA_VERSION}; " in record.message
    assert "dse.db.schema1.bak is a copy" in record.message
    assert ask(engine) == [], "what made the costs was not noted"
    rows = ask(engine, "(invalid is null or invalid is not null) and code = 'unknown'")
    assert [(row["id"], row["key"], row["batch"], row["macs"]) for row in rows] == [
        (1, 11, 1, 3),
        (2, 11, 2, 6),
        (5, 12, 1, None),
    ]
    assert {(row["precision"], row["optimizer"]) for row in rows} == {("full", "sgd-momentum")}
    assert rows[0]["accuracy"] == 0.7
    (measured,) = get_candidate(engine, 1).measurements
    assert (measured.id, measured.source, measured.label) == (3, "unknown", "1")
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        view = database.execute("SELECT id, width, optimizer, params FROM family_resnet")
        assert view.fetchall() == [(1, 0.5, "sgd-momentum", 1), (2, 0.5, "sgd-momentum", 1)]


def test_the_copy_is_what_the_store_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as database:
        before = list(database.iterdump())
    old.with_name("dse.db.schema1.bak").write_text("somebody's own file")
    open_store(str(old)).dispose()
    with closing(sqlite3.connect(old.with_name("dse.db.schema1.bak2"))) as copy:
        assert list(copy.iterdump()) == before
    assert old.with_name("dse.db.schema1.bak").read_text() == "somebody's own file"
    open_store(str(old)).dispose()
    assert len(list(old.parent.glob("*.bak*"))) == 2, "the second opening finds nothing to do"


def test_costs_of_unknown_code_are_worked_out_again_by_the_next_sweep(old: Path) -> None:
    engine = open_store(str(old))
    costs = Costs(*range(20, 20 + len(COST_NAMES)))
    row = CandidateRow(11, "resnet", Conditions(), {"width": 0.5}, costs, code=code_of_costs())
    assert known_keys(engine, row.scope) == set()
    run = start_run(engine, "dse sweep", {}, {})
    assert insert_candidates(engine, run, [row]) == 1
    assert insert_candidates(engine, run, [row]) == 0
    assert known_keys(engine, row.scope) == {11}
    (found,) = ask(engine)
    assert [found[name] for name in COST_NAMES] == list(range(20, 20 + len(COST_NAMES)))
    assert found["accuracy"] == 0.7, "what was measured belongs to the network"
    assert len(ask(engine, "code is not null and invalid is null")) == 3


def test_a_reader_leaves_an_older_store_alone_and_names_the_command(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(DseError, match=r"older version 1.* 'dse upgrade --store .*dse.db'"):
        open_for_reading(str(old))
    assert old.read_bytes() == before


def test_an_upgrade_that_cannot_be_finished_leaves_the_store_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as database:
        # Two rows that schema 2 takes for one candidate: no upgrade may pick one of them.
        database.execute("DROP VIEW family_resnet")
        database.execute("CREATE TABLE careless AS SELECT * FROM candidate")
        database.execute("DROP TABLE candidate")
        database.execute("ALTER TABLE careless RENAME TO candidate")
        database.execute("UPDATE candidate SET batch = 1")
        database.commit()
        before = list(database.iterdump())
    with pytest.raises(DseError, match=r"cannot be upgraded: UNIQUE constraint failed.* a copy"):
        open_store(str(old))
    with closing(sqlite3.connect(old)) as database:
        assert list(database.iterdump()) == before


def test_all_migrations_lead_to_the_tables_of_a_new_store(store_url: str) -> None:
    engine = open_store(store_url)
    with writing(engine) as connection:
        drop_views(connection, ["candidate", "measurement"])
        metadata.drop_all(connection)
        migrate(connection)
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": dse_schema.name, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        versions = connection.exec_driver_sql("SELECT * FROM dse_schema").scalars().all()
        assert versions == [str(SCHEMA_VERSION)]


def older_on_a_server(url: str) -> Engine:
    """Make a store of version 1 in a database of a server."""
    rows = [statement for statement in SCHEMA_1 if statement.startswith("INSERT INTO")]
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "1")
        connection.exec_driver_sql("DROP TABLE dse_schema")
        connection.exec_driver_sql("CREATE TABLE dse_schema (version INTEGER NOT NULL)")
        for statement in rows:
            connection.exec_driver_sql(statement)
    return engine


def test_a_store_on_a_server_is_upgraded_once_in_one_transaction(
    new_database: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    url = new_database()
    older_on_a_server(url)
    with pytest.raises(DseError, match="older version 1"):
        open_for_reading(url)
    upgraded, *others = at_once([partial(open_store, url)] * 4)
    assert caplog.text.count(f"from schema 1 to {SCHEMA_VERSION}") == 1
    assert [type(each) for each in others] == [Engine] * 3
    upgraded_rows = "family = 'resnet' and code = 'unknown'"
    found = ask(upgraded, upgraded_rows, columns=["id", "width", "optimizer", "accuracy"])
    assert [tuple(row.values()) for row in found] == [
        (1, 0.5, "sgd-momentum", 0.7),
        (2, 0.5, "sgd-momentum", 0.7),
    ]
    with reading(upgraded) as connection:
        view = connection.exec_driver_sql("SELECT id, width, optimizer FROM family_resnet")
        assert sorted(view.all()) == [(1, 0.5, "sgd-momentum"), (2, 0.5, "sgd-momentum")]


def test_somebody_reads_while_a_store_on_a_server_is_upgraded(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    older = older_on_a_server(url)

    def read() -> list[int]:
        with older.begin() as connection:
            first = connection.exec_driver_sql("SELECT id FROM run").scalars().all()
            time.sleep(0.5)
            # The upgrade has this table by now, and waits for the other one.
            connection.exec_driver_sql("SELECT * FROM dse_schema").all()
            return list(first)

    def open_later() -> Engine:
        time.sleep(0.2)
        return open_store(url)

    found, upgraded = at_once([read, open_later])
    assert found == [1]
    assert isinstance(upgraded, Engine), upgraded
    older.dispose()
    upgraded.dispose()


def test_a_store_is_opened_while_somebody_upgrades_it(new_database: Callable[[], str]) -> None:
    url = new_database()
    older = older_on_a_server(url)

    def upgrade_slowly() -> None:
        with writing(older) as connection:
            upgrade(connection)
            time.sleep(0.6)

    def open_later() -> Engine:
        time.sleep(0.3)
        return open_for_reading(url)

    _, opened = at_once([upgrade_slowly, open_later])
    assert isinstance(opened, Engine), opened
    opened.dispose()
    older.dispose()
