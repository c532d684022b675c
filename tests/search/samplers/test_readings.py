"""Columns that a surrogate reads candidates by."""

import numpy as np
import pytest

from dse.search.samplers.readings import readings, spread_columns

CHOICES = np.array([[0, 0], [0, 1], [1, 0], [1, 2]])
COSTS = np.array([[1e6, 0], [2e6, 3], [4e6, 5], [8e6, 0]])


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e3])
def test_the_unit_of_a_cost_is_of_no_matter(unit):
    expected = spread_columns(CHOICES, [True, False], COSTS)
    assert spread_columns(CHOICES, [True, False], COSTS * unit) == pytest.approx(expected)


def test_costs_that_are_the_same_for_all_or_for_another_cost_are_left_out():
    constant, doubled = np.full((4, 1), 7.0), 2 * COSTS[:, :1]
    alone = spread_columns(CHOICES, [True, False], COSTS)
    more = np.concatenate([COSTS, constant, doubled, np.zeros((4, 1))], axis=1)
    assert spread_columns(CHOICES, [True, False], more) == pytest.approx(alone)


def test_settings_costs_or_both():
    by_settings, by_costs, *both = readings(CHOICES, [True, False], COSTS)
    # One column for an ordered setting, one a category for another.
    assert [part.columns.shape[1] for part in by_settings.parts] == [4, 4]
    assert [part.scales for part in by_settings.parts] == [0, 2]
    assert [part.columns.shape[1] for part in by_costs.parts] == [2, 2]
    assert len(both) == 2
    assert len(readings(CHOICES, [True, False], np.zeros((4, 0)))) == 1
