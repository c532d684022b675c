"""Comparisons by one call: several tables, values and budgets."""

import numpy as np
import pytest

import dse
from dse.errors import DseError
from dse.project import Contested
from dse.search import Curve

GRID = [(w, d) for w in (1, 2, 3, 4) for d in (1, 2, 3)]
FEW = {"axes": ["width", "depth"], "costs": ["macs"], "workers": 1}


@pytest.fixture
def project(tmp_path):
    for name, best in (("small", 2), ("large", 3)):
        rows = [f"{w},{d},{w * d},{10 * d - (w - best) ** 2},{w + d}" for w, d in GRID]
        text = "\n".join(["width,depth,macs,acc,test", *rows]) + "\n"
        (tmp_path / f"{name}.csv").write_text(text)
    return dse.open(tmp_path / "none.db")


def test_several_tables_have_rows_and_ranks(project, tmp_path):
    files = [tmp_path / "small.csv", tmp_path / "large.csv"]
    samplers = ["random", "plain_random", "evolution"]
    contested = project.compare(
        files, "acc", **FEW, budgets=["macs<=q50"], samplers=samplers, seeds=2, evaluations=4
    )
    rows = contested.rows([2, 4])
    assert [row["table"] for row in rows] == ["small"] * 3 + ["large"] * 3
    assert {row["budget"] for row in rows} == {"macs <= 4 (q50)"}
    assert list(rows[0]) == [
        *("table", "budget", "sampler"),
        *("after_2", "error_2", "median_2", "after_4", "error_4", "median_4"),
    ]
    ranks = contested.ranks(4)
    assert ranks.cases == 2
    assert set(ranks.samplers) == set(samplers)
    assert sum(ranks.means) == 1 + 2 + 3
    assert contested.regrets([4])["median_4"].len() == 6


def test_tables_of_one_name_are_told_by_their_paths(project, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "small.csv").write_text((tmp_path / "small.csv").read_text())
    files = [tmp_path / "small.csv", tmp_path / "other" / "small.csv"]
    contested = project.compare(files, "acc", **FEW, samplers=["random"], seeds=1, evaluations=2)
    assert [curve.table for curve in contested.curves] == list(map(str, files))


def test_several_values_are_told_by_the_share_that_is_left(project, tmp_path):
    contested = project.compare(
        tmp_path / "small.csv",
        ["acc", "macs"],
        **FEW,
        minimize=["macs"],
        samplers=["random", "pool"],
        seeds=2,
        evaluations=12,
        batch=4,
    )
    for curve in contested.curves:
        assert curve.regret.max() <= 1
        assert curve.regret[-1] == pytest.approx(0)


def test_minimize_may_mean_the_one_value(project, tmp_path):
    words = {"samplers": ["random"], "seeds": 2, "evaluations": 3}
    one, other = (
        project.compare(tmp_path / "small.csv", "acc", **FEW, minimize=least, **words).rows([3])
        for least in (True, ["acc"])
    )
    assert one == other


def test_a_sampler_that_finds_nothing_has_a_count_in_place_of_a_regret():

    nan = float("nan")
    curves = [Curve("a", "b", seed, np.array([each])) for seed, each in enumerate((nan, 1.0, 2.0))]
    (row,) = Contested(tuple(curves)).rows([1])
    assert row["not_found"] == 1
    assert row["after_1"] is None
    assert row["median_1"] == 2.0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"budgets": ["macs<=1000001", "macs<=1000002"]}, "another one reads macs <= 1M as well"),
        ({"file": []}, "names no table"),
        ({"batch": 0}, "batch: 0 is not positive"),
        ({"workers": -1}, "workers: -1 is not positive"),
        ({"workers": 0}, "workers: 0 is not positive"),
        ({"evaluations": 2.5}, "evaluations: 2.5 is no whole number"),
        ({"budgets": "macs<=q101"}, "quantiles go from q0 to q100"),
        ({"samplers": "rando"}, "unknown sampler 'rando'; did you mean 'random'"),
        ({"budgets": ["macs<=q101"]}, "quantiles go from q0 to q100"),
        ({"score": "tst"}, "no column 'tst'; did you mean 'test'"),
    ],
)
def test_what_does_not_hold_is_refused(project, tmp_path, words, message):
    given = {"file": tmp_path / "small.csv", "value": "acc", **FEW, **words}
    with pytest.raises(DseError, match=message):
        project.compare(**given)
