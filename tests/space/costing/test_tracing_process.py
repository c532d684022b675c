"""Another process traces for one that stays without PyTorch, and finds what it would itself."""

import json
import subprocess
import sys

import pytest

FAMILIES = ("mobilenet_v2", "gpt2", "nas_bench_201", "darts")
COMPILED = """
import json, os, sys

from dse.configs import find_page
from dse.costs import Conditions
from dse.space import BlockTable, load_family, read_grid
from dse.space.costing import traced, tracing_process
from dse.space.tables import compile_space, compiled

GRIDS = {
    "mobilenet_v2": {"width": [0.5, 1.0], "resolution": [16, 96, 128]},
    "gpt2": {"hidden": [60, 120], "heads": [4, 7], "layers": [1, 2], "sequence": 16},
    "nas_bench_201": {"op": ["skip_connect", "nor_conv_1x1"], "depth": [1]},
    "darts": {"width": [4, 8], "depth": [1]},
}
how, *names = sys.argv[1:]
compiled.MANY_POINTS = 10**9 if how == "here" else 0
if how == "dies":
    def tracing(place, table):
        def dies(task, tell):
            os._exit(1)
        return dies
    tracing_process._tracing = tracing
found = []
for name in names:
    table = BlockTable(Conditions(batch=2))
    compile_space(read_grid(load_family(find_page(name, None), ()), GRIDS[name]), table)
    found.append(sorted(traced(table).items()))
print(json.dumps([found, "torch" in sys.modules]))
"""


def compiled(how, *names):
    """What a process knows of families that it has compiled, and whether it has PyTorch."""
    words = [sys.executable, "-c", COMPILED, how, *names]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def here():
    """What one finds that traces itself, by family; it has seen what the blocks take."""
    found, has_torch = compiled("here", *FAMILIES)
    assert has_torch
    return dict(zip(FAMILIES, found, strict=True))


def test_another_process_finds_the_same_and_this_one_stays_without_pytorch(here):
    found, has_torch = compiled("elsewhere", *FAMILIES)
    assert dict(zip(FAMILIES, found, strict=True)) == here
    assert any('"block"' in text and "resolution is too small" in text for _, text in found[0])
    assert not has_torch


def test_what_a_process_leaves_is_traced_here(here):
    (found,), has_torch = compiled("dies", "mobilenet_v2")
    assert found == here["mobilenet_v2"]
    assert has_torch
