"""A supernet begins from weights that somebody trained."""

import pytest
import torch
import torchvision

import dse
from dse.space import Budget, build_network, read_grid, space_of
from dse.supernet import plan_supernet, start_from
from dse.supernet.starting_weights import order_channels
from tests.space.shipped import family


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    torch.manual_seed(0)
    model = torchvision.models.mobilenet_v2().eval()
    path = tmp_path_factory.mktemp("weights") / "mobilenet_v2.pth"
    torch.save(model.state_dict(), path)
    return model, path


def started(path, importance, grid=None):
    design = space_of(
        read_grid(family("mobilenet_v2"), grid or {"resolution": 32, "expansion": [3, 6]})
    )
    planned = plan_supernet(design, Budget(), 10, 0)
    supernet = planned.supernet({}, {}, {}, 0)
    page = family("mobilenet_v2").variant("mobilenet_v2")
    candidate = page.resolve(page.defaults)
    return planned, supernet, start_from(supernet.shared, candidate, path, importance)


@pytest.mark.parametrize("importance", ["none", "l1"])
def test_the_largest_candidate_is_the_published_network(published, importance):
    model, path = published
    planned, supernet, told = started(path, importance)
    assert (told.whole, told.cut, told.left) == (158, 0, 0)
    # A row inside each of 16 blocks, and one for each of 9 widths between blocks.
    assert told.ordered == (0 if importance == "none" else 16 + 9)
    images = torch.randn(32, 3, 32, 32)
    network = supernet.network(planned.candidates.largest)
    network.module.train()
    with torch.no_grad():
        # In training mode norms take their statistics from the batch; dropout is off.
        for each in (network.module, model):
            for layer in each.modules():
                layer.train(not isinstance(layer, torch.nn.Dropout))
        torch.testing.assert_close(network(images), model(images), rtol=1e-3, atol=1e-3)


def test_the_channels_that_count_most_come_first(published):
    _, path = published
    _, supernet, _ = started(path, "l1")
    weight = supernet.shared.tensors["2.1.1.inverted_residual/conv.0.0.weight"]
    worth = weight.abs().flatten(1).sum(1)
    assert torch.equal(worth.argsort(descending=True, stable=True), torch.arange(len(worth)))


def test_a_narrower_candidate_keeps_the_channels_between_blocks_that_count_most(published):
    model, path = published
    planned, supernet, _ = started(path, "l1", {"resolution": 32, "width": [0.5, 1.0]})
    stem, project = model.features[0][0].weight, model.features[1].conv[1].weight
    worth = stem.abs().sum((1, 2, 3)) + project.abs().sum((0, 2, 3))
    most = worth.argsort(descending=True)[:16]
    narrow = supernet.network(planned.candidates.points[-1])
    assert torch.equal(narrow.weights()["0.0.weight"], stem[most])


def test_a_smaller_supernet_takes_a_part(published):
    _, path = published
    _, _, told = started(path, "none", {"resolution": 32, "width": [0.25, 0.5]})
    assert told.cut > 100
    assert told.left == 0


@pytest.mark.parametrize("variant", ["resnet18", "resnet50"])
def test_another_order_of_channels_is_the_same_network(variant):
    page = family("resnet").variant(variant)
    candidate = page.resolve({**page.defaults, "resolution": 32, "width": 0.25})
    torch.manual_seed(0)
    network = build_network(candidate).eval()
    images = torch.randn(2, 3, 32, 32)
    worth = {
        each: torch.randn(len(each.weight)) for each in network.modules() if hasattr(each, "weight")
    }
    with torch.no_grad():
        before = network(images)
        assert order_channels(network, candidate, worth) > 0
        torch.testing.assert_close(network(images), before, rtol=1e-3, atol=1e-4)


def test_weights_of_something_else_are_refused(tmp_path, published):
    _, path = published
    torch.save(torchvision.models.squeezenet1_1().state_dict(), tmp_path / "other.pth")
    with pytest.raises(dse.DseError, match=r"other\.pth: it has 52 tensors, and the network 314"):
        started(tmp_path / "other.pth", "none")
    with pytest.raises(dse.DseError, match=r"unknown 'l2'; did you mean 'l1'\?"):
        started(path, "l2")
