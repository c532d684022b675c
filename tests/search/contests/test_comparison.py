"""Regret on tables whose optimum is known, and on NAS-Bench-Macro."""

from dataclasses import replace

import numpy as np
import optuna
import pytest

from dse.errors import DseError
from dse.search import Case, Contestant, Curve, TableColumns, compare, read_measured, summarise
from dse.search.contests.comparison import run_curve
from dse.search.measured_tables.table_bounds import Bounds, parse_bounds
from dse.search.samplers import PoolSampler

TABLE = "width,depth,macs,accuracy\n" + "".join(
    f"{w},{d},{w * w * d},{100 - (w - 24) ** 2 / 10 - 3 * abs(d - 3)}\n"
    for w in (8, 16, 24, 32, 40)
    for d in (1, 2, 3, 4)
)

COLUMNS = TableColumns(("accuracy",), ("macs",), ("width", "depth"))


def ours():
    return lambda pool, seed: PoolSampler(pool.candidates, pool.cost_matrix, seed=seed)


def tpe():
    return lambda pool, seed: optuna.samplers.TPESampler(seed=seed, multivariate=True)


@pytest.fixture
def table(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return read_measured(tmp_path / "t.csv", COLUMNS)


@pytest.mark.parametrize("contestant", [Contestant("ours", ours), Contestant("tpe", tpe, True)])
def test_regret_falls_to_the_best_row_within_the_bounds(table, contestant):
    bounds = parse_bounds("macs<=1k", ["macs"])
    within = table.within(bounds)
    assert within.values.max() == 94
    curve = run_curve(Case(table, bounds), contestant, 0, 1000)
    assert len(curve.regret) == len(within.values) == 8
    assert (np.diff(curve.regret) <= 0).all()
    assert curve.regret[-1] == 0


def test_words_are_axes_of_characters(tmp_path):
    (tmp_path / "t.csv").write_text("arch,cost,score\n001,5,0.5\n010,6,0.25\n200,7,0.75\n")
    columns = TableColumns(("score",), ("cost",), characters="arch", minimize=("score",))
    table = read_measured(tmp_path / "t.csv", columns)
    assert table.pool.candidates[2] == {"arch_1": "2", "arch_2": "0", "arch_3": "0"}
    assert table.values.tolist() == [[0.5], [0.25], [0.75]]
    assert table.gains.tolist() == [[-0.5], [-0.25], [-0.75]]


def test_costs_need_not_be_whole(tmp_path):
    (tmp_path / "t.csv").write_text("width,mb,score\n1,0.05,1\n2,0.45,2\n3,0.55,3\n")
    table = read_measured(tmp_path / "t.csv", TableColumns(("score",), ("mb",), ("width",)))
    bounds = parse_bounds("mb<=0.5", ["mb"])
    assert str(bounds) == "mb <= 0.5"
    assert table.within(bounds).values.tolist() == [[1], [2]]
    assert bounds.violations({"mb": 0.75}) == {"mb high": 0.5}


def test_a_summary_is_over_the_seeds():
    curves = [Curve("a", "b", seed, np.array([4.0, last])) for seed, last in enumerate((0, 1, 2))]
    first, second = summarise(curves, [1, 2])
    assert (first.mean, first.error, first.seeds) == (4.0, 0.0, 3)
    assert (second.mean, second.median, second.worst) == (1.0, 1.0, 2.0)
    assert second.error == pytest.approx(1 / np.sqrt(3))


@pytest.mark.filterwarnings("error")
def test_very_large_regrets_have_an_error():
    curves = [Curve("a", "b", seed, np.array([1e300 * seed])) for seed in range(3)]
    (found,) = summarise(curves, [1])
    assert found.error == pytest.approx(1e300 / np.sqrt(3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"values": ("acuracy",)}, "no column 'acuracy'; did you mean 'accuracy'"),
        ({"axes": ()}, "name the columns of the settings, as in --axes width,"),
        ({"axes": ("width",)}, "row 2: macs is 128, and 64 in row 1, of the same settings"),
        ({"costs": ("change",)}, "row 1: change is -1, and a cost is 0 or more"),
        ({"characters": "change", "axes": ()}, "row 2: macs is 128, and 64 in row 1"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path, arguments, message):
    header, *rows = TABLE.splitlines()
    table = [f"{header},change", *(f"{row},-1" for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(table))
    with pytest.raises(DseError, match=message):
        read_measured(tmp_path / "t.csv", replace(COLUMNS, **arguments))


def test_a_table_without_a_full_row_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("width,accuracy\n8,\n,0.5\n")
    for words in ({"axes": ("width",)}, {"characters": "width"}):
        with pytest.raises(DseError, match="no row has a value in each of the columns"):
            read_measured(tmp_path / "t.csv", TableColumns(("accuracy",), **words))


def test_one_worker_runs_the_curves_in_their_order(table):
    # What cannot be sent to another process runs in this one.
    contestant = Contestant("ours", lambda: ours())
    case = Case(table, Bounds({}))
    curves = list(compare([case], [contestant], 2, 4, workers=1))
    assert [curve.seed for curve in curves] == [0, 1]
    for curve in curves:
        again = run_curve(case, contestant, curve.seed, 4)
        assert curve.regret.tolist() == again.regret.tolist()


def test_bounds_that_do_not_hold_are_refused(table):
    with pytest.raises(DseError, match="unknown cost 'mac'; did you mean 'macs'"):
        parse_bounds("mac<=1k", ["macs"])
    with pytest.raises(DseError, match="column 1"):
        parse_bounds("macs", ["macs"])
    both = parse_bounds("macs>=1k,macs<=2k", ["macs"])
    assert both.ends == {"macs": (1000, 2000)}
    for same in ("1k <= macs <= 2k", "macs >= 1k and macs <= 2k", "2 * macs <= 4k, macs>=1k"):
        assert parse_bounds(same, ["macs"]) == both
    quoted = parse_bounds(
        "`this or that` < 3 * macs, (macs < 2 or macs > 9)", ["this or that", "macs"]
    )
    assert str(quoted) == "`this or that` < 3 * macs and (macs < 2 or macs > 9)"
    either = parse_bounds("macs in (1, 2000) or params / macs > 2, params<=9", ["macs", "params"])
    assert either.ends == {"params": (None, 9)}
    columns = {"macs": np.array([1, 2, 2000, 3]), "params": np.array([1, 9, 10, 3])}
    assert either.admits(columns).tolist() == [True, True, False, False]
    (missed,) = (v for name, v in either.violations({"macs": 3, "params": 3}).items() if v > 0)
    assert missed == 1
    assert parse_bounds("size-mb<=2", ["size-mb"]).ends == {"size-mb": (None, 2)}
    assert parse_bounds("macs<=1MiB", ["macs"]).ends == {"macs": (None, 2**20)}
    assert both.violations({"macs": 500}) == {"macs low": 0.5, "macs high": -0.75}


def test_ours_beats_tpe_on_nas_bench_macro(reference_data):
    """A few of the runs of `python -m tests.rivals run`."""
    file = reference_data / "nas-bench-macro" / "nas_bench_macro.csv"
    columns = TableColumns(("mean_acc",), ("params", "flops"), characters="arch")
    table = read_measured(file, columns)
    bounds = parse_bounds("flops<=50M", ["params", "flops"])
    means = {}
    for contestant in (Contestant("ours", ours), Contestant("tpe", tpe, True)):
        curves = [run_curve(Case(table, bounds), contestant, seed, 50) for seed in range(2)]
        means[contestant.name] = np.mean([curve.regret[-1] for curve in curves])
    assert means["ours"] <= means["tpe"] / 4
