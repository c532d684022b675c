"""`sram` and `flash` of spaces: those of whole networks, and exact in a search."""

import json

import numpy
import pytest

import dse
from dse.costs.cost_list import COSTS
from dse.counting import build_without_weights
from dse.devices import deployed_memory
from dse.errors import DseError
from dse.space import build_network
from dse.space.costing.part_algebra import nothing, nothings, then
from tests.cli.command import dse as run
from tests.devices.test_roofline import _grid
from tests.space.shipped import CHAINS, inputs_of

TRANSPOSED = ("convnext", "maxvit", "shufflenet_v2", "swin", "swin_v2", "vit", "whisper")
"""Families whose blocks hand on tensors in another layout than they would alone: under `tflm` the
transpositions at their seams are part of `flash`."""
CONSTANT = ("t5",)
"""Families with a block that makes the same of every input, such as scores of positions: in the
whole network that is a constant, and their blocks do not tell what it takes."""


def whole(space, name, settings, runtime):
    point = space.design.point(settings)
    network = build_without_weights(lambda: build_network(point.candidate))
    return point.costs, deployed_memory(network, inputs_of(point.candidate, 1), runtime)


@pytest.mark.parametrize("runtime", ["tflm", "tinyengine"])
@pytest.mark.parametrize("name", CHAINS)
def test_blocks_have_what_the_whole_network_has(name, runtime):
    conditions = {"dtype": "int8", "runtime": runtime}
    space = dse.design_space(name, grid=_grid(name), cost=conditions)
    costs, found = whole(space, name, next(iter(space.design.grid)), runtime)
    if name in CONSTANT:
        assert costs["sram"] is None
        assert costs["flash"] is None
        return
    assert costs["sram"] == found.sram
    if runtime == "tflm" and name in TRANSPOSED:
        assert abs(costs["flash"] - found.flash) * 100 < found.flash
    else:
        assert costs["flash"] == found.flash


GRID = {
    "width": [0.25, 0.5],
    "resolution": [64, 96],
    "stem": [64, 96],
    "pooling": "late",
    "squeeze": 0.125,
    "share_3x3": [0.25, 0.5],
}


@pytest.fixture(scope="module")
def board():
    return dse.design_space("squeezenet", GRID, device="stm32f746")


def test_a_microcontroller_says_what_for(board):
    assert (board.conditions.dtype, board.conditions.runtime) == ("int8", "tinyengine")
    assert board.bounds_on({}) == {"sram": 320 * 1024, "flash": 1024**2}
    other = dse.design_space("squeezenet", GRID, {"runtime": "graph"}, device="stm32f746")
    assert other.conditions.runtime == "graph"


def test_every_point_of_a_space_has_both(board):
    for settings in board.design.grid:
        costs, found = whole(board, "squeezenet", settings, "tinyengine")
        assert (costs["sram"], costs["flash"]) == (found.sram, found.flash)


@pytest.mark.parametrize(
    ("goal", "direction"), [("macs", "maximize"), ("flash", "minimize"), ("sram", "minimize")]
)
def test_a_search_on_a_microcontroller_is_exact(tmp_path, board, goal, direction):
    points = [point.costs for point in board.design.points()]
    fits = [c for c in points if c["sram"] <= 150 * 1024 and c["flash"] <= 1024**2]
    assert 0 < len(fits) < len(points)
    best = (max if direction == "maximize" else min)(costs[goal] for costs in fits)
    words = [f"grid.{axis}={value}".replace(" ", "") for axis, value in GRID.items()]
    objective = (f"objective.cost={goal}", f"objective.direction={direction}", "objective=cost")
    device = ("device=stm32f746", "budget.sram=150KiB", "best=1")
    printed = run(tmp_path, "search", "family=squeezenet", *device, *objective, *words).stdout
    assert "which is optimal: proven over the whole space" in printed
    (row,) = json.loads(run(tmp_path, "query", "--format", "json").stdout)
    assert row[goal] == best
    shown = json.loads(run(tmp_path, "show", str(row["id"]), "--format", "json").stdout)
    full = {**board.design.grid.family.defaults, **shown["settings"]}
    found = whole(board, "squeezenet", full, "tinyengine")[1]
    assert {name: shown["costs"][name] for name in found.costs} == found.costs


def test_nothing_is_known_of_pytorch_itself():
    space = dse.design_space("squeezenet", GRID)
    point = space.design.point(next(iter(space.design.grid)))
    assert [point.costs[name] for name in ("sram", "flash", "arena")] == [None] * 3


def test_the_highest_of_parts_is_that_of_a_row():
    assert (COSTS["sram"].composes, COSTS["flash"].composes) == ("peak", "sum")
    fields = ("sram", "flash")
    first, second = {"sram": 5, "flash": 5}, {"sram": 3, "flash": 3}
    assert then(first, second) == {"sram": 5, "flash": 8}
    assert then(nothing(fields), first) == first
    many = then(
        {**nothings(fields, 2)}, {"sram": numpy.array([1, 7]), "flash": numpy.array([1, 2])}
    )
    assert [many["sram"].tolist(), many["flash"].tolist()] == [[1, 7], [1, 2]]


def test_an_unknown_runtime_is_told():
    with pytest.raises(DseError, match=r"cost\.runtime: unknown 'tflite'"):
        dse.design_space("squeezenet", cost={"runtime": "tflite"})
