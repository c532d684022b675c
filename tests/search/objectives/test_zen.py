"""Oracle: a slow, plain reading of algorithm 1 of arXiv:2102.01063."""

import math

import pytest
import torch
from torch import nn

from dse.errors import DseError
from dse.search.objectives import zen
from tests.search.objectives.networks import convolutional, point, small_mlp


def plainly(network, seed, batch, perturbation):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator))
        images = torch.randn(batch, 1, 6, 6, generator=generator)
        moved = images + perturbation * torch.randn(batch, 1, 6, 6, generator=generator)
        spreads = 0.0
        for layer in network[:6]:
            if isinstance(layer, nn.BatchNorm2d):
                variances = [float(((c - c.mean()) ** 2).mean()) for c in images.unbind(1)]
                spreads += math.log(math.sqrt(sum(variances) / len(variances)))
            images, moved = layer(images), layer(moved)
        distances = [
            math.sqrt(sum(v**2 for v in (a - b).flatten().tolist()))
            for a, b in zip(images, moved, strict=True)
        ]
    return math.log(sum(distances) / batch) + spreads


def test_zen_is_the_algorithm_of_the_paper():
    network = convolutional()
    found = zen(point(small_mlp()), network, "cpu", seed=4, batch=8, repeats=1)
    assert found == pytest.approx(plainly(convolutional(), 4, 8, 0.01), rel=1e-4)


def test_the_same_seed_scores_the_same_and_leaves_no_hooks():
    network = convolutional()
    scores = [zen(point(small_mlp()), network, "cpu", seed) for seed in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_a_network_without_an_end_is_refused():
    with pytest.raises(DseError, match="global pooling or a linear layer"):
        zen(point(small_mlp()), nn.Sequential(nn.Conv2d(1, 2, 3)), "cpu", seed=0)
