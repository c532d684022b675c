"""What was measured of other candidates helps to choose among those of a pool."""

import itertools

import numpy as np
import optuna
import pytest
from scipy.stats import spearmanr

from dse.search.samplers import PoolSampler
from dse.search.samplers.earlier import MOST, EarlierTask, earlier_hint

optuna.logging.set_verbosity(optuna.logging.WARNING)
KINDS = ("plain", "wide", "gated", "none")
NAMES = [f"layer_{number}" for number in range(1, 6)]
POOL = [dict(zip(NAMES, each, strict=True)) for each in itertools.product(KINDS, repeat=5)]
WORTH = {"plain": 1.0, "wide": 2.0, "gated": 2.5, "none": 0.0}
PRICE = {"plain": 3.0, "wide": 8.0, "gated": 5.0, "none": 0.0}
COSTS = np.array([[1 + sum(PRICE[kind] for kind in each.values())] for each in POOL])


def score(candidate, resolution=32):
    """Layers count less and less, and all the more at a higher resolution."""
    each = (WORTH[kind] / (1 + place) for place, kind in enumerate(candidate.values()))
    return 60 + resolution / 32 * sum(each)


def task(number, seed=0):
    some = np.random.default_rng(seed).choice(len(POOL), number, replace=False)
    values = np.array([score(POOL[index], resolution=16) for index in some])
    candidates = [POOL[index] | {"resolution": 16} for index in some]
    return EarlierTask(candidates, 4 * COSTS[some], values)


@pytest.mark.parametrize("number", [30, MOST + 100])
def test_measurements_at_another_resolution_rank_the_pool(number):
    hint = earlier_hint(task(number), POOL, COSTS)
    assert spearmanr(hint, [score(each) for each in POOL]).statistic > 0.8


def test_a_sampler_with_a_hint_needs_fewer_evaluations():
    hint = earlier_hint(task(40), POOL, COSTS)
    best = max(map(score, POOL))
    regrets = {}
    for name, hints in (("without", None), ("with", hint[:, None])):
        regrets[name] = []
        for seed in range(3):
            sampler = PoolSampler(POOL, COSTS, hints=hints, seed=seed)
            study = optuna.create_study(sampler=sampler, direction="maximize")
            study.optimize(
                lambda trial: score({n: trial.suggest_categorical(n, KINDS) for n in NAMES}), 9
            )
            regrets[name].append(best - study.best_value)
    assert np.mean(regrets["with"]) < np.mean(regrets["without"]) / 2


def test_a_hint_that_tells_nothing_is_not_believed():
    noise = np.random.default_rng(0).normal(size=(len(POOL), 1))
    noise[::3] = np.nan
    sampler = PoolSampler(POOL, COSTS, hints=noise, seed=0)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(lambda trial: score({n: trial.suggest_categorical(n, KINDS) for n in NAMES}), 25)
    assert study.best_value == max(map(score, POOL))


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda: earlier_hint(task(1), POOL, COSTS), "has 1 measurements"),
        (lambda: earlier_hint(task(9), POOL, np.hstack([COSTS, COSTS])), "costs of shape"),
        (lambda: PoolSampler(POOL, COSTS, hints=[1.0]), "hints: shape"),
    ],
)
def test_what_does_not_fit_is_refused(refused, message):
    with pytest.raises(ValueError, match=message):
        refused()
