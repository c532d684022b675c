"""Samplers of a comparison by their names: pages, classes, and packages of OptunaHub."""

import sys
import warnings
from dataclasses import replace

import numpy as np
import optuna
import pytest

from dse.configs.config_places import group_pages
from dse.errors import DseError
from dse.project.contests.contest_samplers import SamplerPlaces, contestants_of
from dse.search import Bounds, Case, Pool, TableColumns, read_measured
from dse.search.contests.comparison import run_curve
from dse.search.samplers import CandidateSampler
from dse.space import Dimension

OF_POOLS = ("evolution", "pool")
"""Pages of samplers that choose among candidates alone."""

MINE = """
import optuna
from dse.search.samplers import EvolutionSampler


class Mine(optuna.samplers.RandomSampler):
    pass


class QMCSampler(Mine):
    pass


class Knowing(EvolutionSampler):
    def __init__(self, candidates, costs=None, *, ordered=None, known_objectives=None, seed=None):
        super().__init__(candidates, costs, ordered=ordered, seed=seed)
        self.known_objectives = known_objectives


class Seedless(optuna.samplers.RandomSampler):
    def __init__(self):
        super().__init__()
"""

PACKAGE = "import optuna\n\n\nclass A(optuna.samplers.RandomSampler):\n    pass\n\n\n"
HUB = {
    "one": PACKAGE + '__all__ = ["A"]\n',
    "two": PACKAGE + 'class B(A):\n    pass\n\n\n__all__ = ["A", "B"]\n',
    "none": PACKAGE + '__all__ = ["optuna"]\n',
    "broken": "import nothing_of_that_name\n",
}


@pytest.fixture
def places(tmp_path, monkeypatch):
    (tmp_path / "mine9.py").write_text(MINE)
    for name, text in HUB.items():
        (tmp_path / "package" / "samplers" / name).mkdir(parents=True)
        (tmp_path / "package" / "samplers" / name / "__init__.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield SamplerPlaces(allow=("mine9",), hub=tmp_path / "package")
    sys.modules.pop("mine9", None)


def pool():
    dimension = Dimension("op", ({"op": 1}, {"op": 2}), {"op": False})
    choices = np.array([[0], [1]])
    costs = {"params": np.array([3, 4]), "macs": np.array([1, 2])}
    return Pool((dimension,), choices, costs, np.arange(2))


def names(contestants):
    return [(each.name, each.is_plain) for each in contestants]


def test_a_class_is_named_by_its_path(places):
    named = ["tpe", "plain_optuna.samplers.NSGAIISampler", "mine9.Mine", "plain_mine9.Mine"]
    found = contestants_of(named, places, {})
    assert names(found) == [
        ("tpe", False),
        ("plain_NSGAIISampler", True),
        ("Mine", False),
        ("plain_Mine", True),
    ]
    kinds = [type(each.make()(pool(), 0)).__name__ for each in found]
    assert kinds == ["TPESampler", "NSGAIISampler", "Mine", "Mine"]


def test_a_sampler_that_asks_is_told_of_order_and_known_objectives(places):
    (found,) = contestants_of(["mine9.Knowing"], places, {1: "macs"})
    sampler = found.make()(pool(), 0)
    assert isinstance(sampler, CandidateSampler)
    assert sampler.known_objectives == {1: 1}
    assert sampler.ordered == [False]
    (found,) = contestants_of(["evolution"], places, {1: "macs"})
    assert found.make()(pool(), 0).ordered == [False]


def test_a_package_of_optunahub_is_named_by_its_path(places):
    pytest.importorskip("optunahub")
    whole = replace(places, hub=places.hub.parent)
    assert names(contestants_of(["hub:samplers/one"], whole, {})) == [("one", False)]
    found = contestants_of(["hub:samplers/one", "plain_hub:samplers/one"], places, {})
    assert names(found) == [("one", False), ("plain_one", True)]
    for each in found:
        sampler = each.make()(pool(), 0)
        assert type(sampler).__name__ == "A"
        assert isinstance(sampler, optuna.samplers.RandomSampler)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tpee", "--samplers: unknown sampler 'tpee'; did you mean 'tpe'"),
        ("optuna.samplers.TPESamplr", "did you mean 'optuna.samplers.TPESampler'"),
        ("optuna.samplers.GridSampler", "'optuna.samplers.GridSampler' is none of these"),
        ("other.Sampler", "allow its module with allow=.other., or --allow other"),
        ("mine9.Min", "no callable 'mine9.Min'; did you mean 'Mine'"),
        ("mine9.Seedless", "unexpected keyword argument 'seed'"),
        ("plain_pool", "does not propose from a whole grid"),
        ("plain_mine9.Knowing", "does not propose from a whole grid"),
        ("hub:samplers/on", "hub:samplers/on: no such package in .*did you mean 'samplers/one'"),
    ],
)
def test_samplers_that_there_are_not_are_refused(places, name, message):
    with pytest.raises(DseError, match=message):
        contestants_of([name], places, {})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hub:samplers/two", "its __all__ names the samplers A, B, not one"),
        ("hub:samplers/none", "its __all__ names no sampler, not one"),
        ("hub:samplers/broken", "No module named 'nothing_of_that_name'"),
    ],
)
def test_packages_without_a_sampler_are_refused(places, name, message):
    pytest.importorskip("optunahub")
    with pytest.raises(DseError, match=message):
        contestants_of([name], places, {})


def test_a_package_needs_a_folder_and_optunahub(places, tmp_path, monkeypatch):
    with pytest.raises(DseError, match="name the folder of OptunaHub packages in --hub"):
        contestants_of(["hub:samplers/one"], SamplerPlaces(), {})
    with pytest.raises(DseError, match=r"--hub .*nowhere: no such directory"):
        contestants_of(["hub:samplers/one"], SamplerPlaces(hub=tmp_path / "nowhere"), {})
    monkeypatch.setitem(sys.modules, "optunahub", None)
    with pytest.raises(DseError, match=r"needs optunahub.*pip install 'dse-nas\[hub\]'"):
        contestants_of(["hub:samplers/one"], places, {})


def test_two_of_one_name_are_refused(places):
    with pytest.raises(DseError, match="two of them are called 'QMCSampler'"):
        contestants_of(["mine9.QMCSampler", "optuna.samplers.QMCSampler"], places, {})


PAGES = group_pages("sampler", None)


@pytest.mark.parametrize("name", [*PAGES, *(f"plain_{p}" for p in PAGES if p not in OF_POOLS)])
def test_no_sampler_that_comes_along_warns(name, tmp_path):
    """Each is made, asked and told; what a warning says is of no use to who named it."""
    (tmp_path / "t.csv").write_text("a,b,score\n" + "".join(f"{i},{i % 3},{i}\n" for i in range(9)))
    table = read_measured(tmp_path / "t.csv", TableColumns(("score",), axes=("a", "b")))
    (contestant,) = contestants_of([name], SamplerPlaces(), {})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curve = run_curve(Case(table, Bounds({})), contestant, 0, 5)
    assert len(curve.regret) == 5
