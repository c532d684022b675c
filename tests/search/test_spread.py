"""What replicates say of the noise, and what the sampler makes of it."""

import numpy as np
import optuna

from dse.search.samplers import PoolRows, PoolSampler
from dse.search.samplers.gaussian_process import condition
from dse.search.samplers.pool_model import ProcessModel
from dse.search.samplers.readings import readings
from dse.search.spread import Spread, spread_in, spread_of, variances_of_means

CANDIDATES = [{"x": float(x)} for x in range(30)]


def test_the_spread_of_replicates():
    assert spread_of([[3.0]]) is None
    assert spread_of([[1.0, 5.0], [3.0, 5.0], [5.0, 8.0]]) == Spread(3, (8.0, 6.0))


def test_the_noise_is_pooled_over_candidates():
    spreads = [Spread(3, (8.0,)), None, Spread(2, (1.0,))]
    # (8 + 1) / (2 + 1) is the variance of a single evaluation.
    assert variances_of_means(spreads) == [(1.0,), (3.0,), (1.5,)]
    assert variances_of_means([None, None]) is None


def test_a_trial_carries_its_spread():
    study = optuna.create_study()
    trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
    for name, value in Spread(3, (8.0,)).attributes().items():
        trial.set_user_attr(name, value)
    study.tell(trial, 1.0)
    assert spread_in(study.trials[0]) == Spread(3, (8.0,))


def test_known_noise_draws_the_process_less_towards_its_points():
    choices = np.arange(30)[:, None]
    kernel = readings(PoolRows(choices), [True])[0]
    points, values = np.array([3, 15, 27]), np.array([-1.0, 2.0, -1.0])
    theta, none = kernel.prior()[0], np.array([], dtype=int)
    exact, noisy = (
        ProcessModel(condition(kernel, theta, points, noise), points).predictions(values, none)
        for noise in (None, np.full(3, 1.0))
    )
    assert abs(noisy[0][1]) < abs(exact[0][1])
    assert (noisy[1] > exact[1]).all()


def test_the_sampler_knows_the_spread_of_what_it_is_told():
    sampler = PoolSampler(CANDIDATES, seed=0, initial=2)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    distributions = {"x": optuna.distributions.FloatDistribution(0, 29)}
    for x, spread in ((4.0, Spread(3, (8.0,))), (8.0, None), (20.0, Spread(2, (1.0,)))):
        study.add_trial(
            optuna.trial.create_trial(
                value=-abs(x - 20),
                params={"x": x},
                distributions=distributions,
                user_attrs=spread.attributes() if spread else None,
            )
        )
    known = sampler._books.known(study, sampler._books.others(study, 3), {})
    assert known.noise is not None
    assert known.noise.tolist() == [[1.0], [3.0], [1.5]]
    assert study.ask(distributions).params["x"] not in (4.0, 8.0, 20.0)
