"""What several processes trace is what one does."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import pytest

from dse.costs.cost_conditions import Conditions
from dse.space import BlockTable, read_grid
from dse.space.costing import traced, tracing_copies
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


def known(name, processes, patch):
    """What a table knows of a family when it was compiled, from nothing."""
    patch.setattr(earlier_traces, "_TRACES", {})
    patch.setattr(tracing_copies, "LEAST_BLOCKS", 1)
    patch.setattr(tracing_copies, "processors", lambda: processes)
    table = BlockTable(CONDITIONS)
    grid = GRIDS.get(name, OF_COMPOSED_CELLS)
    compile_space(read_grid(family(name), grid), table)
    return dict(table.known_blocks()), dict(table.known_steps()), traced(table)


def noted_pools(patch):
    """The numbers of processes of the pools that are made."""
    made = []
    pool = tracing_copies.pool_of_copies

    def noted(*arguments, number, **options):
        made.append(number)
        return pool(*arguments, number=number, **options)

    patch.setattr(tracing_copies, "pool_of_copies", noted)
    return made


def dying_copies(patch):
    here, trace = os.getpid(), tracing_copies.trace_row

    def dies(table, row):
        if os.getpid() != here:
            os._exit(1)
        trace(table, row)

    patch.setattr(tracing_copies, "trace_row", dies)


def compared(name, die=False):
    """Whether two processes find what one does, and the pools that one and two make."""
    with pytest.MonkeyPatch.context() as patch:
        pools = noted_pools(patch)
        alone = known(name, 1, patch)
        of_one = list(pools)
        if die:
            dying_copies(patch)
        return known(name, 2, patch) == alone, of_one, pools


@pytest.fixture(scope="module")
def fresh():
    """A process without other threads, which earlier tests leave behind in this one."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        yield process


@pytest.mark.parametrize("name", GRIDS)
def test_processes_find_what_one_finds(name, fresh):
    assert fresh.submit(compared, name).result() == (True, [], [2])


def test_what_a_process_leaves_is_traced_here(fresh):
    assert fresh.submit(compared, "mobilenet_v2", die=True).result() == (True, [], [2])


def test_cells_follow_from_operations_that_this_process_keeps(monkeypatch):
    blocks, _, texts = known("nas_bench_201", 2, monkeypatch)
    assert len(blocks) > len(GRIDS)
    assert any("operation" in text for text in texts)


def test_no_process_is_copied_that_has_other_threads(monkeypatch):
    pools = noted_pools(monkeypatch)
    monkeypatch.setattr(tracing_copies, "can_be_copied", lambda: False)
    known("gpt2", 2, monkeypatch)
    assert pools == []
