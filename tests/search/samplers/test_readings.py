"""Columns that a surrogate reads candidates by."""

import numpy as np
import pytest

from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.like_axes import like_axes
from dse.search.samplers.readings import readings, spread_columns, tree_columns

CHOICES = np.array([[0, 0], [0, 1], [1, 0], [1, 2]])
ALL = np.arange(4)
COSTS = np.array([[1e6, 0], [2e6, 3], [4e6, 5], [8e6, 0]])


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e3])
def test_the_unit_of_a_cost_is_of_no_matter(unit):
    expected = spread_columns(CHOICES, [True, False], COSTS)[ALL]
    assert spread_columns(CHOICES, [True, False], COSTS * unit)[ALL] == pytest.approx(expected)


def test_costs_that_are_the_same_for_all_or_for_another_cost_are_left_out():
    constant, doubled = np.full((4, 1), 7.0), 2 * COSTS[:, :1]
    alone = spread_columns(CHOICES, [True, False], COSTS)[ALL]
    more = np.concatenate([COSTS, constant, doubled, np.zeros((4, 1))], axis=1)
    assert spread_columns(CHOICES, [True, False], more)[ALL] == pytest.approx(alone)


def test_settings_costs_or_both():
    by_settings, by_costs, *both, _ = readings(CHOICES, [True, False], COSTS)
    # One column for an ordered setting, one a category for another.
    assert [part.columns.shape[1] for part in by_settings.parts] == [4, 4]
    # An amplitude each, and a length scale for each setting.
    assert [len(part.prior()) for part in by_settings.parts] == [1, 3]
    assert [part.columns.shape[1] for part in by_costs.parts] == [2, 2]
    assert len(both) == 2
    assert len(readings(CHOICES, [True, False], np.zeros((4, 0)))) == 2


def test_numbers_may_be_names():
    choices = np.array([[0, 5], [1, 6], [2, 7], [1, 5]])
    *_, by_names = readings(choices, [True, True], np.zeros((4, 0)))
    assert by_names.parts[0].columns.shape[1] == 6
    unordered = readings(choices, [False, False], np.zeros((4, 0)))
    assert len(unordered) == len(readings(choices, [True, True], np.zeros((4, 0)))) - 1


def test_like_axes_share_what_is_learned_of_a_choice():
    names = ["a", "b", "c", "width"]
    rows = [("x", "y", "z", 1), ("y", "x", "z", 2), ("x", "x", "y", 4), ("z", "z", "z", 8)]
    candidates = [dict(zip(names, row, strict=True)) for row in rows]
    (alike,) = like_axes(CandidateTable.of(candidates))
    assert alike.axes == (0, 1, 2)
    assert alike.counts().rows(ALL).tolist() == [[1, 1, 1], [1, 1, 1], [2, 1, 0], [0, 0, 3]]
    assert alike.counts_along().rows(ALL).tolist() == [
        [-1, 0, 1],
        [0, -1, 1],
        [-1, 1, 0],
        [0, 0, 0],
    ]
    choices = np.array([[0, 1, 2, 0], [1, 0, 2, 1], [0, 0, 1, 2], [2, 2, 2, 3]])
    ordered = [False, False, False, True]
    plain = readings(choices, ordered, np.zeros((4, 0)))
    assert len(readings(choices, ordered, np.zeros((4, 0)), [alike])) == len(plain) + 1


def test_axes_of_other_choices_are_not_alike():
    candidates = [{"a": 1, "b": 1, "c": "x"}, {"a": 2, "b": 2, "c": "y"}]
    assert like_axes(CandidateTable.of(candidates)) == ()


def test_trees_ask_for_settings_costs_and_counts():
    columns = tree_columns(CHOICES, [True, False], COSTS)
    assert columns.rows(ALL).shape == (4, 4)
    assert columns.ordered.tolist() == [True, False, True, True]
    alone = tree_columns(np.zeros((3, 2), dtype=int), [True, True], np.zeros((3, 0)))
    assert alone.rows(np.arange(3)).shape == (3, 1)
