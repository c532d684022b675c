"""Oracle: a slow, plain reading of the formula in arXiv:2006.04647."""

import itertools

import pytest
import torch
from torch import nn

from dse.errors import DseError
from dse.search.objectives import naswot
from dse.space import build_network
from tests.search.objectives.networks import point
from tests.space.shipped import family


@pytest.fixture(scope="module")
def small():
    page = family("resnet").variant("resnet18")
    return page.resolve(page.settings_of({"resolution": 32, "width": 0.25}))


def plainly(network: nn.Module, images: torch.Tensor) -> float:
    """Compare the codes of every two images, unit by unit."""
    codes: list[list[bool]] = [[] for _ in images]

    def observe(module, inputs, output):
        for code, values in zip(codes, output, strict=True):
            code.extend((values > 0).flatten().tolist())

    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_forward_hook(observe)
    with torch.no_grad():
        network(images)
    kernel = torch.zeros(len(images), len(images), dtype=torch.float64)
    for i, j in itertools.product(range(len(images)), repeat=2):
        hamming = sum(a != b for a, b in zip(codes[i], codes[j], strict=True))
        kernel[i, j] = len(codes[i]) - hamming
    return float(torch.log(torch.linalg.det(kernel / kernel.max()))) + len(images) * float(
        torch.log(kernel.max())
    )


def test_naswot_is_the_formula_of_the_paper(small):
    torch.manual_seed(3)
    network = build_network(small)
    score = naswot(point(small), network, "cpu", seed=5, batch=6)
    images = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(5))
    assert score == pytest.approx(plainly(network.train(), images), rel=1e-6)


def test_naswot_leaves_no_hooks(small):
    network = build_network(small)
    naswot(point(small), network, "cpu", seed=0, batch=4)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def test_naswot_needs_units_that_are_on_or_off(small):
    with pytest.raises(DseError, match="rectifying activations"):
        naswot(point(small), nn.Sequential(nn.Linear(2, 2)), "cpu", seed=0)
