"""What several processes trace is what one does."""

import os

import pytest

from dse.cost_conditions import Conditions
from dse.space import BlockTable, read_grid
from dse.space.costing import traced, tracing_ahead
from dse.space.costing.tracing import earlier_traces
from dse.space.tables import compile_space
from tests.space.shipped import family

GRIDS = {
    "mobilenet_v2": {"width": [0.5, 1.0], "resolution": [96, 128]},
    "swin": {"width": [64, 96], "depth_1": [1, 2]},
    "gpt2": {"hidden": [60, 120], "layers": [1, 2], "sequence": 16},
    "darts": {"width": [4, 8], "depth": [1]},
}
OF_COMPOSED_CELLS = {"op": ["skip_connect", "nor_conv_1x1"], "depth": [1]}
CONDITIONS = Conditions(batch=2)


@pytest.fixture
def known(monkeypatch):
    """Returns what a table knows of a family when it was compiled, from nothing."""

    def compiled(name, processes):
        monkeypatch.setattr(earlier_traces, "_TRACES", {})
        monkeypatch.setattr(tracing_ahead, "LEAST_BLOCKS", 1)
        monkeypatch.setattr(tracing_ahead, "processors", lambda: processes)
        table = BlockTable(CONDITIONS)
        grid = GRIDS.get(name, OF_COMPOSED_CELLS)
        compile_space(read_grid(family(name), grid), table)
        return dict(table.known_blocks()), dict(table.known_steps()), traced(table)

    return compiled


@pytest.fixture
def pools(monkeypatch):
    """The numbers of processes of the pools that are made."""
    made = []
    pool = tracing_ahead.pool_of_copies

    def noted(*arguments, number, **options):
        made.append(number)
        return pool(*arguments, number=number, **options)

    monkeypatch.setattr(tracing_ahead, "pool_of_copies", noted)
    return made


@pytest.mark.parametrize("name", GRIDS)
def test_processes_find_what_one_finds(name, known, pools):
    alone = known(name, 1)
    assert pools == []
    assert known(name, 2) == alone
    assert pools == [2]


def test_cells_follow_from_operations_that_this_process_keeps(known, pools):
    blocks, _, texts = known("nas_bench_201", 2)
    assert len(blocks) > len(GRIDS)
    assert any("operation" in text for text in texts)


def test_what_a_process_leaves_is_traced_here(known, pools, monkeypatch):
    alone = known("mobilenet_v2", 1)
    here = os.getpid()
    trace = tracing_ahead._trace

    def dies(table, row):
        if os.getpid() != here:
            os._exit(1)
        trace(table, row)

    monkeypatch.setattr(tracing_ahead, "_trace", dies)
    assert known("mobilenet_v2", 2) == alone
    assert pools == [2]


def test_no_process_is_copied_that_has_other_threads(known, pools, monkeypatch):
    monkeypatch.setattr(tracing_ahead, "can_be_copied", lambda: False)
    known("gpt2", 2)
    assert pools == []
