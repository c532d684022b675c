"""A sweep goes on where it was, and stores each network once."""

import pytest

import dse.search.pools.row_maker as row_maker
import dse.search.sweeps.sweep_writer as sweeping
from dse.search.pools.point_rows import scope_of
from dse.search.sweeps.sweeping import sweep
from dse.space import BlockTable, read_budget, read_grid, space_of
from dse.store import (
    known_keys,
    open_store,
    register_family,
    start_run,
    stored_candidates,
    sweep_state,
)
from tests.space.shipped import family

OPS = {"op": ["identity", "mb3_k3", "mb6_k5"], "op_3_3": ["mb3_k3"]}
BLOCKS = BlockTable()


def space():
    return space_of(read_grid(family("nas_bench_macro"), OPS), BLOCKS)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "CHUNK", 100)
    monkeypatch.setattr(sweeping, "LARGEST", 10)
    engine = open_store(str(tmp_path / "dse.db"))
    some = family("nas_bench_macro")
    register_family(engine, some.name, some.column_types)
    yield engine, start_run(engine, "test", {}, {})
    engine.dispose()


class Killed(Exception):
    pass


def killed_after(transactions, monkeypatch):
    """Let a process die between two transactions."""
    insert, done = sweeping.insert_candidate_columns, []

    def dying(*args):
        if len(done) == transactions:
            raise Killed
        done.append(insert(*args))
        return done[-1]

    monkeypatch.setattr(sweeping, "insert_candidate_columns", dying)


@pytest.mark.parametrize("transactions", [1, 3])
def test_it_continues_at_the_first_missing_point(store, transactions, monkeypatch):
    engine, run = store
    whole = sweep(space(), read_budget({}), *store)
    assert whole.candidates + whole.repeats == 3**7
    assert whole.stored == whole.candidates
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from stored_candidate")
        connection.exec_driver_sql("delete from sweep")
    with monkeypatch.context() as patch:
        killed_after(transactions, patch)
        with pytest.raises(Killed):
            sweep(space(), read_budget({}), engine, run)
    left = len(known_keys(engine, scope_of(space())))
    assert 0 < left < whole.candidates
    again = sweep(space(), read_budget({}), engine, run)
    assert again.continued_at > 0
    assert again.stored == whole.candidates - left
    assert len(known_keys(engine, scope_of(space()))) == whole.candidates


def test_a_finished_sweep_has_nothing_to_do(store):
    first = sweep(space(), read_budget({"macs": "60M"}), *store, "feasible")
    again = sweep(space(), read_budget({"macs": "60M"}), *store, "feasible")
    assert (again.stored, again.present, again.continued_at) == (0, first.candidates, 3**7)


def test_rows_that_are_gone_are_stored_again(store):
    engine, _ = store
    first = sweep(space(), read_budget({}), *store)
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from stored_candidate where id % 3 = 0")
    assert sweep(space(), read_budget({}), *store).stored == first.candidates // 3


def test_another_budget_is_another_sweep(store):
    small = sweep(space(), read_budget({"macs": "40M"}), *store, "feasible")
    large = sweep(space(), read_budget({"macs": "60M"}), *store, "feasible")
    assert large.present == small.candidates
    assert large.stored == large.candidates - small.candidates


def test_what_is_noted_of_a_sweep(store):
    engine, _ = store
    sweep(space(), read_budget({}), *store)
    with engine.connect() as connection:
        ((digest,),) = connection.exec_driver_sql("select digest from sweep").fetchall()
    state = sweep_state(engine, digest)
    assert (state.done, state.total, state.family) == (3**7, 3**7, "nas_bench_macro")
    assert sweep_state(engine, digest + 1) is None


def test_settings_may_share_their_texts(store, monkeypatch):
    sweep(space(), read_budget({}), *store)
    written = stored_candidates(store[0], scope_of(space()))
    with store[0].begin() as connection:
        connection.exec_driver_sql("delete from stored_candidate")
        connection.exec_driver_sql("delete from sweep")
    monkeypatch.setattr(row_maker, "SHARING", 1)
    sweep(space(), read_budget({}), *store)
    with store[0].connect() as connection:
        kinds = "select distinct typeof(settings) from stored_candidate"
        assert connection.exec_driver_sql(kinds).all() == [("integer",)]
    assert stored_candidates(store[0], scope_of(space())) == written


def test_transactions_grow_with_the_store(store, monkeypatch):
    sizes = []
    insert = sweeping.insert_candidate_columns

    def counting(*args):
        sizes.append(len(args[4]))
        return insert(*args)

    monkeypatch.setattr(sweeping, "insert_candidate_columns", counting)
    whole = sweep(space(), read_budget({}), *store)
    assert sizes[:3] == [100, 400, 1000]
    assert max(sizes) <= sweeping.LARGEST * sweeping.CHUNK
    assert sum(sizes) == whole.candidates
