"""Regret of one value, of a score, and of several values beside Optuna's hypervolume."""

import numpy as np
import pytest
from optuna._hypervolume import compute_hypervolume

from dse.errors import DseError
from dse.search import TableColumns, read_measured
from dse.search.contests.yardsticks import BestRow, yardstick_of


def table(directory, rows, **columns):
    header = "id,one,two,three"
    lines = [f"{place}," + ",".join(map(str, row)) for place, row in enumerate(rows)]
    (directory / "t.csv").write_text("\n".join([header, *lines]) + "\n")
    return read_measured(directory / "t.csv", TableColumns(axes=("id",), **columns))


def test_the_best_by_the_value_is_judged_by_its_score(tmp_path):
    """One training and the mean of several: what a user would pick need not be the best."""
    rows = [(5, 9, 0), (7, 4, 0), (7, 8, 0), (3, 10, 0)]
    found = table(tmp_path, rows, values=("one",), score="two")
    assert yardstick_of(found).regrets([0, 1, 2, 3]).tolist() == [1, 6, 6, 6]
    assert yardstick_of(found).regrets([3, 2, 1]).tolist() == [0, 2, 2]
    least = table(tmp_path, rows, values=("one",), score="two", minimize=("one", "two"))
    assert yardstick_of(least).regrets([0, 1, 3]).tolist() == [5, 5, 6]
    assert yardstick_of(found).regrets([]).tolist() == []


def test_without_a_score_regret_is_that_of_the_best_so_far(tmp_path):
    found = table(tmp_path, [(5, 0, 0), (3, 0, 0), (8, 0, 0)], values=("one",))
    assert isinstance(yardstick_of(found), BestRow)
    assert yardstick_of(found).regrets([0, 1, 2]).tolist() == [3, 3, 0]


@pytest.mark.parametrize("values", [("one", "two"), ("one", "two", "three")])
def test_the_share_of_several_values_is_that_of_the_hypervolume(tmp_path, values):
    numbers = np.random.default_rng(3).integers(0, 30, (60, 3))
    found = table(tmp_path, numbers.tolist(), values=values, minimize=("two",))
    losses = numbers[:, : len(values)] * np.array([-1, 1, -1])[: len(values)]
    worst = losses.max(axis=0).astype(float)
    order = [7, 3, 30, 5, 59, 12]
    regrets = yardstick_of(found).regrets(order)
    whole = compute_hypervolume(losses.astype(float), worst)
    for number, regret in enumerate(regrets, start=1):
        covered = compute_hypervolume(losses[order[:number]].astype(float), worst)
        assert 1 - regret == pytest.approx(covered / whole)
    assert yardstick_of(found).regrets(range(60))[-1] == pytest.approx(0)


def test_a_front_that_covers_nothing_has_no_share(tmp_path):
    with pytest.raises(DseError, match="covers no hypervolume"):
        yardstick_of(table(tmp_path, [(0, 1, 0), (1, 0, 0)], values=("one", "two")))
