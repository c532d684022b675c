"""Curves of a comparison go into a table and come back."""

import numpy as np
import pytest

from dse.errors import DseError
from dse.project.contests.contest_curves import COLUMNS, read_curves, write_curves
from dse.search import Curve


def test_what_is_written_is_read(tmp_path):
    curves = [
        Curve(sampler, bounds, seed, np.array([3.0, 1.0 / 3, seed]), table)
        for table in ("a", "b")
        for bounds in ("", "macs <= 2")
        for sampler in ("pool", "random, or not")
        for seed in (0, 1)
    ]
    write_curves(curves, tmp_path / "made" / "curves.csv")
    found = read_curves(tmp_path / "made" / "curves.csv")
    assert [(c.table, c.sampler, c.bounds, c.seed) for c in found] == [
        (c.table, c.sampler, c.bounds, c.seed) for c in curves
    ]
    assert all((a.regret == b.regret).all() for a, b in zip(found, curves, strict=True))


def test_a_regret_that_there_is_not_is_an_empty_cell(tmp_path):
    write_curves([Curve("pool", "", 0, np.array([np.nan, 2.0]))], tmp_path / "curves.csv")
    assert (tmp_path / "curves.csv").read_text().splitlines()[1:] == [
        ",,pool,0,1,",
        ",,pool,0,2,2.0",
    ]
    (curve,) = read_curves(tmp_path / "curves.csv")
    assert np.isnan(curve.regret[0])
    assert curve.regret[1] == 2


def test_a_file_of_old_is_of_one_table(tmp_path):
    (tmp_path / "curves.csv").write_text(
        "budget,sampler,seed,evaluations,regret\nmacs <= 2,pool,0,1,0.5\n"
    )
    (curve,) = read_curves(tmp_path / "curves.csv")
    assert (curve.table, curve.bounds, curve.regret.tolist()) == ("", "macs <= 2", [0.5])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "expected the columns table, budget, sampler"),
        (f"{','.join(COLUMNS)}\n", "has no curve"),
        (f"{','.join(COLUMNS)}\nt,x,y,0,1,bad\n", r"curves\.csv:2: could not convert"),
        (f"{','.join(COLUMNS)}\nt,x,y,0\n", r"curves\.csv:2: "),
    ],
)
def test_other_files_are_refused(tmp_path, text, told):
    (tmp_path / "curves.csv").write_text(text)
    with pytest.raises(DseError, match=told):
        read_curves(tmp_path / "curves.csv")
    with pytest.raises(DseError, match="No such file"):
        read_curves(tmp_path / "none.csv")
