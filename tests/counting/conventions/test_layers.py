"""Oracle: the counters themselves, on layers and functions one at a time, with a batch."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from dse.counting import trace
from dse.counting.conventions import read_convention
from tests.counting.conventions import peers
from tests.counting.conventions.layers import LAYERS, SHARED, models
from tests.counting.conventions.test_real_peers import rows
from tests.counting.conventions.test_torchstat import row

MODELS = models()

PEERS = {"thop": peers.thop, "torchinfo": peers.torchinfo, "fvcore": peers.fvcore}


@pytest.mark.parametrize("name", MODELS)
def test_equal_to_thop_torchinfo_and_fvcore(name):
    for peer in PEERS:
        pytest.importorskip(peer)
    model, shape = MODELS[name]
    traced = trace(model, shape, functions=True)
    for convention, peer in PEERS.items():
        ours = read_convention(traced, convention).totals
        # In a module that hangs under two parents, thop leaves hooks behind.
        theirs = peer(copy.deepcopy(model), torch.rand(shape))
        assert {total: ours[total] for total in theirs} == theirs, convention


@pytest.mark.parametrize("name", MODELS)
def test_equal_to_ptflops(name):
    """ptflops makes its own input, of one item."""
    pytest.importorskip("ptflops")
    model, shape = MODELS[name]
    shape = (1, *shape[1:])
    traced = trace(model, shape, functions=True)
    tensor = torch.rand(shape)
    assert read_convention(traced, "ptflops").totals == peers.ptflops(model, tensor)
    assert read_convention(traced, "ptflops-aten").totals == peers.ptflops(model, tensor, "aten")


def test_rows_equal_those_of_torchstat():
    """torchstat takes images of one item."""
    pytest.importorskip("torchstat")
    names = [name for name, (_, shape) in LAYERS.items() if len(shape) == 4] + [*SHARED]
    assert len(names) > 15
    root = Path(__file__).parents[3]
    script = (
        "import json, torch; torch.manual_seed(0)\n"
        "from tests.counting.conventions.layers import models\n"
        "from tests.counting.conventions.run_torchstat import rows\n"
        f"found = models(); names = {names!r}\n"
        "print(json.dumps({n: rows(found[n][0], found[n][1][1:]) for n in names}))"
    )
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    for name, theirs in json.loads(done.stdout).items():
        model, shape = MODELS[name]
        reading = read_convention(trace(model, (1, *shape[1:])), "torchstat")
        assert [row(line.values) for line in reading.rows] == theirs, name


@pytest.mark.parametrize("name", SHARED)
def test_torchsummary_of_parts_that_are_shared(name):
    """It leaves a hook by each way to a module, and each of them adds a line."""
    pytest.importorskip("torchsummary")
    model, (_, *sizes) = MODELS[name]
    pair = nn.Sequential(*model.children()).eval()
    reading = read_convention(trace(pair, (1, *sizes)), "torchsummary")
    assert (rows(reading), list(reading.closing)) == peers.torchsummary(
        copy.deepcopy(pair), (1, *sizes), batch=1
    )


def test_layers_that_a_counter_does_not_know_are_marked():
    model, shape = MODELS["group_norm"]
    traced = trace(model, shape, functions=True)
    for name in ("thop", "torchstat"):
        reading = read_convention(traced, name)
        assert reading.unsupported == {"GroupNorm": 1}
        assert reading.rows[0].unsupported
