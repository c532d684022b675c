"""Oracles: plain linear algebra, finite differences, and normal draws."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from dse.search.samplers.gaussian_kernels import Kernel, KernelPart
from dse.search.samplers.gaussian_process import JITTER, condition, fit

RNG = np.random.default_rng(0)
COLUMNS = RNG.normal(size=(30, 3))
GROUPS = np.array([0, 0, 1])
KERNEL = Kernel((KernelPart("linear", COLUMNS, GROUPS), KernelPart("matern", COLUMNS, GROUPS)))
POINTS = np.arange(12)
VALUES = RNG.normal(size=12)
THETA = np.array([-3.0, -0.5, 0.2, 0.3, 0.7])


def covariance(i: int, j: int) -> float:
    """Plainly, from the book: 1 + linear + Matérn-5/2."""
    x, z = COLUMNS[i], COLUMNS[j]
    scales = np.exp(THETA[[3, 3, 4]])
    r = np.sqrt(np.sum(((x - z) / scales) ** 2))
    matern = (1 + np.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-np.sqrt(5) * r)
    return 1 + np.exp(THETA[1]) * (x @ z) / 3 + np.exp(THETA[2]) * matern


def gram(left, right):
    return np.array([[covariance(i, j) for j in right] for i in left])


def test_the_kernel_is_that_of_the_book():
    assert KERNEL.between(THETA, POINTS, POINTS) == pytest.approx(gram(POINTS, POINTS))
    assert KERNEL.variances(THETA, POINTS) == pytest.approx(np.diag(gram(POINTS, POINTS)))


def test_the_posterior_is_that_of_the_joint_normal_distribution():
    others = np.arange(12, 30)
    noisy = gram(POINTS, POINTS) + (np.exp(THETA[0]) + JITTER) * np.eye(12)
    cross = gram(others, POINTS)
    means, variances = condition(KERNEL, THETA, POINTS, VALUES).predict(others)
    assert means == pytest.approx(cross @ np.linalg.inv(noisy) @ VALUES)
    left = gram(others, others) - cross @ np.linalg.inv(noisy) @ cross.T
    assert variances == pytest.approx(np.diag(left))


def test_leave_one_out_densities_are_those_of_leaving_one_out():
    found = condition(KERNEL, THETA, POINTS, VALUES).loo_density
    noise = np.exp(THETA[0]) + JITTER
    for index in range(12):
        rest = np.delete(POINTS, index)
        posterior = condition(KERNEL, THETA, rest, np.delete(VALUES, index))
        (mean,), (variance,) = posterior.predict(np.array([index]))
        expected = multivariate_normal(mean, variance + noise).logpdf(VALUES[index])
        assert found[index] == pytest.approx(expected)


def test_the_fit_climbs_along_the_true_gradient(monkeypatch):
    seen = {}

    def check(objective, start, **options):
        value, gradient = objective(THETA)
        numeric = approx_fprime(THETA, lambda theta: objective(theta)[0], 1e-6)
        seen.update(value=value, gradient=gradient, numeric=numeric)
        return type("Found", (), {"x": THETA})

    monkeypatch.setattr("scipy.optimize.minimize", check)
    fit(KERNEL, POINTS, VALUES, None, 5)
    assert seen["gradient"] == pytest.approx(seen["numeric"], rel=1e-4, abs=1e-4)
    noisy = gram(POINTS, POINTS) + (np.exp(THETA[0]) + JITTER) * np.eye(12)
    means, spreads = KERNEL.prior()
    prior = -0.5 * np.sum(((THETA - means) / spreads) ** 2)
    likelihood = multivariate_normal(np.zeros(12), noisy).logpdf(VALUES)
    constant = 6 * np.log(2 * np.pi)
    assert -seen["value"] == pytest.approx(likelihood + constant + prior)


def test_a_process_that_grows_is_the_one_of_all_observations():
    whole = condition(KERNEL, THETA, POINTS, VALUES)
    grown = condition(KERNEL, THETA, POINTS[:5], VALUES[:5])
    for end in (6, 6, 9, 12):
        grown = grown.with_observations(POINTS[len(grown.points) : end], VALUES[:end])
    others = np.arange(12, 30)
    for found, expected in zip(grown.predict(others), whole.predict(others), strict=True):
        assert found == pytest.approx(expected)
    assert grown.loo_density == pytest.approx(whole.loo_density)


def test_believing_predictions_keeps_the_mean_and_lowers_the_variance():
    posterior = condition(KERNEL, THETA, POINTS, VALUES)
    new, others = np.array([20, 21]), np.arange(22, 30)
    believed = posterior.with_observations(new, np.concatenate([VALUES, posterior.predict(new)[0]]))
    before, after = posterior.predict(others), believed.predict(others)
    assert after[0] == pytest.approx(before[0], abs=1e-6)
    assert (after[1] < before[1]).all()
