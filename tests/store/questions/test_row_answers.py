"""Every question gives the answer of plain SQL over the same file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from dse.costs.cost_conditions import CONDITION_NAMES
from dse.costs.cost_list import COST_NAMES
from dse.errors import DseError
from dse.store import answer, ask, open_for_reading, open_store
from dse.store.questions.pareto_answers import ParetoGoal, pareto
from tests.store.conftest import fill_example
from tests.store.recording import record_measurement

ACCURACY = """(SELECT avg(value) FROM measurement m WHERE m.key = candidate.key
    AND m.family = candidate.family AND what = 'accuracy' AND outcome = 'done')"""
WIDTH = "json_extract(settings, '$.width')"
DEPTH = "json_extract(settings, '$.depth')"
STEM = "json_extract(settings, '$.stem')"

SAME_IN_SQL = [
    ("macs < 300M", "macs < 300000000"),
    ("macs <= 1.5G and params > 1M", "macs <= 1500000000 AND params > 1000000"),
    ("peak_memory < 64MiB", f"peak_memory < {64 * 2**20}"),
    ("weight_memory >= 40MB", "weight_memory >= 40000000"),
    ("280M <= macs <= 900M", "macs BETWEEN 280000000 AND 900000000"),
    ("1e9 > macs > 1e8 > 5", "macs < 1000000000 AND macs > 100000000"),
    ("family = 'resnet'", "family = 'resnet'"),
    ('family == "my-net"', "family = 'my-net'"),
    ("family <> 'resnet'", "family <> 'resnet'"),
    ("family in ('resnet', 'my-net')", "family IN ('resnet', 'my-net')"),
    ("family NOT IN ['resnet']", "family NOT IN ('resnet')"),
    ("family like 'MOBILE%'", "family LIKE 'mobile%'"),
    ("not family like '%e%'", "NOT family LIKE '%e%'"),
    ("family not like '%_net'", "family NOT LIKE '%_net'"),
    ("stem like '%\\' or id = 3", "id = 3"),
    ("'x\\' like '_\\' and 'x\\' like 'x\\\\' and not 'x' like 'x\\'", "1"),
    ("stem not like 'IT''_\\s\\'", f"{STEM} IS NOT NULL AND family = 'resnet'"),
    ("dtype = 'float32' and batch = 1", "dtype = 'float32' AND batch = 1"),
    ("width >= 1", f"{WIDTH} >= 1"),
    ("NOT width >= 1", f"NOT {WIDTH} >= 1"),
    ("width is null", f"{WIDTH} IS NULL"),
    ("width IS NOT NULL and depth is null", f"{WIDTH} IS NOT NULL AND {DEPTH} IS NULL"),
    ("width != 1", f"{WIDTH} != 1"),
    ("width in (0.5, 2)", f"{WIDTH} IN (0.5, 2)"),
    ("width in (depth / 2, 0.5)", f"{WIDTH} IN ({DEPTH} / 2.0, 0.5)"),
    ("`width` * 2 = depth", f"{WIDTH} * 2 = {DEPTH}"),
    ("stem = 'it''s'", f"{STEM} = 'it''s'"),
    ('stem = "it\'s"', f"{STEM} = 'it''s'"),
    ("stem > 4", f"{STEM} > 4 AND family = 'my-net'"),
    ("stem >= 'plain'", f"{STEM} >= 'plain' AND family = 'resnet'"),
    ("stem is null", f"{STEM} IS NULL"),
    ("se", "json_extract(settings, '$.se') = 1"),
    ("not se", "json_extract(settings, '$.se') = 0"),
    ("se = false or depth > 3", f"json_extract(settings, '$.se') = 0 OR {DEPTH} > 3"),
    ("macs / params > 80", "macs * 1.0 / params > 80"),
    ("macs / (params - params) > 1 or id = 3", "id = 3"),
    ("macs / 0 is null", "1"),
    ("macs * params > 1e16", "macs * 1.0 * params > 1e16"),
    ("macs * params * macs - macs > 1e24", "macs * 1.0 * params * macs > 1e24"),
    ("macs + 9223372036854775807 - 1 > 0", "1"),
    ("macs - 10M < params * 2 + 1k", "macs - 10000000 < params * 2 + 1000"),
    ("-macs > -300M", "macs < 300000000"),
    ("2 + 3 * 4 = 14 and 8 / 4 / 2 = 1 and 5 - 2 - 1 = 2", "1"),
    ("accuracy > 0.5", f"{ACCURACY} > 0.5"),
    ("not accuracy > 0.5", f"NOT {ACCURACY} > 0.5"),
    ("accuracy is null", f"{ACCURACY} IS NULL"),
    ("accuracy > 0.5 or macs < 100M", f"{ACCURACY} > 0.5 OR macs < 100000000"),
    ("accuracy * 100 > width", f"{ACCURACY} * 100 > {WIDTH}"),
    ("`top-1 error` < 0.5", "id = 5"),
    ("macs<300M or macs>1G and width>1", f"macs<3e8 OR (macs>1e9 AND {WIDTH}>1)"),
    ("(macs<300M or macs>1G) and width>1", f"(macs<3e8 OR macs>1e9) AND {WIDTH}>1"),
    ("not (macs < 300M or width > 1)", f"NOT (macs < 300000000 OR {WIDTH} > 1)"),
    ("not not macs<300M", "macs<300000000"),
    ("key > 4611686018427387904", "key > 4611686018427387904"),
    ("run = 1 and id < 20", "run_id = 1 AND id < 20"),
    ("run > 1", "0"),
    ("precision = 'full' and optimizer like 'sgd%'", "1"),
    ("kernels = 'fused' and 'fused' == kernels", "kernels = 'cpu'"),
    ("kernels != 'fused' or family = 'resnet'", "family = 'resnet'"),
    ("kernels in ('math', 'fused')", "1"),
    ("family = 'fused'", "0"),
    ("train_memory is null", "train_memory IS NULL"),
    ("train_memory < 64MiB", f"train_memory < {64 * 2**20}"),
    ("id in (1, 2, 3, 999)", "id IN (1, 2, 3, 999)"),
    ("true", "1"),
    ("1 > 2", "0"),
    ("  macs\n<\t300M ", "macs < 300000000"),
    ("stem = '''; DROP TABLE run; --'", "0"),
]


def plain_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def plain_sql(path: Path, query: str) -> list[Any]:
    return [row[0] for row in plain_rows(path, query)]


@pytest.mark.parametrize(("condition", "where"), SAME_IN_SQL)
def test_a_condition_means_what_it_means_in_sql(
    example: Engine, example_file: Path, condition: str, where: str
) -> None:
    valid = f"SELECT id FROM candidate WHERE invalid IS NULL AND ({where}) ORDER BY id"
    assert [row["id"] for row in ask(example, condition)] == plain_sql(example_file, valid)


@pytest.mark.parametrize(
    "condition",
    ["macs < 300M", "width >= 1", "family = 'resnet'", "accuracy > 0.5", "se", "macs/params > 80"],
)
def test_a_condition_its_opposite_and_the_missing_make_everything(
    example: Engine, condition: str
) -> None:
    column = condition.replace("/", " ").split()[0]
    parts = [condition, f"not ({condition})", f"{column} is null"]
    ids = [row["id"] for part in parts for row in ask(example, part)]
    assert sorted(ids) == [row["id"] for row in ask(example)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("macs", "macs"),
        ("-params", "params DESC"),
        ("family,-macs", "family, macs DESC"),
        ("width", f"{WIDTH} ASC NULLS LAST"),
        ("-width, depth", f"{WIDTH} DESC NULLS LAST, {DEPTH} ASC NULLS LAST"),
        ("-accuracy", f"{ACCURACY} DESC NULLS LAST"),
        ("accuracy,+macs", f"{ACCURACY} ASC NULLS LAST, macs"),
        ("`top-1 error`", "id <> 5"),
    ],
)
@pytest.mark.parametrize("limit", [None, 0, 1, 25, 10_000])
def test_sorting_is_that_of_sql(
    example: Engine, example_file: Path, sort: str, order: str, limit: int | None
) -> None:
    query = f"SELECT id FROM candidate WHERE invalid IS NULL ORDER BY {order}, id"
    assert [row["id"] for row in ask(example, sort=sort, limit=limit)] == (
        plain_sql(example_file, query)[:limit]
    )


def test_a_row_is_flat_and_exact(example: Engine, example_file: Path) -> None:
    (row,) = ask(example, "id = 5")
    with closing(sqlite3.connect(example_file)) as database:
        database.row_factory = sqlite3.Row
        stored = dict(database.execute("SELECT * FROM candidate WHERE id = 5").fetchone())
    family = stored["family"]
    axes = {"mobilenet_v2": ["width", "resolution"], "resnet": ["width", "depth", "stem"]}
    expected = ["id", "key", "family", *CONDITION_NAMES, *axes[family], *COST_NAMES, "top-1 error"]
    assert list(row) == expected
    for cost in COST_NAMES:
        assert (row[cost], type(row[cost])) == (stored[cost], type(stored[cost]))
    assert row["top-1 error"] == 0.25


def test_columns_are_those_of_what_was_found_and_mentioned(example: Engine) -> None:
    found = answer(example, "family = 'my-net' and accuracy is null", limit=2)
    assert found.columns == (
        "id", "key", "family", *CONDITION_NAMES, "stem", "se", *COST_NAMES, "accuracy"
    )  # fmt: skip
    assert {row["batch"] for row in found.rows} == {1}, "a column goes before an axis"
    assert {type(row["se"]) for row in found.rows} == {bool}
    assert len(found.rows) == 2 < found.total
    assert found.total == answer(example, "family = 'my-net' and accuracy is null").total


def test_chosen_columns_come_in_their_order(example: Engine) -> None:
    rows = ask(example, "family = 'resnet'", limit=1, columns=["macs", "resolution", "id"])
    assert [list(row) for row in rows] == [["macs", "resolution", "id"]]
    assert rows[0]["resolution"] is None


def test_candidates_that_cannot_be_built_are_shown_when_asked_for(
    example: Engine, example_file: Path
) -> None:
    broken = "SELECT id FROM candidate WHERE invalid IS NOT NULL ORDER BY id"
    rows = ask(example, "invalid is not null")
    assert [row["id"] for row in rows] == plain_sql(example_file, broken) != []
    assert {row["invalid"] for row in rows} == {"groups do not divide channels"}
    assert {row["macs"] for row in rows} == {None}
    both = ask(example, "invalid is null or invalid is not null")
    assert len(both) == 300 > len(ask(example))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"sort": "-parms"}, "unknown column 'parms'; did you mean 'params'"),
        ({"sort": "macs,"}, "column is missing"),
        ({"sort": "macs; drop table run"}, "column 5: unexpected ';'"),
        ({"sort": "-macs / parms"}, "sort '-macs / parms', column 9: unknown column 'parms'"),
        ({"sort": "macs < 3"}, "a condition is not a value"),
        ({"sort": "max(macs)"}, "--group-by"),
        ({"columns": ["id", "macs +"]}, "column 7: the text ends too early"),
        ({"columns": ["family / 2"]}, "only calculate with numbers"),
        ({"columns": ["maximum(macs)"]}, "unknown function 'maximum'; did you mean 'max'"),
        ({"columns": ["id", "widht"]}, "unknown column 'widht'; did you mean 'width'"),
        ({"limit": -1}, "limit -1"),
        ({"limit": 2**64}, "limit 18446744073709551616"),
    ],
)
def test_a_malformed_question(example: Engine, question: dict[str, Any], message: str) -> None:
    with pytest.raises(DseError, match=message):
        ask(example, **question)


def test_an_empty_store_answers(empty: Engine) -> None:
    assert ask(empty, "macs < 300M", "-params", 20) == []


FORMULAS_MEASURED = {
    "macs / params": "macs * 1.0 / params",
    "peak_memory - weight_memory": "peak_memory - weight_memory",
    "peak_activations": "peak_memory - weight_memory",
    "arithmetic_intensity": "macs * 1.0 / (memory_read + memory_written)",
}
"""Formulas over costs, which a search has measured of few candidates, in SQL."""


@pytest.fixture(scope="module")
def searched_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, where a search measured formulas over costs of one candidate."""
    path = tmp_path_factory.mktemp("searched") / "searched.db"
    fill_example(str(path))
    engine = open_store(str(path))
    for formula in [*FORMULAS_MEASURED, "top-1", "macs - width"]:
        record_measurement(engine, 5, formula, 0.5, {}, 1)
    engine.dispose()
    return path


@pytest.mark.parametrize("formula", FORMULAS_MEASURED)
def test_a_formula_over_costs_is_worked_out_for_all(searched_file: Path, formula: str) -> None:
    engine = open_for_reading(str(searched_file))
    in_sql = FORMULAS_MEASURED[formula]
    valid = "FROM candidate WHERE invalid IS NULL"
    expected = dict(plain_rows(searched_file, f"SELECT id, {in_sql} {valid}"))
    rows = ask(engine, columns=["id", formula])
    assert {row["id"]: row[formula] for row in rows} == pytest.approx(expected)
    ordered = plain_sql(searched_file, f"SELECT id {valid} ORDER BY {in_sql}, id")
    assert [row["id"] for row in ask(engine, sort=formula)] == ordered
    best = pareto(engine, [ParetoGoal(formula, "min")]).rows
    assert best[0]["id"] == ordered[0]
    engine.dispose()


@pytest.mark.parametrize("name", ["top-1", "top-1 error", "macs - width", "`macs / params`"])
def test_any_other_measurement_of_words_is_what_was_measured(
    searched_file: Path, name: str
) -> None:
    engine = open_for_reading(str(searched_file))
    found = {row["id"]: row[name.strip("`")] for row in ask(engine, columns=["id", name])}
    engine.dispose()
    assert [id for id, value in found.items() if value is not None] == [5]
