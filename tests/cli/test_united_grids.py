"""Grids put together: on the command line, on pages and in Python, for every kind of question."""

import contextlib

import pytest

import dse as library
from dse.errors import DseError
from tests.cli.command import dse, query, refused

PAGES = {
    "grid/small.yaml": "width: [8, 16]\nresolution: [8]\n",
    "grid/deep.yaml": "defaults: [small, _self_]\ndepth: [1, 3]\nexclude: width = 8\n",
    "grid/both.yaml": "union: [small, deep, {file: more.csv}]\nexclude: depth = 3\n",
    "grid/circle.yaml": "union: [small, {union: [circle]}]\n",
    "more.csv": "width,depth,resolution,top1\n24,1,8,0.5\n16,,8,0.5\n",
}
OWN = ("--config-dir", ".", "family=mlp")
TOGETHER = {(8, 2), (16, 2), (16, 1), (24, 1)}
"""The widths and depths of `both`."""


@pytest.fixture
def directory(tmp_path):
    for path, text in PAGES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def stored(directory):
    return [(row["width"], row["depth"]) for row in query(directory)]


@pytest.mark.parametrize(
    "words",
    [
        ("grid=both",),
        ("grid=none", "grid.union=[small,deep,{file:more.csv}]", 'grid.exclude=["depth = 3"]'),
        ("grid.union=[both]",),
    ],
    ids=["page", "words", "nested"],
)
def test_a_sweep_stores_each_network_once(directory, words):
    printed = dse(directory, "sweep", *OWN, *words).stdout
    assert "4 candidates" in printed
    assert len(stored(directory)) == 4
    assert {*stored(directory)} == TOGETHER


def test_it_is_described_searched_and_drawn_from(directory):
    assert "4 distinct networks" in dse(directory, "space", *OWN, "grid=both").stdout
    best = ("objective=macs", "budget.params=[1,1500]", "trials=9")
    assert "3 candidates meet" in dse(directory, "search", *OWN, "grid=both", *best).stdout
    assert {*stored(directory)} == TOGETHER - {(24, 1)}
    dse(directory, "sweep", *OWN, "grid=both", "sample=4", "store.url=b.db")
    assert len(query(directory, "--store", "b.db")) == 4
    assert "done" in dse(directory, "rerun", "1").stdout + dse(directory, "runs").stdout


def test_in_python_grids_are_named_or_given(directory):
    with contextlib.chdir(directory):
        spaces = [
            library.design_space("mlp", grid, config_dir=".")
            for grid in ("both", {"union": ["small", {"union": ["both"]}], "exclude": "depth = 3"})
        ]
    assert [space.networks for space in spaces] == [4, 4]
    drawn = spaces[0].sample(4)
    assert {*drawn.select("width", "depth").rows()} == TOGETHER


def test_a_page_that_is_not_there_and_a_circle(directory):
    assert "unknown grid 'smal'; did you mean 'small'" in refused(
        directory, "sweep", *OWN, "grid.union=[smal]"
    )
    assert "a circle: circle → circle" in refused(directory, "sweep", *OWN, "grid=circle")
    with contextlib.chdir(directory), pytest.raises(DseError, match="is no name of a page"):
        library.design_space("mlp", {"union": ["../x"]}, config_dir=".")


def test_no_axis_may_bear_a_word_of_grids(directory):
    page = directory / "family" / "own.yaml"
    page.parent.mkdir()
    page.write_text("axes:\n  union: 8\ninput: [1, 8, 8]\nblocks:\n  - {block: flatten}\n")
    told = refused(directory, "check", "family/own.yaml")
    assert "family/own.yaml:2: axes.union: 'union' is a word of grids" in told
