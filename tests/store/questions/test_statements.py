"""SQL of the user's own reads, and can do nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dse.errors import DseError
from dse.store import open_for_reading
from dse.store.questions.statements import answer_sql
from tests.store.conftest import fill_example

WRITES = [
    "delete from run",
    "insert into family values ('x', '{}')",
    "update candidate set macs = 0",
    "with gone as (select 1) delete from run",
    "drop table measurement",
    "create table mine (a integer)",
    "create temp table mine (a integer)",
    "select 1; delete from run",
    "begin immediate",
    "commit",
    "rollback",
]
ON_SQLITE = [
    "pragma query_only = off",
    "pragma journal_mode = delete",
    "pragma user_version = 7",
    "attach database 'stolen.db' as other",
    "attach database 'file:stolen.db?mode=rwc' as other",
    "vacuum",
    "vacuum into 'stolen.db'",
    "reindex",
    "analyze",
    "select load_extension('x.so')",
    "replace into family values ('x', '{}')",
]
ON_POSTGRESQL = [
    "select 1) as a; delete from run; select * from (select 1",
    "set transaction read write",
    "set default_transaction_read_only = off",
    "select set_config('transaction_read_only', 'off', false) || (select 'x' where false)",
    "with gone as (delete from run returning id) select * from gone",
    "copy run to '/tmp/stolen.csv'",
    "copy (select 1) to program 'touch /tmp/stolen'",
    "select lo_create(0)",
    "select nextval('run_id_seq')",
    "do $$ begin delete from run; end $$",
    "vacuum",
    "select * into mine from run",
]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("select macs from resnet", "did you mean 'family_resnet'"),
        ("select macs from candidates", "did you mean 'candidate'"),
        ("select maccs from candidate", "did you mean 'macs'"),
        ("select c.maccs from candidate as c", "did you mean 'macs'"),
        ("select widht from family_resnet", "did you mean 'width'"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_unknown_table_or_column_names_the_nearest(
    example_file: Path,
    kind: str,
    new_database: Callable[[], str],
    statement: str,
    message: str,
) -> None:
    url = str(example_file)
    if kind == "postgresql":
        url = new_database()
        fill_example(url)
    engine = open_for_reading(url)
    with pytest.raises(DseError, match=message) as caught:
        answer_sql(engine, statement)
    assert "\n" not in str(caught.value)
    assert answer_sql(engine, "select count(*) as n from candidate").rows == [{"n": 300}]
    engine.dispose()


def test_a_select_is_answered_by_the_rows_that_it_finds(example_file: Path) -> None:
    engine = open_for_reading(str(example_file))
    found = answer_sql(
        engine,
        "SELECT family, count(*) AS n, ':x ? %' AS t, 'a' AS t FROM candidate GROUP BY 1;",
        2,
    )
    assert found.columns == ("family", "n", "t", "t_2")
    assert (len(found.rows), found.total) == (2, 3)
    assert found.rows[0]["t"] == ":x ? %"
    recursive = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
    assert [r["i"] for r in answer_sql(engine, f"{recursive} SELECT i FROM n").rows] == [
        *range(1, 6)
    ]
    view = answer_sql(engine, "select width, macs from family_resnet -- all of them")
    assert view.total > 50


def test_a_select_on_a_server(new_database: Callable[[], str]) -> None:
    url = new_database()
    fill_example(url)
    engine = open_for_reading(url)
    statement = (
        "select family, count(*) as n, ':x ? % \\' as t from candidate group by 1 order by 1"
    )
    found = answer_sql(engine, statement + ";")
    assert found.columns == ("family", "n", "t")
    assert found.rows[0]["t"] == ":x ? % \\"
    assert sum(row["n"] for row in found.rows) == 300
    for write in (*WRITES, *ON_POSTGRESQL):
        with pytest.raises(DseError, match="SQL: "):
            answer_sql(engine, write)
    assert answer_sql(engine, "select count(*) as n from run").rows == [{"n": 1}]


@pytest.mark.parametrize("statement", [*WRITES, *ON_SQLITE])
def test_nothing_that_is_typed_can_write(
    example_file: Path, statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = hashlib.sha256(example_file.read_bytes()).digest()
    engine = open_for_reading(str(example_file))
    with pytest.raises(DseError, match="SQL: ") as caught:
        answer_sql(engine, statement)
    assert "\n" not in str(caught.value)
    assert hashlib.sha256(example_file.read_bytes()).digest() == before
    assert list(tmp_path.iterdir()) == []
    assert answer_sql(engine, "select count(*) as n from run").rows == [{"n": 1}]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("", "statement is empty"),
        (" ; ", "statement is empty"),
        ("select macss from candidate", "no such column: macss"),
        ("selec 1", "syntax error"),
        ("select '\0'", "NUL"),
    ],
)
def test_a_malformed_statement_is_told_in_one_line(
    example_file: Path, statement: str, message: str
) -> None:
    with pytest.raises(DseError, match=message):
        answer_sql(open_for_reading(str(example_file)), statement)
