"""Keys, settings and reasons of arrays of candidates are those of each candidate alone."""

import json
import random

import numpy
import pytest

from dse.space import (
    BlockTable,
    Dimension,
    Grid,
    Invalid,
    ListedPoints,
    keys_of_points,
    read_grid,
    space_of,
)
from dse.space.pages import coded
from dse.space.tables.identities import Keys
from dse.space.tables.settings_parts import SettingsParts
from dse.space.tables.settings_texts import SettingsTexts, fails, reasons
from tests.space.shipped import CHAINS, family, small_space

INVALID = {
    "resnet": {"groups": [1, 2], "block": ["basic", "bottleneck"], "resolution": [8, 64]},
    "squeezenet": {"resolution": [8, 16, 224], "pooling": ["early", "late", "never"]},
}
"""Grids with candidates that cannot be built: groups, resolutions that vanish, unknown words."""


def check(space):
    tables = space.tables
    choices = tables.space.choices_of(numpy.arange(space.grid.size))
    failing = fails(tables.space, choices) > 0
    keys = Keys(tables.space.page).of(choices, failing)
    written = SettingsTexts(tables.space)
    texts = written.texts(choices, failing)
    parts = SettingsParts(written)
    places = parts.places(choices, failing, parts.width + 1)
    why = reasons(tables.space, choices, tables.costs(choices).is_valid)
    for row, choice in enumerate(choices.tolist()):
        point = space.point(space.grid.settings(choice))
        kept = point.settings if point.candidate is None else point.candidate.settings
        assert keys[row] == point.key
        assert json.loads(texts[row]) == dict(kept)
        shared = ",".join(parts[place - 1] for place in places[row].tolist() if place)
        assert "{" + shared + "}" == texts[row]
        assert why[row] == (point.costs.reason if isinstance(point.costs, Invalid) else None)
    return why


def listed(space):
    """The space of rows that are drawn from another one, whose blocks are known."""
    grid, draw = space.grid, random.Random(0)
    rows = [grid.settings([draw.randrange(size) for size in grid.sizes]) for _ in range(12)]
    points = ListedPoints({column: coded(row[column] for row in rows) for column in rows[0]})
    assert list(points) == rows
    return space_of(Grid(grid.family, (Dimension("rows", points),)), space.all_blocks())


@pytest.mark.parametrize("name", CHAINS)
def test_rows_of_every_family(name):
    space = small_space(name)
    check(space)
    known = len(space.blocks)
    rows = listed(space)
    check(rows)
    keys = [space.point(settings).key for settings in rows.grid]
    assert keys_of_points(rows.grid) == keys
    assert len(space.blocks) == known
    choices = numpy.arange(len(keys))[:, None]
    columns = rows.tables.costs(choices)
    for row, settings in enumerate(rows.grid):
        costs = space.point(settings).costs
        if not isinstance(costs, Invalid):
            assert {name: columns.costs[name][row] for name in SOME} == {n: costs[n] for n in SOME}


SOME = ("params", "macs", "peak_memory", "memory_read")


@pytest.mark.parametrize("name", INVALID)
def test_rows_of_candidates_that_cannot_be_built(name):
    grid = read_grid(family(name), INVALID[name])
    why = check(space_of(grid, BlockTable()))
    assert len(set(why)) > 2
