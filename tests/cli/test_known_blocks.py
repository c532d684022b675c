"""Commands over blocks that a store knows need no PyTorch."""

import itertools
import json
import subprocess
import sys

import pytest

from tests.cli.command import dse

SPACE = ("family=mlp", "grid=none", "grid.width=[16,32]", "grid.resolution=8")
CELLS = ("family=nas_bench_201", "grid=none", "grid.depth=1", "grid.op_1=[none,nor_conv_3x3]")
WITHOUT = """
import contextlib
import io
import json
import sys
from importlib.machinery import ModuleSpec

class Refused:
    def create_module(self, spec):
        raise AssertionError(f"{spec.name} is imported")

    def exec_module(self, module):
        raise AssertionError

class Finder:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, Refused()) if name in ("torch", "torchvision") else None

sys.meta_path.insert(0, Finder())
from dse.cli.main import main

def done(words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            return ended.code, out.getvalue(), err.getvalue()

print(json.dumps([done(words) for words in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    place = tmp_path_factory.mktemp("known")
    for space in (SPACE, CELLS):
        dse(place, "sweep", *space)
    (place / "measured.csv").write_text("classes,accuracy\n10,90.5\n")
    return place


TABLE = ("objective=table", "objective.file=measured.csv", "objective.value=accuracy")
ENDS = {
    ("sweep",): "nothing to do",
    ("sweep", "sample=1"): "stored in",
    ("space",): "least of all costs",
    ("search", "minimize=macs"): "proven over the whole space",
    ("search", *TABLE, "sampler=random", "trials=1"): "1 evaluated",
    ("search", *TABLE, "trials=1"): "1 evaluated",
}
"""What commands over known blocks print."""


@pytest.fixture(scope="module")
def done(directory):
    """How each command ended, and what it printed, in one process that loads no PyTorch."""
    asked = [*itertools.product(ENDS, (SPACE, CELLS))]
    commands = json.dumps([[*words, *space] for words, space in asked])
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, commands], cwd=directory, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return dict(zip(asked, json.loads(ran.stdout), strict=True))


@pytest.mark.parametrize("space", [SPACE, CELLS], ids=["a chain", "cells"])
@pytest.mark.parametrize("words", ENDS, ids=" ".join)
def test_known_blocks_need_no_torch(done, space, words):
    status, printed, told = done[words, space]
    assert status == 0, told
    assert ENDS[words] in printed
