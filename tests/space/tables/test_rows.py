"""Keys, settings and reasons of arrays of candidates are those of each candidate alone."""

import json

import numpy
import pytest

from dse.space import BlockTable, Invalid, read_grid, space_of
from dse.space.tables.identities import Keys
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
    texts = SettingsTexts(tables.space).texts(choices, failing)
    why = reasons(tables.space, choices, tables.costs(choices).is_valid)
    for row, choice in enumerate(choices.tolist()):
        point = space.point(space.grid.settings(choice))
        kept = point.settings if point.candidate is None else point.candidate.settings
        assert keys[row] == point.key
        assert json.loads(texts[row]) == dict(kept)
        assert why[row] == (point.costs.reason if isinstance(point.costs, Invalid) else None)
    return why


@pytest.mark.parametrize("name", CHAINS)
def test_rows_of_every_family(name):
    check(small_space(name))


@pytest.mark.parametrize("name", INVALID)
def test_rows_of_candidates_that_cannot_be_built(name):
    grid = read_grid(family(name), INVALID[name])
    why = check(space_of(grid, BlockTable()))
    assert len(set(why)) > 2
