"""Runs, families, candidates, measurements and studies as rows of a file."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dse.code.fingerprints import Code, code_of_costs
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, Costs
from dse.errors import DseError
from dse.store import (
    NO_TRAINING,
    CandidateRow,
    Context,
    CostScope,
    Replicate,
    answer,
    ask,
    candidate_id,
    find_replicates,
    finish_run,
    get_candidate,
    insert_candidate_columns,
    insert_candidates,
    known_keys,
    measured_before,
    number_of_other_code,
    record_replicates,
    register_family,
    registered_families,
    start_run,
)
from dse.store.opening.database import writing
from tests.store.recording import record_measurement

SMALL = CandidateRow(11, "resnet", Conditions(), {"width": 0.5, "depth": 2}, Costs(params=7))
LARGE = CandidateRow(12, "resnet", Conditions(), {"width": 2.0, "depth": 3}, Costs(params=9))
BROKEN = CandidateRow(13, "resnet", Conditions(), {"width": 0.1}, None, "width 0.1 is too small")


def sql(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """Return what plain SQL finds; JSON as what it says, however it is spaced."""
    with engine.connect() as connection:
        found = connection.execute(text(query)).all()
    return [tuple(_read(value) for value in row) for row in found]


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


@pytest.fixture
def run(empty: Engine) -> int:
    return start_run(empty, "dse sweep family=resnet", {"family": "resnet"}, {"torch": "2.14"})


def test_a_run_is_noted_from_its_start_to_its_end(empty: Engine, run: int) -> None:
    columns = "command, config, versions, outcome, error, finished IS NULL"
    (row,) = sql(empty, f"SELECT {columns} FROM run")
    start = ("dse sweep family=resnet", {"family": "resnet"}, {"torch": "2.14"}, "running")
    assert row == (*start, None, True)
    columns = "host, process, directory, git_commit, git_dirty IS NOT NULL"
    (place,) = sql(empty, f"SELECT {columns} FROM run")
    git = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
    commit = (git.stdout.strip(), 1) if git.returncode == 0 else (None, None)
    assert place == (platform.node(), os.getpid(), os.getcwd(), *commit)
    finish_run(empty, run, "failed", "the disk was full")
    (row,) = sql(empty, "SELECT outcome, error, finished >= started FROM run")
    assert row == ("failed", "the disk was full", True)


def test_candidates_are_stored_once(empty: Engine, run: int) -> None:
    assert insert_candidates(empty, run, [SMALL, LARGE, SMALL]) == 2
    assert insert_candidates(empty, run, [LARGE, BROKEN]) == 1
    assert insert_candidates(empty, run, []) == 0
    assert sql(empty, "SELECT key, params, invalid, settings FROM candidate ORDER BY id") == [
        (11, 7, None, {"width": 0.5, "depth": 2}),
        (12, 9, None, {"width": 2.0, "depth": 3}),
        (13, None, "width 0.1 is too small", {"width": 0.1}),
    ]
    assert known_keys(empty, SMALL.scope) == {11, 12, 13}
    assert known_keys(empty, CostScope("resnet", Conditions(batch=2))) == set()
    assert candidate_id(empty, 12, SMALL.scope) == 2
    assert candidate_id(empty, 99, SMALL.scope) is None


@pytest.mark.parametrize("bulk", [1, 4, 100_000])
def test_columns_are_stored_as_rows_are(
    empty: Engine, run: int, bulk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dse.store.candidates.many_candidates.BULK", bulk)
    insert_candidates(empty, run, [LARGE])

    def store(keys: list[int]) -> int:
        costs = {name: [n * key for key in keys] for n, name in enumerate(COST_NAMES)}
        settings = [f'{{"width":{key}}}' for key in keys]
        invalid = [None if key % 2 else "even" for key in keys]
        return insert_candidate_columns(empty, run, SMALL.scope, keys, settings, costs, invalid)

    assert store([11, 12, 13, 13]) == 2
    assert store([11, 14]) == 1
    assert store([]) == 0
    assert sql(empty, "SELECT key, params, macs, invalid, settings FROM candidate ORDER BY id") == [
        (12, 9, 0, None, {"width": 2.0, "depth": 3}),
        (11, 0, 22, None, {"width": 11}),
        (13, 0, 26, None, {"width": 13}),
        (14, 0, 28, "even", {"width": 14}),
    ]
    assert known_keys(empty, SMALL.scope) == {11, 12, 13, 14}
    with pytest.raises(DseError, match=r"(UNIQUE|unique)"), writing(empty) as connection:
        connection.exec_driver_sql("UPDATE stored_candidate SET key = 11")


def test_the_largest_key_fits(empty: Engine, run: int) -> None:
    key = 2**63 - 1
    insert_candidates(empty, run, [CandidateRow(key, "resnet", Conditions(), {}, Costs())])
    assert known_keys(empty, SMALL.scope) == {key}


def test_a_candidate_comes_back_as_it_was_stored(empty: Engine, run: int) -> None:
    insert_candidates(empty, run, [SMALL, BROKEN])
    record_measurement(empty, 1, "accuracy", 0.7, {"data": "cifar", "seed": 3}, run, seconds=1.5)
    stored = get_candidate(empty, 1)
    assert (stored.id, stored.row, stored.run_id) == (1, SMALL, run)
    (measured,) = stored.measurements
    assert (measured.what, measured.value, measured.of.content) == (
        *("accuracy", 0.7),
        {"data": "cifar"},
    )
    assert (measured.seed, measured.label, measured.source) == (3, "seed 3", "a test")
    assert (measured.outcome, measured.seconds) == ("done", 1.5)
    assert get_candidate(empty, 2).row == BROKEN


@pytest.mark.parametrize("id", [0, -1, 3, 2**63, 10**30])
def test_an_unknown_id_names_those_that_are_there(empty: Engine, run: int, id: int) -> None:
    with pytest.raises(DseError, match="holds none yet"):
        get_candidate(empty, id)
    insert_candidates(empty, run, [SMALL, LARGE])
    with pytest.raises(DseError, match=rf"no candidate {id}; .* 2 with ids from 1 to 2"):
        get_candidate(empty, id)


TRAINED = Context({"target": "mypkg.train", "options": {"epochs": 5}}, code="a1")


def measure(engine: Engine, run: int, *replicates: Replicate, of: Context = TRAINED) -> None:
    record_replicates(engine, run, replicates, of, "mypkg.train")


def test_replicates_are_all_kept_and_one_that_was_done_stays(empty: Engine, run: int) -> None:
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.7, "seed 3", 3))
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.9, "seed 3", 3))
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.8, "seed 4", 4))
    other = Context({"target": "mypkg.train", "options": {"epochs": 50}}, code="a1")
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.95, "seed 3", 3), of=other)
    found = "SELECT value, label, seed, source FROM measurement ORDER BY id"
    assert sql(empty, found) == [
        (0.7, "seed 3", 3, "mypkg.train"),
        (0.8, "seed 4", 4, "mypkg.train"),
        (0.95, "seed 3", 3, "mypkg.train"),
    ]
    assert [one.value for one in find_replicates(empty, "resnet", 11, TRAINED)] == [0.7, 0.8]


def test_an_evaluation_made_anew_is_a_further_replicate(empty: Engine, run: int) -> None:
    for value in (0.7, 0.9, 0.8):
        again = [Replicate("resnet", 11, "accuracy", value, "seed 3", 3)]
        record_replicates(empty, run, again, TRAINED, "mypkg.train", anew=True)
    found = find_replicates(empty, "resnet", 11, TRAINED)
    assert [(one.value, one.label) for one in found] == [
        (0.7, "seed 3"),
        (0.9, "seed 3, 2"),
        (0.8, "seed 3, 3"),
    ]
    assert {one.base_label for one in found} == {"seed 3"}


def test_a_failed_replicate_is_replaced(empty: Engine, run: int) -> None:
    measure(empty, run, Replicate("resnet", 11, "accuracy", None, error="out of memory"))
    assert sql(empty, "SELECT outcome, error FROM measurement") == [("failed", "out of memory")]
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.7))
    found = "SELECT id, value, outcome, error FROM measurement"
    assert sql(empty, found) == [(1, 0.7, "done", None)]


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_value_that_is_no_number_is_a_failure(
    empty: Engine, run: int, value: float | None
) -> None:
    measure(empty, run, Replicate("resnet", 11, "naswot", value))
    ((stored, outcome, error),) = sql(empty, "SELECT value, outcome, error FROM measurement")
    assert (stored, outcome) == (None, "failed")
    assert str(value) in error


def test_an_error_of_any_text_can_be_stored(empty: Engine, run: int) -> None:
    measure(empty, run, Replicate("resnet", 11, "naswot", None, error="half a pair \udc80, a \0"))
    found = sql(empty, "SELECT error FROM measurement")
    assert found == [("half a pair \\udc80, a \\x00",)]


def test_numbers_of_other_code_are_found_when_asked_for(empty: Engine, run: int) -> None:
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.7))
    edited = replace(TRAINED, code="b2")
    assert find_replicates(empty, "resnet", 11, edited) == []
    assert number_of_other_code(empty, "resnet", "accuracy", edited) == 1
    (found,) = find_replicates(empty, "resnet", 11, edited, any_code=True)
    assert (found.value, found.of) == (0.7, TRAINED)
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.8), of=edited)
    assert [one.value for one in find_replicates(empty, "resnet", 11, edited)] == [0.8]
    assert number_of_other_code(empty, "resnet", "accuracy", edited) == 0


def test_a_measurement_belongs_to_the_network_whatever_its_costs_are_for(
    empty: Engine, run: int
) -> None:
    larger_batch = CandidateRow(
        11, "resnet", Conditions(8, "float16"), SMALL.settings, Costs(params=7)
    )
    insert_candidates(empty, run, [SMALL, larger_batch, LARGE])
    measure(empty, run, Replicate("resnet", 11, "accuracy", 0.7))
    rows = ask(empty, columns=["id", "batch", "accuracy"])
    assert [tuple(row.values()) for row in rows] == [(1, 1, 0.7), (2, 8, 0.7), (3, 1, None)]
    assert find_replicates(empty, "mobilenet_v2", 11, TRAINED) == []
    other = Replicate("resnet", 12, "accuracy", 0.8, training='{"lr":0.1}')
    measure(empty, run, other)
    found = measured_before(empty, "resnet", "accuracy", TRAINED, run + 1)
    assert found == {(11, NO_TRAINING), (12, other.training)}
    assert find_replicates(empty, "resnet", 12, TRAINED) == []
    (one,) = find_replicates(empty, "resnet", 12, TRAINED, training=other.training)
    assert (one.value, one.training) == (0.8, other.training)
    assert measured_before(empty, "resnet", "accuracy", TRAINED, run) == set()


def test_costs_of_other_code_stay_and_are_left_out(empty: Engine, run: int) -> None:
    elsewhere = Code("0123456789ab", {"torch": "1.0"}, trees="of another dse", sources="other")
    old = replace(SMALL, code=elsewhere)
    new = replace(SMALL, costs=Costs(params=8), code=code_of_costs())
    assert insert_candidates(empty, run, [old, LARGE]) == 2
    assert known_keys(empty, new.scope) == set()
    assert [row["id"] for row in ask(empty)] == [2]
    found = answer(empty)
    assert found.notes == (
        "1 candidate that other code costed is left out; a condition on `code` shows it: "
        "code is not null",
    )
    assert insert_candidates(empty, run, [new]) == 1
    assert [(row["id"], row["params"]) for row in ask(empty)] == [(2, 9), (3, 8)]
    every = ask(empty, "code is not null", columns=["id", "params", "code"])
    assert [tuple(row.values()) for row in every] == [
        (1, 7, "0123456789ab"),
        (2, 9, ""),
        (3, 8, code_of_costs().fingerprint),
    ]
    assert get_candidate(empty, 1).row == old
    assert get_candidate(empty, 3).row == new


def test_a_family_has_a_view_with_an_axis_a_column(empty: Engine, run: int) -> None:
    register_family(empty, "resnet", {"width": "number"})
    register_family(empty, "resnet", {"depth": "number", "batch": "number"})
    assert registered_families(empty) == {
        "resnet": {"width": "number", "depth": "number", "batch": "number"}
    }
    insert_candidates(empty, run, [SMALL, BROKEN])
    columns = "id, key, batch, dtype, width, depth, axis_batch, params, invalid"
    assert sql(empty, f"SELECT {columns} FROM family_resnet") == [
        (1, 11, 1, "float32", 0.5, 2, None, 7, None),
        (2, 13, 1, "float32", 0.1, None, None, None, "width 0.1 is too small"),
    ]


def test_a_family_of_any_name_has_a_view(empty: Engine) -> None:
    name = """my "net's"; DROP TABLE run; --"""
    register_family(empty, name, {"it's": "text", "50%": "boolean"})
    view = '"family_' + name.replace('"', '""') + '"'
    assert sql(empty, f'SELECT "it\'s", "50%" FROM {view}') == []
    assert sql(empty, "SELECT count(*) FROM run") == [(0,)]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"width": "text"}, "'width' of family 'resnet' is number in this store and text now"),
        ({"depth": "integer"}, "unknown type 'integer'.*number"),
        ({'a"b': "text"}, "cannot be the name of an axis"),
        ({"": "text"}, "cannot be the name of an axis"),
    ],
)
def test_axes_that_cannot_be(empty: Engine, axes: dict[str, str], message: str) -> None:
    register_family(empty, "resnet", {"width": "number"})
    with pytest.raises(DseError, match=message):
        register_family(empty, "resnet", axes)
    assert registered_families(empty) == {"resnet": {"width": "number"}}
