"""Going through a grid in blocks finds what going through it point by point does."""

import numpy
import pytest

import dse.space.tables.scanning as scanning
from dse.costs.cost_list import Costs
from dse.space import BlockTable, read_budget, read_grid, space_of
from dse.space.tables import scan
from tests.space.shipped import family

GRID = {
    "width": [0.35, 0.5, 0.75, 1.0],
    "resolution": [64, 96, 128],
    "depth": [0.5, 1.0],
    "exclude": ["width > 0.7 and resolution < 96"],
}
BUDGETS = (
    {},
    {"macs": "40M"},
    {"macs": ["20M", "60M"], "params": "2M"},
    {"peak_memory": "8MiB", "flops": {"min": "10M"}},
    {"train_memory": "40MiB", "macs": "60M"},
    {"memory_read + memory_written": "30MB", "macs": "60M"},
    {"peak_memory - weight_memory": ["1MiB", "4MiB"]},
    {"macs - 20 * params": {"max": 0}},
    {"where": "macs / params < 20 or not train_memory > 40MiB", "params": "2M"},
)


@pytest.fixture(scope="module")
def space():
    return space_of(read_grid(family("mobilenet_v2"), GRID), BlockTable())


@pytest.mark.parametrize("block", [1, 4, 6, 1000])
@pytest.mark.parametrize("content", BUDGETS, ids=str)
def test_the_points_within_a_budget(space, content, block, monkeypatch):
    monkeypatch.setattr(scanning, "BLOCK", block)
    budget, expected = read_budget(content), []
    for index, choice in enumerate(numpy.ndindex(*space.grid.sizes)):
        settings = space.grid.settings(choice)
        costs = space.point(settings).costs
        fits = isinstance(costs, Costs) and budget.admits(costs)
        if space.grid.excluded_by(settings) is None and fits:
            expected.append(index)
    pieces = list(scan(space.tables, budget))
    assert sum(piece.points for piece in pieces) == space.grid.size
    assert [i for piece in pieces for i in piece.indices.tolist()] == expected
    choices = numpy.concatenate([piece.choices for piece in pieces])
    assert (choices == space.tables.space.choices_of(numpy.array(expected, dtype=int))).all()
    later = [i for piece in scan(space.tables, budget, start=7) for i in piece.indices.tolist()]
    assert later == [index for index in expected if index >= 7]
