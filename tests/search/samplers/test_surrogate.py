"""Models of one quantity that grow with the observations."""

import numpy as np
import pytest

from dse.search.samplers.readings import readings
from dse.search.samplers.surrogate import Evidence, Surrogate

RNG = np.random.default_rng(0)
CHOICES = RNG.integers(0, 4, (80, 3))
COSTS = RNG.integers(1, 1000, (80, 2)).astype(float)
ORDERED = [True, True, False]


def surrogate():
    return Surrogate(readings(CHOICES, ORDERED, COSTS), seed=0, initial=6)


def models(each, points, values, number=None):
    number = len(points) if number is None else number
    return each.models(number, lambda size: Evidence(points[:size], scores(values[points[:size]])))


def scores(values):
    return (values - values.mean()) / values.std()


def predicted(found, weights):
    return weights @ np.array([model.predict(np.arange(60, 80))[0] for model in found])


@pytest.mark.parametrize("steps", [(79,), (6, 7, 50, 79), (30, 20, 3, 79)], ids=str)
def test_whoever_sees_the_same_has_the_same_models_to_the_last_bit(steps):
    values, points = RNG.normal(size=80), RNG.permutation(80)
    one, other = surrogate(), surrogate()
    for number in range(6, 80):
        expected = predicted(*models(one, points, values, number))
    for number in steps:
        found = predicted(*models(other, points, values, number))
    assert found.tolist() == expected.tolist()


def test_models_of_another_study_are_not_mixed_in():
    first, second = RNG.normal(size=80), RNG.normal(size=80)
    one, other = surrogate(), surrogate()
    models(one, np.arange(40), first)
    found = predicted(*models(one, np.arange(30), second))
    assert found.tolist() == predicted(*models(other, np.arange(30), second)).tolist()


@pytest.mark.parametrize(
    ("value", "by_settings"),
    [(CHOICES[:, 0] * 1.0 + (CHOICES[:, 2] == 2), True), (np.sqrt(COSTS[:, 0]), False)],
    ids=["by settings", "by costs"],
)
def test_the_data_say_what_predicts(value, by_settings):
    found, weights = models(surrogate(), np.arange(40), value)
    alone = readings(CHOICES, ORDERED, COSTS)[0 if by_settings else 1].size
    assert weights[[m.kernel.size == alone for m in found]].sum() > 0.3
    wrong = readings(CHOICES, ORDERED, COSTS)[1 if by_settings else 0].size
    assert weights[[m.kernel.size == wrong for m in found]].sum() < 0.05
