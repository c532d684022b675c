import csv
import statistics

import pytest

from tests.cli.command import dse, process, refused
from tests.search.contests.test_comparison import TABLE

WORDS = ("t.csv", "--value", "accuracy", "--axes", "width,depth", "--costs", "macs")


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


def test_samplers_side_by_side_as_table_csv_and_picture(directory):
    words = (*WORDS, "--budget", "macs<=1k", "--budget", "macs<=3k", "--seeds", "2")
    samplers = ("--samplers", "pool,plain_tpe,random", "--evaluations", "8", "--at", "4,8")
    outputs = ("--curves", "curves.csv", "--picture", "regret.svg", "--format", "csv")
    printed = dse(directory, "compare", *words, *samplers, *outputs).stdout
    rows = list(csv.DictReader(printed.splitlines()))
    expected = [(b, s) for b in ("1k", "3k") for s in ("pool", "plain_tpe", "random")]
    assert [(r["budget"].split()[-1], r["sampler"]) for r in rows] == expected
    curves = list(csv.DictReader((directory / "curves.csv").open()))
    assert len(curves) == 2 * 3 * 2 * 8
    for row in rows:
        same = (row["budget"], row["sampler"], "8")
        last = [
            float(c["regret"])
            for c in curves
            if (c["budget"], c["sampler"], c["evaluations"]) == same
        ]
        assert float(row["after_8"]) == pytest.approx(statistics.mean(last), abs=1e-6)
    assert "<svg" in (directory / "regret.svg").read_text()


QUICK = ("--seeds", "2", "--evaluations", "4", "--at", "4", "--workers", "1")
AXES = ("--axes", "width,depth", "--costs", "macs")


def test_medians_are_for_programs_and_ranks_for_people(directory):
    words = (*WORDS, *QUICK, "--samplers", "random,evolution,plain_random")
    budgets = ("--budget", "macs <= q50", "--budget", "q20 <= macs <= q80")
    printed = dse(directory, "compare", *words, *budgets).stdout.splitlines()
    assert printed[0].split() == ["budget", "sampler", "after_4", "error_4"]
    assert printed[1].startswith("macs <= 1.024k (q50)")
    assert printed[4].startswith("256 (q20) <= macs <= 3.072k (q80)")
    assert max(map(len, printed)) <= 80
    assert printed[8].startswith("mean ranks over 2 cases after 4 evaluations (Friedman: p = ")
    assert printed[9].split() == ["sampler", "rank"]
    assert " ± " in printed[10]
    printed = dse(directory, "compare", *words, *budgets, "--format", "csv").stdout
    rows = list(csv.DictReader(printed.splitlines()))
    assert len(rows) == 6
    assert "median_4" in rows[0]


def test_several_tables_and_values_in_batches(directory):
    (directory / "u.csv").write_text(TABLE)
    words = ("t.csv", "u.csv", "--value", "accuracy,macs", "--minimize", "macs", *AXES)
    more = ("--samplers", "random,pool", "--batch", "2", "--curves", "c.csv", "--format", "csv")
    printed = dse(directory, "compare", *words, *QUICK, *more).stdout
    rows = list(csv.DictReader(printed.splitlines()))
    assert [(row["table"], row["sampler"]) for row in rows] == [
        (table, sampler) for table in ("t", "u") for sampler in ("random", "pool")
    ]
    assert all(0 <= float(row["after_4"]) <= 1 for row in rows)
    dse(directory, "plot", "compare", "c.csv", "--picture", "two.svg")
    assert "t: no bounds" in (directory / "two.svg").read_text()


FIXED = """
import optuna


class Stubborn(optuna.samplers.RandomSampler):
    def sample_independent(self, study, trial, param_name, param_distribution):
        return 0
"""


def test_what_no_run_found_is_told(directory, monkeypatch):
    (directory / "stubborn.py").write_text(FIXED)
    monkeypatch.syspath_prepend(directory)
    samplers = ("--samplers", "plain_stubborn.Stubborn", "--allow", "stubborn")
    words = (*WORDS, *QUICK, *samplers, "--budget", "macs >= 1k", "--curves", "c.csv")
    printed = dse(directory, "compare", *words)
    assert printed.stdout.splitlines()[1].split()[-3:] == ["2", "–", "–"]
    assert "plain_Stubborn, 1k <= macs: not found by 2 of 2 seeds" in printed.stderr
    assert (directory / "c.csv").read_text().splitlines()[1].endswith("plain_Stubborn,0,1,")
    dse(directory, "plot", "compare", "c.csv", "--picture", "c.html")
    printed = dse(directory, "compare", *WORDS, *QUICK, *samplers)
    told = "plain_Stubborn, no bounds: 2 of 2 seeds found no further candidate before 4 evaluations"
    assert told in printed.stderr


def test_a_name_that_holds_a_comma_is_in_quotes(tmp_path):
    (tmp_path / "t.csv").write_text('"a,x",b b,macs,acc\n1,2,3,4\n2,2,5,6\n')
    words = ("--value", "acc", "--axes", '"a,x", b b', "--costs", "macs", "--samplers", "random")
    printed = dse(tmp_path, "compare", "t.csv", *words, "--seeds", "1", "--workers", "1").stdout
    assert "no bounds" in printed


TALKATIVE = """
import warnings
import optuna

class Talkative(optuna.samplers.RandomSampler):
    def sample_independent(self, study, trial, name, distribution):
        optuna.logging.get_logger("optuna.talkative").warning("drawn independently")
        warnings.warn_explicit("a draw", UserWarning, "cmaes.py", 1, "optuna.samplers._cmaes")
        return super().sample_independent(study, trial, name, distribution)
"""


def test_samplers_of_optuna_do_not_tell_how_they_draw(tmp_path):
    """CMA-ES warns of each setting that is a name, in each trial."""
    rows = "".join(f"{a},{b},{a * len(b)}\n" for a in range(6) for b in ("x", "yy", "zzz"))
    (tmp_path / "t.csv").write_text(f"a,b,acc\n{rows}")
    (tmp_path / "mine.py").write_text(TALKATIVE)
    samplers = "mine.Talkative,plain_mine.Talkative"
    words = ("--value", "acc", "--axes", "a,b", "--samplers", samplers, "--seeds", "1")
    done = process(tmp_path, "compare", "t.csv", *words, "--allow", "mine", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--samplers", "tpee"], "unknown sampler 'tpee'; did you mean 'tpe'?"),
        (["--samplers", "plain_pool"], "does not propose from a whole grid"),
        (["--budget", "macs<=1"], "no row of the table meets macs <= 1"),
        (["--budget", "macs<=1parsec"], "unknown unit"),
        (["--samplers", ""], "--samplers: names nothing"),
        (["--value", "macs"], "--value macs: a cost or an axis, and known beforehand"),
        (["--budget", "macs<=q101"], "q101: quantiles go from q0 to q100"),
        (["--minimize", "acc"], "--minimize: unknown column 'acc'; did you mean 'accuracy'"),
        (["--minimize", "--axes", "width"], "--minimize: unknown column '--axes'"),
        (["--unordered", "widht"], "--unordered: unknown column 'widht'; did you mean 'width'"),
        (["--score", "tset"], "t.csv: no column 'tset'"),
        (["--value", "accuracy,macs", "--score", "depth"], "--score: goes with one --value"),
        (["--samplers", "optuna.samplers.TPE"], "did you mean 'optuna.samplers.TPESampler'"),
        (["--samplers", "hub:samplers/x"], "name the folder of OptunaHub packages in --hub"),
        (["--samplers", "hub:samplers/x", "--hub", "nowhere"], "--hub nowhere: no such directory"),
        (["--at", ","], "--at: names nothing"),
        (["--at", "soon"], "--at: 'soon' is no number of evaluations"),
        (["--picture", "regret.gif"], "regret.gif: unknown picture format"),
    ],
)
def test_bad_input_is_one_line(directory, words, message):
    assert message in refused(directory, "compare", *WORDS, *words)
