"""Forgetting what a search is about to build on: trials stand on what the store still has."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import dse
from dse.store import changed_trials, open_for_reading
from dse.store.questions.statements import answer_sql

TIMES = 5
REPLICATES = 4


@pytest.mark.parametrize("workers", [1, 3])
def test_what_a_search_measured_is_forgotten_while_it_goes_on(tmp_path: Path, workers: int) -> None:
    path = str(tmp_path / "dse.db")
    grid = {"width": [8, 16], "depth": [1, 2]}
    space = dse.design_space("mlp", grid=grid, allow=["tests.search.asleep"])
    project = dse.open(path)
    project.sweep(space)
    over = threading.Event()
    forgotten = 0

    def forget() -> None:
        nonlocal forgotten
        while forgotten < TIMES and not over.wait(0.15):
            store = open_for_reading(path)
            if answer_sql(store, "SELECT value FROM measurement").total:
                project.forget("moment", "width > 0")
                forgotten += 1

    forgetting = threading.Thread(target=forget)
    forgetting.start()
    objective = {
        "_target_": "tests.search.asleep.moment",
        "name": "moment",
        "replicates": REPLICATES,
    }
    try:
        # With a short lease it soon finds itself what waits again.
        study = project.search(
            space, objective, trials=4, workers=workers, sampler="random", lease=1.0
        )
    finally:
        over.set()
        forgetting.join()
    assert forgotten == TIMES
    store = open_for_reading(path)
    rows = answer_sql(store, "SELECT key, value FROM measurement").rows
    trials = changed_trials(store, study.id, 0)[1]
    assert {one.state for one in trials} == {"done"}
    for one in trials:
        held = sorted(row["value"] for row in rows if row["key"] == one.key)
        stood_on = sorted(each["numbers"]["moment"]["moment"] for each in one.outcomes)
        assert held == stood_on
        assert len(held) == REPLICATES
