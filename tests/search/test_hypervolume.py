"""Oracle: the hypervolume as Optuna computes it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna._hypervolume import compute_hypervolume

from dse.search.hypervolume import hypervolume

COORDINATES = st.integers(0, 6).map(float)


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
@settings(max_examples=40)
@given(data=st.data())
def test_hypervolume_is_that_of_optuna(objectives, data):
    point = st.tuples(*[COORDINATES] * objectives)
    points = np.array(data.draw(st.lists(point, min_size=1, max_size=8)))
    reference = np.array(data.draw(point)) + 1
    inside = points[(points < reference).all(axis=1)]
    expected = compute_hypervolume(inside, reference) if len(inside) else 0.0
    assert hypervolume(points, reference) == pytest.approx(expected)
