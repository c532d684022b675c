"""Sums of what has changed by the time that they are stored: none is kept that no longer holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

import dse
from dse.costs import Conditions, Costs, give_cost
from dse.devices import block_digest
from dse.project.design_spaces.numbered_blocks import declaration_of
from dse.space import block_uses
from dse.store import (
    BlockNumberTable,
    CandidateRow,
    open_store,
    put_candidates,
    start_run,
    write_block_numbers,
)
from dse.store.layout.declared_costs import CostDeclaration, write_declarations
from dse.store.opening.database import reading, writing
from dse.store.questions.statements import answer_sql
from dse.store.schema import candidate, cost_value
from tests.store.conftest import fill_example

WAITING = 0.3
"""Seconds until another thread waits."""

GRID = {"width": [8, 16], "depth": [1, 2], "resolution": 8}
SUMS = "SELECT key, value FROM cost_value JOIN stored_candidate ON candidate_id = id"


@pytest.fixture
def stores(store_url: str) -> Iterator[list[Engine]]:
    """A store with candidates, as each of two processes has opened it."""
    fill_example(store_url)
    engines = [open_store(store_url) for _ in range(2)]
    yield engines
    for engine in engines:
        engine.dispose()


def network_space() -> dse.Space:
    return dse.design_space("mlp", grid=GRID)


def number_file(tmp_path: Path, number: int) -> Path:
    """Write a table that gives every block of the space the same number."""
    uses = block_uses(network_space().design.graph)
    path = tmp_path / f"numbers{number}.csv"
    digests = [block_digest(each.block, each.input, "float32") for each in uses]
    rows = ["id,score", *(f"{digest:016x},{number}" for digest in digests)]
    path.write_text("\n".join(rows))
    return path


@pytest.mark.parametrize("by", ["sweep", "search"])
def test_numbers_of_blocks_that_are_replaced_meanwhile(
    store_url: str, tmp_path: Path, by: str
) -> None:
    project = dse.open(store_url)
    old, new = number_file(tmp_path, 1), number_file(tmp_path, 2)
    project.import_blocks(network_space(), old, name="score")
    space = network_space().with_store(store_url)
    assert space.extremes("score")[0].value % 2, "an odd number of blocks, each of which has 1"
    project.import_blocks(network_space(), new, name="score")
    if by == "sweep":
        project.sweep(space)
    else:
        project.search(space, "params", trials=2, exact=False, sampler="random")
    stored = open_store(store_url)
    assert answer_sql(stored, "SELECT id FROM candidate").total > 0
    assert answer_sql(stored, SUMS).rows == []
    # Whoever knows the numbers completes the candidates.
    project.sweep(network_space())
    sums = [row["value"] for row in answer_sql(stored, SUMS).rows]
    assert len(sums) == 4
    assert all(each % 2 == 0 for each in sums)
    stored.dispose()


def test_numbers_that_are_replaced_while_sums_of_them_are_stored(stores: list[Engine]) -> None:
    give_cost("score")
    run = start_run(stores[0], "sweep", {}, {})
    older, newer = (BlockNumberTable(declaration_of("score"), {1: n}) for n in (1, 2))
    write_block_numbers(stores[0], run, older, "", "a file")
    replacing = threading.Thread(
        target=lambda: write_block_numbers(stores[1], run, newer, "", "a file")
    )
    row = CandidateRow(1, "net", Conditions(), {}, Costs(declared=(("score", 3),)))
    with writing(stores[0]) as connection:
        put_candidates(connection, run, [row], numbers={"score": older.numbers})
        replacing.start()
        time.sleep(WAITING)
        assert [each.value for each in connection.execute(select(cost_value))] == [3]
    replacing.join()
    with reading(stores[0]) as connection:
        assert connection.execute(select(cost_value)).all() == []


def test_a_cost_whose_code_changes_meanwhile(stores: list[Engine]) -> None:
    older = CostDeclaration("score", "count", "A score.", "sum", None, "older code")
    newer = CostDeclaration("score", "count", "A score.", "sum", None, "newer code")
    with writing(stores[0]) as connection:
        write_declarations(connection, [older])

    def declare_newer() -> None:
        with writing(stores[1]) as connection:
            write_declarations(connection, [newer])

    declaring = threading.Thread(target=declare_newer)
    with writing(stores[0]) as connection:
        write_declarations(connection, [older])
        declaring.start()
        time.sleep(WAITING)
        one = connection.execute(select(func.min(candidate.c.id))).scalar_one()
        connection.execute(cost_value.insert().values(candidate_id=one, cost="score", value=1))
    declaring.join()
    with reading(stores[0]) as connection:
        assert connection.execute(select(cost_value)).all() == []
