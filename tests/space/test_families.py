"""Oracle: torchvision's own models, tensor by tensor and output by output."""

import pytest
import torch
from torchvision import models

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting import build_without_weights, costs_under
from dse.space import build_network, cost_of
from tests.space.shipped import FAMILIES, default_grid, family, inputs_of

VARIANTS = [
    (name, variant)
    for name in FAMILIES
    for variant in family(name).variants
    if hasattr(models, variant)
]

NOT_COVERED = {
    "googlenet": "has auxiliary classifiers beside the chain of blocks",
    "inception_v3": "has an auxiliary classifier beside the chain of blocks",
}
"""By a page of blocks; `family=torchvision_model` traces them whole."""

RESOLUTIONS = {"vit_b_16": 32, "vit_l_16": 32, "vit_h_14": 28, "maxvit_t": 224}
"""Others than 64, where that does not run or is much of a burden."""


def reference_model(variant, resolution):
    builder = getattr(models, variant)
    return builder(image_size=resolution) if variant.startswith("vit") else builder()


APART = 16
"""Numbers between the beginnings of two weights in the same row, of some thousands of weights."""


def random_weights(tensors):
    """Values in the place of tensors without data, of a size at which signals stay alive.

    Weights of one size are cut from one row of numbers, each at a place of its own: to draw all of
    a large model takes longer than to run it.
    """
    weights, rows = {}, {}
    for key, tensor in tensors.items():
        if not tensor.is_meta:
            weights[key] = tensor
        elif tensor.dim() == 1:
            weights[key] = torch.empty(tensor.shape).uniform_(0.8, 1.2)
        else:
            spread = (3 * tensor.shape[0] / tensor.numel()) ** 0.5
            row = rows.get(spread, torch.empty(0))
            first = APART * len(weights)
            if first + tensor.numel() > row.numel():
                row = torch.empty(first + tensor.numel() + APART * len(tensors))
                rows[spread] = row.uniform_(-spread, spread)
            weights[key] = row[first : first + tensor.numel()].view(tensor.shape)
    return weights


@pytest.fixture(scope="module", params=VARIANTS, ids="-".join)
def pair(request):
    """A variant and the model that it is named after, without weights, and their resolution."""
    name, variant = request.param
    resolution = RESOLUTIONS.get(variant, 64)
    page = family(name).variant(variant)
    candidate = page.resolve(page.settings_of({"resolution": resolution}))
    network = build_without_weights(lambda: build_network(candidate)).eval()
    reference = build_without_weights(lambda: reference_model(variant, resolution)).eval()
    return network, reference, resolution


def test_a_variant_has_the_tensors_of_the_model_that_it_is_named_after(pair):
    shapes, expected = ([t.shape for t in model.state_dict().values()] for model in pair[:2])
    assert shapes == expected


def test_a_variant_computes_what_the_model_computes_that_it_is_named_after(pair):
    network, reference, resolution = pair
    torch.manual_seed(0)
    weights = reference.state_dict()
    weights.update(random_weights(weights))
    reference.load_state_dict(weights, assign=True)
    network.load_state_dict(
        dict(zip(network.state_dict(), weights.values(), strict=True)), assign=True
    )
    images = torch.randn(2, 3, resolution, resolution)
    with torch.no_grad():
        outputs = network(images)
        assert torch.equal(outputs, reference(images))
    assert outputs[0].std() > 0
    assert not torch.equal(outputs[0], outputs[1])


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_variant_costs_what_torchvision_publishes(name, variant):
    page = family(name).variant(variant)
    costs = cost_of(page.resolve(page.defaults))
    weights = models.get_model_weights(variant).DEFAULT
    assert page.defaults["resolution"] == weights.transforms().crop_size[0]
    assert isinstance(costs, Costs)
    assert costs.params == weights.meta["num_params"]
    assert round(costs.macs / 1e9, 3) == weights.meta["_ops"]


def test_every_classification_model_of_torchvision_is_covered_or_listed_with_the_reason():
    covered = [variant for _, variant in VARIANTS]
    assert len(covered) == len(set(covered))
    assert {*covered, *NOT_COVERED} == set(models.list_models(module=models))
    assert not NOT_COVERED.keys() & set(covered)


@pytest.mark.parametrize("name", NOT_COVERED)
def test_what_no_page_of_blocks_covers_is_a_candidate_of_the_callable_family(name):
    page = family("torchvision_model")
    candidate = page.resolve(page.settings_of({"name": name}))
    model = build_without_weights(lambda: getattr(models, name)())
    assert cost_of(candidate) == costs_under(model, (1, 3, 224, 224), Conditions())


@pytest.mark.parametrize("name", FAMILIES)
def test_the_defaults_are_a_candidate_that_costs_what_its_built_network_does(name):
    page = family(name)
    candidate = page.resolve(page.defaults)
    costs = cost_of(candidate)
    network = build_without_weights(lambda: build_network(candidate))
    assert costs == costs_under(network, inputs_of(candidate, 1), Conditions())


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_has_a_default_grid(name):
    assert default_grid(name).size > 50
