"""Fronts of one point each, and several in a row, against comparing every pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dse.dominance import distinct_front, fronts, non_dominated

POINTS = st.lists(st.tuples(*[st.integers(0, 4)] * 4), min_size=1, max_size=30).map(np.array)


def beats(one, other):
    """Whether a point is nowhere worse; of equal ones the first."""
    return all(a <= b for a, b in zip(one, other, strict=True))


@given(points=POINTS)
def test_a_distinct_front_has_each_value_of_the_front_once(points):
    columns = list(points.T)
    distinct = points[distinct_front(columns)]
    expected = np.unique(points[non_dominated(columns)], axis=0)
    assert sorted(distinct.tolist()) == expected.tolist()


@given(points=POINTS, number=st.integers(1, 5))
def test_what_no_front_has_is_beaten_by_as_many_that_fronts_have(points, number):
    kept = fronts(list(points.T), number)
    assert len(set(kept.tolist())) == len(kept)
    for left in set(range(len(points))) - set(kept.tolist()):
        assert sum(beats(points[one], points[left]) for one in kept) >= number


@pytest.mark.parametrize("levels", [1, 3, 39, 41, 300])
def test_few_and_many_values_of_an_objective_give_the_same(levels):
    random = np.random.default_rng(levels)
    points = random.integers(0, 60, (400, 4))
    points[:, 1] = random.integers(0, levels, 400)
    expected = [
        i
        for i, one in enumerate(points)
        if not any((two <= one).all() and (two < one).any() for two in points)
    ]
    assert non_dominated(list(points.T)).tolist() == expected
