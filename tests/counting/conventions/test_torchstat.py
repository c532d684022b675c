"""Oracle: torchstat itself, which runs models for real, on a torchvision model of each kind."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dse.counting.conventions import read_convention
from tests.counting.conventions.models import NAMES, SMALLEST_OF_EACH_KIND, traced

pytest.importorskip("torchstat")

ROOT = Path(__file__).parents[3]
COLUMNS = (
    "module name", "input shape", "output shape", "params", "memory(MB)",
    "MAdd", "Flops", "MemRead(B)", "MemWrite(B)",
)  # fmt: skip

# It asserts that a linear layer is given two axes, and that a module returns one tensor.
NOT_SURVIVED = {
    name
    for name in NAMES
    if name.startswith(("convnext", "swin", "vit", "maxvit"))
}  # fmt: skip


def test_most_kinds_are_survived():
    assert len(NOT_SURVIVED & set(SMALLEST_OF_EACH_KIND)) < len(SMALLEST_OF_EACH_KIND) / 2


def row(values):
    """Our row as torchstat has it, where memory is a 32-bit floating point number."""
    shown = [values[column] for column in COLUMNS]
    shown[1:3] = map(list, shown[1:3])
    shown[4] = float(np.float32(float(shown[4])))
    return shown


def check_rows(names):
    """Fail where a row of torchstat is another than ours, for any of some models."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.counting.conventions.run_torchstat"]
    done = subprocess.run([*command, *names], cwd=ROOT, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    errors = {name: error for name, error in theirs.items() if isinstance(error, str)}
    assert set(errors) == NOT_SURVIVED & set(names)
    assert set(errors.values()) <= {"AssertionError"}
    for name in set(names) - set(errors):
        reading = read_convention(traced(name), "torchstat")
        assert [row(line.values) for line in reading.rows] == theirs[name], name


def test_rows_equal_those_of_torchstat():
    check_rows(SMALLEST_OF_EACH_KIND)
