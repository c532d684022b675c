"""A sweep of a callable's models stores the same, wherever they are traced."""

import pytest

from dse.execution import EXECUTORS
from tests.cli.command import dse, query

OWN = """
from torch import nn

def tower(width):
    if width == 3:
        raise ValueError("three is no width")
    return nn.Sequential(nn.Flatten(), nn.Linear(16, width))
"""

PAGE = """
kind: callable
target: own_models.tower
axes: {width: 2}
input: [1, 4, 4]
"""


@pytest.mark.parametrize("name", EXECUTORS)
def test_models_are_traced_by_any_executor(name, tmp_path, request):
    if name == "ray":
        request.getfixturevalue("connected")
    (tmp_path / "own_models.py").write_text(OWN)
    page = tmp_path / "mine" / "family" / "tower.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    options = ["executor.cluster=local", "executor.jobs=2"] if name == "submitit" else []
    words = ("family=tower", "grid.width=[2,3,4]", "allow=[own_models]", f"executor={name}")
    printed = dse(tmp_path, "sweep", "--config-dir", "mine", *words, *options).stdout
    assert "3 candidates, 1 invalid, 0 present, 3 stored, 3 networks traced" in printed
    rows = query(tmp_path, "--columns", "width,params", "--sort", "width")
    assert [row["params"] for row in rows] == [34, 68]
    (invalid,) = query(tmp_path, "invalid is not null", "--columns", "width,invalid")
    assert invalid["width"] == 3
    assert "three is no width" in invalid["invalid"]
    assert not list((tmp_path / "outputs").glob("jobs/*"))
