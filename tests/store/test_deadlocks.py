"""Transactions that wait for each other: the database ends one of them, which is done again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, func, select

from dse.costs import COST_NAMES
from dse.store import (
    NO_TRAINING,
    Context,
    CostScope,
    Ending,
    Merged,
    Replicate,
    StudyWorker,
    enter_study,
    forget,
    insert_candidate_columns,
    join_study,
    known_keys,
    made_place,
    merge_replicates,
    open_store,
    put_replicates,
    start_run,
)
from dse.store.opening.database import reading
from dse.store.schema import measurement
from tests.store.at_once import at_once

ROWS = 20_000
"""Whose insertion takes a while."""

KEYS = 2_000

WAITING = 0.3
"""Seconds until another thread waits; the server looks for a deadlock after one."""


@pytest.fixture
def stores(empty: Engine, store_url: str) -> Iterator[list[Engine]]:
    """One store, as each of two processes has opened it."""
    engines = [open_store(store_url) for _ in range(2)]
    yield engines
    for engine in engines:
        engine.dispose()


def store_keys(store: Engine, run: int, keys: Sequence[int]) -> int:
    costs = {name: [1] * len(keys) for name in COST_NAMES}
    return insert_candidate_columns(store, run, CostScope("f"), keys, ["{}"] * len(keys), costs)


def test_sweeps_that_find_the_same_networks_in_other_orders(stores: list[Engine]) -> None:
    run = start_run(stores[0], "sweep", {}, {})
    store_keys(stores[0], run, [0])
    keys = range(1, ROWS + 1)
    orders = (keys, keys[::-1])
    came = at_once([partial(store_keys, s, run, o) for s, o in zip(stores, orders, strict=True)])
    assert sorted(came) == [0, ROWS]
    assert known_keys(stores[0], CostScope("f")) == {0, *keys}


def test_tables_that_are_imported_while_they_are_forgotten(stores: list[Engine]) -> None:
    run = start_run(stores[0], "import", {}, {})
    keys = range(KEYS)

    def rows(value: float) -> list[Replicate]:
        return [Replicate("f", key, "accuracy", value) for key in reversed(keys)]

    merge_replicates(stores[0], run, rows(0.5)[::-1], "table.csv")
    came = at_once(
        [
            partial(merge_replicates, stores[0], run, rows(0.75), "table.csv"),
            partial(forget, stores[1], [("f", key) for key in keys], "accuracy"),
        ]
    )
    # Whoever came first.
    counted = {"equal": 0, "missing": 0}
    first, second = Merged(0, changed=KEYS, **counted), Merged(KEYS, changed=0, **counted)
    assert came in ([first, KEYS], [second, KEYS])
    with reading(stores[0]) as connection:
        left = connection.execute(select(func.count()).select_from(measurement)).scalar_one()
    assert left == came[0].new


def test_a_trial_that_ends_while_its_failure_is_forgotten(stores: list[Engine]) -> None:
    run = start_run(stores[0], "search", {}, {})
    study = enter_study(stores[0], 1, "f: score", "f", {}, (), 1, run)
    worker: StudyWorker = join_study(stores[0], study.id, run, 60)
    claim = worker.claim_new(7, NO_TRAINING, {}, {}, 2, "cpu", lambda connection: None)
    assert claim is not None
    place = made_place(stores[0], Context({"epochs": 1}), "mine.score")
    failed = Replicate("f", 7, "score", None, error="out of memory")
    assert worker.keep(claim, lambda c: put_replicates(c, run, [failed], place))

    def end(connection: Connection) -> None:
        put_replicates(connection, run, [Replicate("f", 7, "score", 0.5)], place)
        time.sleep(2 * WAITING)

    def forget_later() -> int:
        time.sleep(WAITING)
        return forget(stores[1], [("f", 7)], "score", "failed")

    came = at_once([partial(worker.end, claim, Ending("done"), end), forget_later])
    assert came[0] is not None
    assert came[0].state == "done"
    assert came[1] == 0
