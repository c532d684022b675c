import numpy as np
import pytest

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
