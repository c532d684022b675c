"""A PostgreSQL server gives the answers of a file, which are those of plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy
import pytest
from sqlalchemy import Engine

from dse.errors import DseError
from dse.store import (
    answer,
    answer_by_group,
    answer_columns,
    answer_sql,
    ask,
    open_for_reading,
    open_store,
)
from dse.store.opening.database import reading
from tests.store.conftest import fill_example
from tests.store.expressions.test_language import MALFORMED
from tests.store.questions.test_row_answers import SAME_IN_SQL


@pytest.fixture(scope="module")
def server(new_database: Callable[[], str]) -> Iterator[Engine]:
    url = new_database()
    fill_example(url)
    engine = open_for_reading(url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("condition", [condition for condition, _ in SAME_IN_SQL])
def test_every_condition(server: Engine, example: Engine, condition: str) -> None:
    assert ask(server, condition) == ask(example, condition)


@pytest.mark.parametrize("sort", ["macs", "-params", "family,-macs", "-width, depth", "-accuracy"])
def test_every_order(server: Engine, example: Engine, sort: str) -> None:
    assert ask(server, sort=sort, limit=50) == ask(example, sort=sort, limit=50)


@pytest.mark.parametrize("condition", [condition for condition, _ in MALFORMED], ids=str)
def test_every_mistake(server: Engine, example: Engine, condition: str) -> None:
    messages = []
    for engine in (server, example):
        with pytest.raises(DseError) as caught:
            ask(engine, condition)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("condition", [None, "macs < 800M and family = 'resnet'", "stem = 'deep'"])
def test_whole_columns(server: Engine, example: Engine, condition: str | None) -> None:
    columns = [
        "macs",
        "params / 2",
        "macs * params",
        "macs * macs",
        "macs - params",
        "stem",
        "se",
        "width",
        "accuracy",
        "peak_memory",
        "family",
    ]
    found, expected = (answer_columns(store, columns, condition) for store in (server, example))
    assert found.ids.tolist() == expected.ids.tolist() != []
    assert (found.units, found.notes) == (expected.units, expected.notes)
    for name in columns:
        numpy.testing.assert_array_equal(found.columns[name], expected.columns[name], name)
        assert found.columns[name].dtype == expected.columns[name].dtype, name


@pytest.mark.parametrize("column", ["macs", "macs * params", "macs * macs", "2 * macs - 0.5"])
@pytest.mark.parametrize("figure", ["{}", "max({})", "mean({})"])
def test_every_number(server: Engine, example: Engine, column: str, figure: str) -> None:
    columns, groups = [figure.format(column)], ["id"] if figure == "{}" else ["batch"]
    found, expected = (
        (
            answer_by_group(store, groups, columns=columns)
            if figure != "{}"
            else answer(store, columns=[*groups, *columns])
        ).rows
        for store in (server, example)
    )
    assert found == [pytest.approx(row, rel=1e-12) for row in expected]
    assert [type(row[columns[0]]) for row in found] == [type(row[columns[0]]) for row in expected]


def test_numbers_of_plain_sql(server: Engine, example: Engine) -> None:
    asked = "select avg(macs) as mean, sum(params) as total, sum(macs * 0.5) as half from candidate"
    found, expected = (answer_sql(store, asked).rows for store in (server, example))
    assert [*map(type, found[0].values())] == [*map(type, expected[0].values())]
    assert found == [pytest.approx(row, rel=1e-12) for row in expected]


def test_nothing_can_be_written_through_a_reader(server: Engine) -> None:
    with (
        pytest.raises(DseError, match="read-only transaction"),
        reading(server) as connection,
    ):
        connection.exec_driver_sql("DELETE FROM run")


def test_a_server_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(DseError, match="connection") as caught:
        open_store("postgresql://user:secret@127.0.0.1:1/dse")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
