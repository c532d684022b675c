"""Models of one quantity that grow with the observations."""

from functools import cache

import numpy as np
import pytest

from dse.search.samplers.forest_model import ForestModel, GrownForest
from dse.search.samplers.pool_model import ProcessModel
from dse.search.samplers.pool_rows import PoolRows
from dse.search.samplers.readings import readings, tree_columns
from dse.search.samplers.surrogate import Evidence, Surrogate, learning_sizes

RNG = np.random.default_rng(0)
CHOICES = RNG.integers(0, 4, (80, 3))
COSTS = RNG.integers(1, 1000, (80, 2)).astype(float)
ROWS = PoolRows(CHOICES, COSTS)
ORDERED = [True, True, False]
LOOKED_AT = np.arange(60, 80)


def surrogate():
    trees = tree_columns(ROWS, ORDERED)
    return Surrogate(readings(ROWS, ORDERED), trees, 0, initial=6)


def models(each, points, values, number=None):
    number = len(points) if number is None else number
    first = lambda size: Evidence(points[:size], scores(values[points[:size]]))  # noqa: E731
    found = each.models(number, first, LOOKED_AT)
    return found.models, found.weights


def scores(values):
    return (values - values.mean()) / values.std()


def predicted(found, weights, values):
    none = np.array([], dtype=int)
    return weights @ np.array([model.predictions(values, none)[0] for model in found])


@cache
def seen_one_by_one():
    """Values at points, and what is predicted by who has seen each come in."""
    values, points, one = RNG.normal(size=80), RNG.permutation(80), surrogate()
    for number in range(6, 80):
        given = scores(values[points[:number]])
        expected = predicted(*models(one, points, values, number), given)
    return values, points, expected


@pytest.mark.parametrize("steps", [(79,), (6, 7, 50, 79), (30, 20, 3, 79)], ids=str)
def test_whoever_sees_the_same_has_the_same_models_to_the_last_bit(steps):
    values, points, expected = seen_one_by_one()
    other = surrogate()
    for number in steps:
        given = scores(values[points[:number]])
        found = predicted(*models(other, points, values, number), given)
    assert found.tolist() == expected.tolist()


def test_models_of_another_study_are_not_mixed_in():
    first, second = RNG.normal(size=80), RNG.normal(size=80)
    one, other = surrogate(), surrogate()
    models(one, np.arange(40), first)
    given = scores(second[:30])
    found = predicted(*models(one, np.arange(30), second), given)
    assert found.tolist() == predicted(*models(other, np.arange(30), second), given).tolist()


@pytest.mark.parametrize(
    ("value", "by_settings"),
    [(CHOICES[:, 0] * 1.0 + (CHOICES[:, 2] == 2), True), (np.sqrt(COSTS[:, 0]), False)],
    ids=["by settings", "by costs"],
)
def test_the_data_say_what_predicts(value, by_settings):
    known = Evidence(np.arange(40), scores(value[:40]))
    kernels = readings(ROWS, ORDERED)
    found = surrogate().models(40, lambda size: known, LOOKED_AT)
    of = [kernels_of(model, kernels) for model in found.models]
    right, wrong = (0, 1) if by_settings else (1, 0)
    weight = [
        sum(w for w, each in zip(found.weights, of, strict=True) if each == i) for i in range(2)
    ]
    assert weight[right] > 0.2
    assert weight[wrong] < 0.05


def kernels_of(model, kernels):
    """Return which reading a model is by; −1 for trees."""
    sizes = [len(kernel.prior()[0]) for kernel in kernels]
    return sizes.index(len(model.posterior.theta)) if isinstance(model, ProcessModel) else -1


def test_pending_candidates_are_taken_to_come_out_as_predicted():
    values, pending = RNG.normal(size=40), np.array([60])
    found, _ = models(surrogate(), np.arange(40), values)
    given, none = scores(values), np.array([], dtype=int)
    processes = [model for model in found if isinstance(model, ProcessModel)]
    assert processes
    for model in processes:
        (mean, before), (believed, after) = (
            model.predictions(given, some) for some in (none, pending)
        )
        assert believed == pytest.approx(mean)
        assert (after <= before).all()
        # As of any observation: the variances of both make one.
        both = 1 / (1 / before[0] + 1 / model.noise)
        assert after[0] == pytest.approx(both, rel=1e-3)


def test_trees_believe_what_is_pending_as_well():
    values, pending = RNG.normal(size=40), np.array([60])
    seen, columns = (np.arange(40), scores(values[:40])), tree_columns(ROWS, ORDERED)
    model = ForestModel(GrownForest(columns, LOOKED_AT, *seen, 0), *seen)
    alone, believed = (
        model.predictions(scores(values), some)[0] for some in (np.array([], dtype=int), pending)
    )
    assert believed.tolist() != alone.tolist()
    assert believed[0] == pytest.approx(alone[0], abs=0.5)


def test_of_many_observations_the_best_are_used_and_those_since(monkeypatch):
    monkeypatch.setattr("dse.search.samplers.surrogate.USED", 20)
    values = RNG.normal(size=80)
    first = lambda size: Evidence(np.arange(size), scores(values[:size]))  # noqa: E731
    found = surrogate().models(60, first, LOOKED_AT)
    size = learning_sizes(60, 6)[-1]
    assert len(found.used) == 20 + 60 - size
    assert {*np.argsort(-values[:size])[:10]} <= {*found.used}
    assert {*range(size, 60)} <= {*found.used}
