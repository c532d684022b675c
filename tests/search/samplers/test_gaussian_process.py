"""Oracles: plain linear algebra, sums over a grid, and normal draws."""

import itertools

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from dse.search.samplers.gaussian_kernels import Kernel, LinearPart, MaternPart, PairsPart
from dse.search.samplers.gaussian_process import JITTER, condition, drawn
from dse.search.samplers.pool_model import ProcessModel

RNG = np.random.default_rng(0)
COLUMNS = RNG.normal(size=(30, 3))
GROUPS = np.array([0, 0, 1])
KERNEL = Kernel((LinearPart(COLUMNS), MaternPart(COLUMNS, GROUPS)))
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


def predicted(points, values, at, noise=None):
    model = ProcessModel(condition(KERNEL, THETA, points, noise), at)
    return model.predictions(values, np.array([], dtype=int))


def gram(left, right):
    return np.array([[covariance(i, j) for j in right] for i in left])


def test_the_kernel_is_that_of_the_book():
    assert KERNEL.between(THETA, POINTS, POINTS) == pytest.approx(gram(POINTS, POINTS))
    assert KERNEL.variances(THETA, POINTS) == pytest.approx(np.diag(gram(POINTS, POINTS)))


def test_pairs_are_summed_one_by_one():
    groups = np.array([0, 0, 1, 2])
    columns = RNG.normal(size=(30, 4))
    kernels = [columns[:, groups == g] @ columns[:, groups == g].T for g in range(3)]
    squares = [np.linalg.cholesky(k**2 + 1e-9 * np.eye(30)) for k in kernels]
    part = PairsPart(columns, np.hstack(squares), groups, np.repeat(np.arange(3), 30))
    theta = np.array([0.3, -0.2, 0.1, 0.5, -0.4])
    weights = np.exp(theta[2:]) / np.exp(theta[2:]).sum()
    weighted = [weight * kernel for weight, kernel in zip(weights, kernels, strict=True)]
    pairs = sum(2 * a * b for a, b in itertools.combinations(weighted, 2))
    expected = np.exp(theta[0]) * sum(weighted) + np.exp(theta[1]) * pairs
    everything = np.arange(30)
    assert part.between(theta, everything, everything) == pytest.approx(expected, abs=1e-6)
    assert part.variances(theta, everything) == pytest.approx(np.diag(expected), abs=1e-6)


def test_the_posterior_is_that_of_the_joint_normal_distribution():
    others = np.arange(12, 30)
    noisy = gram(POINTS, POINTS) + (np.exp(THETA[0]) + JITTER) * np.eye(12)
    cross = gram(others, POINTS)
    means, variances = predicted(POINTS, VALUES, others)
    # The rows that are kept for a whole pool are in single precision.
    assert means == pytest.approx(cross @ np.linalg.inv(noisy) @ VALUES, abs=1e-5)
    left = gram(others, others) - cross @ np.linalg.inv(noisy) @ cross.T
    assert variances == pytest.approx(np.diag(left))
    fitted = gram(POINTS, POINTS) @ np.linalg.inv(noisy) @ VALUES
    assert condition(KERNEL, THETA, POINTS).fitted(VALUES) == pytest.approx(fitted)


def test_what_is_left_out_is_predicted_by_the_rest():
    means, variances = condition(KERNEL, THETA, POINTS).left_out(VALUES)
    noise = np.exp(THETA[0]) + JITTER
    for index in range(12):
        rest = np.delete(POINTS, index), np.delete(VALUES, index)
        (mean,), (variance,) = predicted(*rest, np.array([index]))
        assert means[index] == pytest.approx(mean, abs=1e-5)
        assert variances[index] == pytest.approx(variance + noise)


def test_draws_are_of_the_posterior_of_the_hyperparameters():
    kernel = Kernel((LinearPart(COLUMNS),))
    values = COLUMNS[:12] @ np.array([1.0, -1.0, 0.5]) + 0.3 * RNG.normal(size=12)
    means, spreads = kernel.prior()
    axes = (np.linspace(-4, 4, 61)[:, None] * spreads + means).T
    grid = np.array(list(itertools.product(*axes)))

    def density(theta):
        covariance = 1 + np.exp(theta[1]) / 3 * COLUMNS[:12] @ COLUMNS[:12].T
        covariance += (np.exp(theta[0]) + JITTER) * np.eye(12)
        prior = norm(means, spreads).logpdf(theta).sum()
        return prior + multivariate_normal(np.zeros(12), covariance).logpdf(values)

    logs = np.array([density(theta) for theta in grid])
    weights = np.exp(logs - logs.max())
    expected = weights @ grid / weights.sum()
    deviation = np.sqrt(weights @ (grid - expected) ** 2 / weights.sum())
    found = np.array(drawn(kernel, POINTS, values, None, 1500, 2, np.random.default_rng(0)))
    assert np.abs(found[100:].mean(axis=0) - expected).max() < 0.2 * deviation.min()
    assert found[100:].std(axis=0) == pytest.approx(deviation, rel=0.2)


@pytest.mark.parametrize("asked_at", [(), (7,), range(6, 13)], ids=str)
def test_a_model_that_grows_is_the_one_of_all_observations(asked_at):
    others, none = np.arange(12, 30), np.array([], dtype=int)
    model = ProcessModel(condition(KERNEL, THETA, POINTS[:5]), others)
    for number in range(5, 12):
        model.grow(POINTS[number])
        if number + 1 in asked_at:
            model.predictions(VALUES[: number + 1], none)
    means, variances = model.predictions(VALUES, none)
    expected = predicted(POINTS, VALUES, others)
    assert means == pytest.approx(expected[0], abs=1e-5)
    assert variances == pytest.approx(expected[1], abs=1e-5)
    again = ProcessModel(condition(KERNEL, THETA, POINTS[:5]), others)
    for point in POINTS[5:]:
        again.grow(point)
    for found, same in zip((means, variances), again.predictions(VALUES, none), strict=True):
        assert found.tolist() == same.tolist(), "to the last bit, whenever it was asked"
