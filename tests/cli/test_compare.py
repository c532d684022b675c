import csv
import statistics

import pytest

from tests.cli.command import dse, refused
from tests.search.test_comparison import TABLE

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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--samplers", "tpee"], "unknown sampler 'tpee'; did you mean 'tpe'?"),
        (["--samplers", "plain_pool"], "does not propose from a whole grid"),
        (["--budget", "macs<=1"], "no row of the table meets macs <= 1"),
        (["--budget", "macs<=1parsec"], "unknown unit"),
        (["--samplers", ""], "--samplers: names nothing"),
        (["--value", "macs"], "--value macs: a cost or an axis, and known beforehand"),
        (["--at", ","], "--at: names nothing"),
        (["--at", "soon"], "--at: 'soon' is no number of evaluations"),
        (["--picture", "regret.gif"], "regret.gif: unknown picture format"),
    ],
)
def test_bad_input_is_one_line(directory, words, message):
    assert message in refused(directory, "compare", *WORDS, *words)
