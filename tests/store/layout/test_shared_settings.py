"""Settings that share their parts are read as those that are written out, on both databases."""

import json

import numpy
import pytest
from sqlalchemy import Engine

from dse.costs.cost_list import COST_NAMES
from dse.errors import DseError
from dse.store import (
    CostScope,
    NumberColumn,
    SharedSettings,
    answer,
    answer_by_group,
    ask,
    get_candidate,
    insert_candidate_columns,
    open_store,
    register_family,
    settings_of_ids,
    start_run,
    stored_candidates,
    streamed,
)
from dse.store.opening.database import writing

PARTS = ('"width":1.5,"name":"it\'s"', '"depth":2', '"depth":3,"deep":true', "", '"last":[1,2]')
PLACES = ((1, 2, 0), (1, 3, 5), (4, 0, 0), (3, 0, 0), (2, 0, 0), (1, 2, 5))
WHOLE = [
    json.loads("{" + ",".join(PARTS[place - 1] for place in places if place) + "}")
    for places in PLACES
]
SCOPE = CostScope("shared")


def insert(engine: Engine, run: int, first: int, shared: bool) -> int:
    keys = numpy.arange(first, first + len(PLACES))
    costs = {name: NumberColumn(keys * number) for number, name in enumerate(COST_NAMES)}
    settings = SharedSettings(PARTS, numpy.array(PLACES))
    return insert_candidate_columns(
        engine, run, SCOPE, NumberColumn(keys), settings if shared else settings.texts(), costs
    )


@pytest.fixture
def store(store_url: str) -> Engine:
    """Networks 11 to 16 whose settings share parts, and 21 to 26 where each has its own text."""
    engine = open_store(store_url)
    axes = {"width": "number", "depth": "number", "name": "text", "deep": "boolean"}
    register_family(engine, "shared", axes)  # type: ignore[arg-type]
    run = start_run(engine, "test", {}, {})
    assert insert(engine, run, 11, shared=True) == len(PLACES)
    assert insert(engine, run, 21, shared=False) == len(PLACES)
    assert insert(engine, run, 11, shared=True) == 0
    return engine


def parts_of(engine: Engine) -> int:
    with writing(engine) as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM settings_part").scalar_one()


def test_settings_come_back_whichever_way_they_are_stored(store: Engine) -> None:
    found = {row.key: dict(row.settings) for row in stored_candidates(store, SCOPE)}
    expected = dict(zip((*range(11, 17), *range(21, 27)), WHOLE * 2, strict=True))
    assert found == expected
    assert {key: dict(of) for key, (_, of) in settings_of_ids(store, range(1, 13)).items()} == dict(
        zip(range(1, 13), WHOLE * 2, strict=True)
    )
    assert dict(get_candidate(store, 2).row.settings) == WHOLE[1]
    assert parts_of(store) == len(PARTS)


@pytest.mark.parametrize(
    "condition",
    ["depth = 2", "width is null", "name like 'IT%' and depth > 2", "deep", "width * depth >= 3"],
)
def test_questions_about_axes_are_answered_alike(store: Engine, condition: str) -> None:
    keys = [row["key"] for row in ask(store, condition)]
    assert keys
    assert [key for key in keys if key < 20] == [key - 10 for key in keys if key > 20]
    with streamed(store, condition) as rows:
        assert [row["key"] for row in rows.rows] == keys


def test_groups_and_views_read_them_too(store: Engine) -> None:
    groups = answer_by_group(store, "depth", columns=["count"]).rows
    assert groups == [
        {"depth": 2, "count": 6},
        {"depth": 3, "count": 4},
        {"depth": None, "count": 2},
    ]
    with writing(store) as connection:
        view = connection.exec_driver_sql(
            "SELECT width, depth, name FROM family_shared WHERE key IN (11, 21)"
        )
        assert view.all() == [(1.5, 2, "it's")] * 2
        whole = connection.exec_driver_sql("SELECT settings FROM candidate ORDER BY id").scalars()
        texts = [each if isinstance(each, dict) else json.loads(each) for each in whole]
    assert texts == WHOLE * 2


def test_a_part_that_is_gone_is_told(store: Engine) -> None:
    with writing(store) as connection:
        connection.exec_driver_sql("DELETE FROM settings_part WHERE id = 1")
    with pytest.raises(DseError, match="damaged"):
        answer(store)
    assert answer(store, "key > 20").total == len(PLACES)


def test_more_parts_than_can_be_numbered_are_written_out(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_store(store_url)
    monkeypatch.setattr("dse.store.layout.shared_settings._MASK", 2)
    insert(engine, start_run(engine, "test", {}, {}), 11, shared=True)
    assert [dict(row.settings) for row in stored_candidates(engine, SCOPE)] == WHOLE
