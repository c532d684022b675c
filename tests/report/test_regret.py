import numpy as np
import pytest

from dse.report.figures import mean_regrets, regret_figure
from dse.report.regret_picture import draw_regret
from dse.search import Curve

CURVES = [
    Curve(sampler, bounds, seed, np.linspace(3, 0, 5) + seed)
    for sampler in ("pool", "random")
    for bounds in ("macs <= 1k", "macs <= 2k")
    for seed in range(2)
]


@pytest.mark.parametrize(
    ("ending", "start"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("html", b"<!doctype html>")],
)
def test_a_panel_for_each_budget_in_every_format(ending, start, tmp_path):
    path = tmp_path / f"regret.{ending}"
    draw_regret(CURVES, "a $title", path)
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("ending", ["svg", "html"])
def test_tables_have_panels_and_what_was_not_found_a_gap(ending, tmp_path):
    regrets = {"random": [2.0, 1.0], "plain_tpe": [np.nan, np.nan]}
    curves = [
        Curve(sampler, "macs <= 1k", 0, np.array(regret), table)
        for table in ("first", "second")
        for sampler, regret in regrets.items()
    ]
    draw_regret(curves, "title", tmp_path / f"regret.{ending}")
    text = (tmp_path / f"regret.{ending}").read_text()
    assert "first: macs" in text
    assert "second: macs" in text
    for each in mean_regrets(curves):
        assert np.isnan(each.mean).all() == (each.sampler == "plain_tpe")


def test_a_gap_is_no_number_in_a_figure():
    curves = [Curve("a", "b", seed, np.array([np.nan, 1.0])) for seed in range(2)]
    assert all(None in each.y and 1.0 in each.y for each in regret_figure(curves).data)
