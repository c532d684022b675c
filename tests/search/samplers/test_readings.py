"""Columns that a surrogate reads candidates by."""

import numpy as np
import pytest

from dse.search.samplers.like_axes import like_axes
from dse.search.samplers.pool_rows import PoolRows
from dse.search.samplers.readings import readings, spread_columns, tree_columns

CHOICES = np.array([[0, 0], [0, 1], [1, 0], [1, 2]])
ALL = np.arange(4)
COSTS = np.array([[1e6, 0], [2e6, 3], [4e6, 5], [8e6, 0]])
ROWS = PoolRows(CHOICES, COSTS)


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e3])
def test_the_unit_of_a_cost_is_of_no_matter(unit):
    expected = spread_columns(ROWS, [True, False])[ALL]
    assert spread_columns(PoolRows(CHOICES, COSTS * unit), [True, False])[ALL] == pytest.approx(
        expected
    )


def test_costs_that_are_the_same_for_all_or_for_another_cost_are_left_out():
    constant, doubled = np.full((4, 1), 7.0), 2 * COSTS[:, :1]
    alone = spread_columns(ROWS, [True, False])[ALL]
    more = np.concatenate([COSTS, constant, doubled, np.zeros((4, 1))], axis=1)
    assert spread_columns(PoolRows(CHOICES, more), [True, False])[ALL] == pytest.approx(alone)


def test_settings_costs_or_both():
    by_settings, by_costs, *both, _ = readings(ROWS, [True, False])
    # One column for an ordered setting, one a category for another.
    assert [part.columns.shape[1] for part in by_settings.parts] == [4, 4]
    # An amplitude each, and a length scale for each setting.
    assert [len(part.prior()) for part in by_settings.parts] == [1, 3]
    assert [part.columns.shape[1] for part in by_costs.parts] == [2, 2]
    assert len(both) == 2
    assert len(readings(PoolRows(CHOICES), [True, False])) == 2


def test_numbers_may_be_names():
    rows = PoolRows(np.array([[0, 5], [1, 6], [2, 7], [1, 5]]))
    *_, by_names = readings(rows, [True, True])
    assert by_names.parts[0].columns.shape[1] == 6
    unordered = readings(rows, [False, False])
    assert len(unordered) == len(readings(rows, [True, True])) - 1


def test_like_axes_share_what_is_learned_of_a_choice():
    like = ["x", "y", "z"]
    (alike,) = like_axes({"a": like, "b": like, "c": like, "width": [1, 2, 4, 8]})
    candidates = PoolRows(np.array([[0, 1, 2, 0], [1, 0, 2, 1], [0, 0, 1, 2], [2, 2, 2, 3]]))
    assert alike.axes == (0, 1, 2)
    assert alike.counts(candidates).rows(ALL).tolist() == [
        [1, 1, 1],
        [1, 1, 1],
        [2, 1, 0],
        [0, 0, 3],
    ]
    assert alike.counts_along(candidates).rows(ALL).tolist() == [
        [-1, 0, 1],
        [0, -1, 1],
        [-1, 1, 0],
        [0, 0, 0],
    ]
    ordered = [False, False, False, True]
    plain = readings(candidates, ordered)
    assert len(readings(candidates, ordered, [alike])) == len(plain) + 1


def test_axes_of_other_choices_are_not_alike():
    assert like_axes({"a": [1, 2], "b": [1, 2], "c": ["x", "y"]}) == ()


def test_trees_ask_for_settings_costs_and_counts():
    columns = tree_columns(ROWS, [True, False])
    assert columns.rows(ALL).shape == (4, 4)
    assert columns.ordered.tolist() == [True, False, True, True]
    alone = tree_columns(PoolRows(np.zeros((3, 2), dtype=int)), [True, True])
    assert alone.rows(np.arange(3)).shape == (3, 1)
