"""`dse measure`: each block is timed once, again where it was killed, and budgets go by it."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.cli.command import dse, refused

SPACE = ("family=mobilenet_v2", "grid=none", "grid.width=[0.35,0.5]", "grid.resolution=[96,128]")
QUICK = ("rounds=1", "runs=2", "networks=4")


IN_SMALL_GROUPS = """
import sys
from dse.cli.main import main
from dse.project.measurements import block_measuring
block_measuring._TOGETHER = 8
main(sys.argv[1:])
"""


def measured(directory, *words):
    return json.loads(dse(directory, "measure", *SPACE, *QUICK, "--format", "json", *words).stdout)


def test_blocks_are_timed_once_and_sum_to_networks(tmp_path):
    (first,) = measured(tmp_path)
    assert first["timed"] == first["blocks"] > 40
    assert first["checked"] == 2
    (second,) = measured(tmp_path)
    assert (second["timed"], second["checked"]) == (0, 4)
    assert measured(tmp_path, "again=true")[0]["timed"] == first["blocks"]
    found = json.loads(dse(tmp_path, "space", *SPACE, "device=this", "format=json").stdout)
    ends = {each["cost"]: each for each in found["ranges"]}
    assert 10**5 < ends["latency"]["least"]["value"] < ends["latency"]["greatest"]["value"] < 10**10
    bound = f"budget.latency={ends['latency']['least']['value']}"
    best = ("minimize=latency", "best=1")
    words = ("search", *SPACE, "device=this", *best, bound, "--format", "json")
    (fastest,) = json.loads(dse(tmp_path, *words).stdout)
    assert fastest["latency"] == ends["latency"]["least"]["value"]


def test_a_killed_measurement_goes_on_where_it_was(tmp_path):
    words = ("measure", *SPACE, "rounds=9", "runs=9", "networks=2")
    killed = subprocess.Popen((sys.executable, "-c", IN_SMALL_GROUPS, *words), cwd=tmp_path)
    store, held = tmp_path / "outputs" / "dse.db", 0
    while not held and killed.poll() is None:
        time.sleep(0.05)
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(store)) as of:
            ((held,),) = of.execute("select count(*) from block_cost")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (done,) = measured(tmp_path)
    assert 0 < done["timed"] < done["blocks"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("place=cuda:77",), "place=cuda:77: "),
        (("rounds=0",), "rounds: 0 is not positive"),
        (("networks=1",), "networks: 1 are too few to calibrate by"),
        (("cost.dtype=int8",), "measure: PyTorch runs no networks of int8"),
        (("export=a.txt",), "export: a.txt is no archive; name it like blocks.zip"),
        (("export=a.zip", "to=tflite"), "to: unknown format 'tflite'"),
        (("family=torchvision_model", "grid=none"), "not of callables"),
        (("device=nix",), "unknown device 'nix'"),
    ],
)
def test_what_is_refused(tmp_path, words, message):
    assert message in refused(tmp_path, "measure", *words)
    assert not (tmp_path / "outputs").exists()
