"""Models of one quantity that grow with the observations."""

import numpy as np
import pytest

from dse.search.samplers.readings import readings
from dse.search.samplers.surrogate import Surrogate

RNG = np.random.default_rng(0)
CHOICES = RNG.integers(0, 4, (80, 3))
COSTS = RNG.integers(1, 1000, (80, 2)).astype(float)
ORDERED = [True, True, False]


def surrogate():
    return Surrogate(readings(CHOICES, ORDERED, COSTS), seed=0)


def scores(values):
    return (values - values.mean()) / values.std()


def predicted(models, weights):
    return weights @ np.array([model.predict(np.arange(60, 80))[0] for model in models])


def test_the_order_of_the_observations_is_of_no_matter():
    values = RNG.normal(size=80)
    one, other = surrogate(), surrogate()
    for each in (one, other):
        each.models(np.arange(40), scores(values[:40]))
    straight = np.arange(42)
    turned = np.array([41, *range(39, -1, -1), 40])
    first = predicted(*one.models(straight, scores(values[:42])[straight]))
    second = predicted(*other.models(turned, scores(values[:42])[turned]))
    assert second == pytest.approx(first, abs=1e-8)


@pytest.mark.parametrize(
    ("value", "by_settings"),
    [(CHOICES[:, 0] * 1.0 + (CHOICES[:, 2] == 2), True), (np.sqrt(COSTS[:, 0]), False)],
    ids=["by settings", "by costs"],
)
def test_the_data_say_what_predicts(value, by_settings):
    models, weights = surrogate().models(np.arange(40), scores(value[:40]))
    alone = readings(CHOICES, ORDERED, COSTS)[0 if by_settings else 1].size
    assert weights[[m.kernel.size == alone for m in models]].sum() > 0.3
    wrong = readings(CHOICES, ORDERED, COSTS)[1 if by_settings else 0].size
    assert weights[[m.kernel.size == wrong for m in models]].sum() < 0.05
