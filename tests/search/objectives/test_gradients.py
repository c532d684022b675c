"""Oracles: slow, plain readings of the papers' formulas, in double precision."""

import copy
import math

import pytest
import torch
from torch import nn

from dse.errors import DseError
from dse.search.objectives import grad_norm, grasp, snip, synflow
from tests.search.objectives.networks import convolutional, point, small_mlp

BATCH = 6
SCORES = {"grad_norm": grad_norm, "snip": snip, "grasp": grasp}


@pytest.fixture
def network():
    torch.manual_seed(3)
    return convolutional()


def double_copy(network):
    copy = convolutional().double()
    copy.load_state_dict(network.state_dict())
    return copy.train()


def gradients(network, weights, values):
    """The gradient of each weight at given values, of the loss on the batch that the seed draws."""
    generator = torch.Generator().manual_seed(5)
    images = torch.randn(BATCH, 1, 6, 6, generator=generator).double()
    labels = torch.randint(3, (BATCH,), generator=generator)
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)
    outputs = network(images)
    loss = sum(math_log_sum(row) - row[label] for row, label in zip(outputs, labels, strict=True))
    network.zero_grad()
    (loss / BATCH).backward()
    return [weight.grad.clone() for weight in weights]


def math_log_sum(row):
    return torch.log(torch.exp(row).sum())


def plainly(network):
    """The weights of convolutions and linear layers, with their gradients and H g."""
    copy = double_copy(network)
    weights = [m.weight for m in copy if isinstance(m, nn.Conv2d | nn.Linear)]
    values = [w.detach().clone() for w in weights]
    slopes = gradients(copy, weights, values)
    step = 1e-5
    ahead = gradients(copy, weights, [v + step * g for v, g in zip(values, slopes, strict=True)])
    behind = gradients(copy, weights, [v - step * g for v, g in zip(values, slopes, strict=True)])
    curved = [(a - b) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    return values, slopes, curved


def test_grad_norm_is_the_sum_of_the_norms(network):
    _, slopes, _ = plainly(network)
    expected = sum(math.sqrt(sum(v**2 for v in g.flatten().tolist())) for g in slopes)
    found = grad_norm(point(small_mlp()), network, "cpu", 5, BATCH)
    assert found == pytest.approx(expected, rel=1e-4)


def test_snip_is_the_sum_of_the_sensitivities(network):
    values, slopes, _ = plainly(network)
    expected = sum(
        abs(v * g)
        for value, slope in zip(values, slopes, strict=True)
        for v, g in zip(value.flatten().tolist(), slope.flatten().tolist(), strict=True)
    )
    found = snip(point(small_mlp()), network, "cpu", 5, BATCH)
    assert found == pytest.approx(expected, rel=1e-4)


def test_grasp_is_minus_the_weights_times_the_hessian_times_the_gradient(network):
    values, _, curved = plainly(network)
    expected = -sum(float((v * h).sum()) for v, h in zip(values, curved, strict=True))
    found = grasp(point(small_mlp()), network, "cpu", 5, BATCH)
    assert found == pytest.approx(expected, rel=1e-3)


def test_synflow_is_the_product_of_the_magnitudes_once_a_layer():
    """Without biases every layer's flow is the same: the output at an input of ones."""
    torch.manual_seed(1)
    network = nn.Sequential(
        nn.Flatten(), nn.Linear(36, 7, bias=False), nn.ReLU(), nn.Linear(7, 3, bias=False)
    )
    first, second = (network[i].weight.detach().double().abs() for i in (1, 3))
    output = sum(
        float(second[k, j] * first[j, i]) for k in range(3) for j in range(7) for i in range(36)
    )
    found = synflow(point(small_mlp()), network, "cpu")
    assert found == pytest.approx(math.log(2 * output))


def test_synflow_passes_through_a_bounded_rectifier():
    torch.manual_seed(1)
    plain = nn.Sequential(nn.Flatten(), nn.Linear(36, 99), nn.ReLU(), nn.Linear(99, 3))
    bounded = copy.deepcopy(plain)
    bounded[2] = nn.ReLU6()
    large = point(small_mlp())
    for network in (plain, bounded):
        network[1].weight.data *= 50
    assert synflow(large, bounded, "cpu") == synflow(large, plain, "cpu")


@pytest.mark.parametrize("name", SCORES)
def test_the_same_seed_scores_the_same_and_another_does_not(network, name):
    def score(seed):
        return SCORES[name](point(small_mlp()), double_copy(network).float(), "cpu", seed)

    assert score(1) == score(1) != score(2)


@pytest.mark.parametrize("name", SCORES)
def test_a_network_without_weights_is_refused(name):
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(36))
    with pytest.raises(DseError, match="convolutions or linear layers"):
        SCORES[name](point(small_mlp()), network, "cpu", 0)
