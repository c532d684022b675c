"""What tells that a store has changed, on each kind of database."""

from dse.store import finish_run, open_store, start_run, store_moment
from tests.store.conftest import fill_example
from tests.store.recording import record_measurement


def test_a_moment_is_another_after_every_change(store_url):
    engine = open_store(store_url)
    moments = [store_moment(engine)]
    fill_example(store_url)
    moments.append(store_moment(engine))
    run = start_run(engine, "dse search", {}, {})
    moments.append(store_moment(engine))
    record_measurement(engine, 1, "accuracy", 0.5, {}, run)
    moments.append(store_moment(engine))
    finish_run(engine, run, "done")
    moments.append(store_moment(engine))
    assert len(set(moments)) == 5
    assert store_moment(engine) == moments[-1]
    engine.dispose()
