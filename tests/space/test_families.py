"""Oracle: torchvision's own models, tensor by tensor and output by output."""

import pytest
import torch
from torchvision import models

import dse
from dse.costs import Costs
from dse.space import BlockTable, build_network
from tests.space.shipped import FAMILIES, default_grid, family

VARIANTS = [(name, variant) for name in FAMILIES for variant in family(name).variants]


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_variant_is_the_model_of_torchvision_that_it_is_named_after(name, variant):
    page = family(name).variant(variant)
    network = build_network(page.resolve(page.defaults)).eval()
    reference = getattr(models, variant)().eval()
    ours, theirs = network.state_dict(), reference.state_dict()
    assert [t.shape for t in ours.values()] == [t.shape for t in theirs.values()]
    network.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(network(images), reference(images))


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_variant_costs_what_torchvision_publishes(name, variant):
    page = family(name).variant(variant)
    costs = BlockTable().cost(page.resolve(page.defaults))
    meta = models.get_model_weights(variant).DEFAULT.meta
    crop = models.get_model_weights(variant).DEFAULT.transforms().crop_size[0]
    assert isinstance(costs, Costs)
    assert costs.params == meta["num_params"]
    if crop == page.defaults["resolution"]:
        assert round(costs.macs / 1e9, 3) == meta["_ops"]


def test_the_models_that_the_families_stand_for_are_covered():
    required = {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152"}
    required |= {"resnext50_32x4d", "wide_resnet50_2", "mobilenet_v2"}
    assert required <= {variant for _, variant in VARIANTS}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_defaults_are_a_candidate_that_costs_what_its_built_network_does(name):
    page = family(name)
    candidate = page.resolve(page.defaults)
    costs = BlockTable().cost(candidate)
    built = dse.count(build_network(candidate), (1, *candidate.input_shape), strict=True)
    assert costs == built.costs


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_default_grid(name):
    assert default_grid(name).size > 50
