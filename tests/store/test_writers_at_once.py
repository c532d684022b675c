"""Writers that read before they change, all at one moment: none undoes the work of another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, func, select

from dse.store import (
    Context,
    Replicate,
    merge_replicates,
    open_store,
    record_replicates,
    register_family,
    registered_families,
    seed_label,
    start_run,
)
from dse.store.candidates.block_numbers import BlockNumberTable, write_block_numbers
from dse.store.layout.declared_costs import CostDeclaration, stored_declarations
from dse.store.opening.database import reading
from dse.store.questions.statements import answer_sql
from dse.store.schema import measurement
from tests.store.at_once import at_once

AT_ONCE = 4
ROUNDS = 12
"""Of a race that is lost about every second time."""


@pytest.fixture
def stores(empty: Engine, store_url: str) -> Iterator[list[Engine]]:
    """One store, as each of several processes has opened it."""
    engines = [open_store(store_url) for _ in range(AT_ONCE)]
    yield engines
    for engine in engines:
        engine.dispose()


def replicate(key: int, value: float = 0.5) -> Replicate:
    return Replicate("mlp", key, "accuracy", value, seed_label(0), 0)


def number_of_measurements(store: Engine) -> int:
    with reading(store) as connection:
        return connection.execute(select(func.count()).select_from(measurement)).scalar_one()


def test_a_store_is_made_once(store_url: str) -> None:
    engines = at_once([partial(open_store, store_url)] * AT_ONCE)
    assert [type(each) for each in engines] == [Engine] * AT_ONCE
    assert registered_families(engines[0]) == {}
    for engine in engines:
        engine.dispose()


def test_axes_of_one_family(stores: list[Engine]) -> None:
    for turn in range(ROUNDS):
        name = f"net_{turn}"
        came = at_once(
            [
                partial(register_family, store, name, {f"axis_{n}": "number"})
                for n, store in enumerate(stores)
            ]
        )
        assert came == [None] * AT_ONCE
        axes = [f"axis_{n}" for n in range(AT_ONCE)]
        assert sorted(registered_families(stores[0])[name]) == axes
        assert {*axes} <= {*answer_sql(stores[0], f"SELECT * FROM family_{name}").columns}


def test_a_table_that_is_imported_several_times(stores: list[Engine]) -> None:
    run = start_run(stores[0], "import", {}, {})
    merge_replicates(stores[0], run, [], "table.csv")
    for turn in range(ROUNDS):
        rows = [replicate(key) for key in range(20 * turn, 20 * turn + 20)]
        came = at_once([partial(merge_replicates, s, run, rows, "table.csv") for s in stores])
        assert sorted((each.new, each.equal) for each in came) == [(0, 20)] * 3 + [(20, 0)]
    assert number_of_measurements(stores[0]) == 20 * ROUNDS


def test_further_replicates_of_one_network(stores: list[Engine]) -> None:
    run = start_run(stores[0], "search", {}, {})
    of = Context({"epochs": 1})
    for turn in range(ROUNDS):
        words = (run, [replicate(turn)], of, "mine.score", True)
        came = at_once([partial(record_replicates, store, *words) for store in stores])
        assert came == [None] * AT_ONCE
    assert number_of_measurements(stores[0]) == AT_ONCE * ROUNDS


def test_a_name_that_means_two_costs(stores: list[Engine]) -> None:
    run = start_run(stores[0], "import-blocks", {}, {})
    for turn in range(ROUNDS):
        name = f"score_{turn}"
        costs = [
            CostDeclaration(name, unit, "A score.", "sum", None, None)
            for unit in ("count", "bytes", "time", "count")
        ]
        tables = [BlockNumberTable(cost, {n: 1}) for n, cost in enumerate(costs)]
        came = at_once(
            [
                partial(write_block_numbers, store, run, table, "", "a file")
                for store, table in zip(stores, tables, strict=True)
            ]
        )
        with reading(stores[0]) as connection:
            known = stored_declarations(connection)[name]
        agree = [cost.unit == known.unit for cost in costs]
        assert [each == 1 for each in came] == agree, came
