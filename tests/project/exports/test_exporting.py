"""A candidate of any family, at any settings, leaves as a page and a grid of the same network."""

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.project.exports.exporting import write_config
from dse.space import load_family, read_grid
from dse.store import CandidateRow, StoredCandidate
from tests.conftest import PAGES
from tests.space.shipped import FAMILIES, family, random_settings


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_the_page_and_the_grid_rebuild_the_key(name, data):
    candidate = family(name).resolve(data.draw(random_settings(name)))
    row = CandidateRow(candidate.key, name, Conditions(), dict(candidate.settings), Costs())
    stored = StoredCandidate(id=7, row=row, run_id=1, measurements=())
    with tempfile.TemporaryDirectory() as directory:
        write_config(stored, yaml.safe_load(PAGES[name].read_text()), Path(directory), ())
        page = load_family(Path(directory) / "family" / f"{name}.yaml")
        written = yaml.safe_load((Path(directory) / "grid" / f"{name}.yaml").read_text())
        (chosen,) = read_grid(page, written)
    assert page.resolve(chosen).key == candidate.key
