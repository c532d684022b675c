"""Channels that run between blocks are ordered along all layers that have them."""

import pytest
import torch
from torch import nn

from dse.space import build_network
from dse.supernet.channel_streams import order_streams, streams_of
from tests.space.shipped import family


def network_of(name, variant):
    page = family(name).variant(variant)
    candidate = page.resolve({**page.defaults, "resolution": 32})
    torch.manual_seed(0)
    network = build_network(candidate).eval()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            # As after a training, where channels are not alike.
            for tensor in (layer.running_mean, layer.weight.data, layer.bias.data):
                tensor.normal_()
            layer.running_var.uniform_(0.5, 2)
    return network, torch.randn(2, *candidate.input_shape)


def magnitude(layer, dimension):
    return layer.weight.detach().abs().transpose(0, dimension).flatten(1).sum(1)


def between_blocks(network, images):
    found = streams_of(network, images)
    return [each for each in found if len(each.blocks) > 1 and not each.is_fixed]


def counts(stream):
    written = [magnitude(layer, 0) for layer in stream.writers]
    return sum(written + [magnitude(layer, 1) for layer in stream.readers])


VARIANTS = {
    ("resnet", "resnet18"): 4,
    ("resnet", "resnet50"): 5,
    ("mobilenet_v2", "mobilenet_v2"): 9,
    ("efficientnet", "efficientnet_b0"): 9,
    ("vgg", "vgg11_bn"): 7,
}


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_largest_network_stays_the_same_and_the_greatest_channels_come_first(name, variant):
    network, images = network_of(name, variant)
    first = next(each for each in network.modules() if isinstance(each, nn.Conv2d))
    with torch.no_grad():
        before, weight = network(images), first.weight.clone()
        assert order_streams(network, images, magnitude) == VARIANTS[name, variant]
        torch.testing.assert_close(network(images), before)
    assert not torch.equal(first.weight, weight)
    for stream in between_blocks(network, images):
        counted = counts(stream)
        assert torch.all(counted.diff() <= 1e-4 * counted.max())


def test_a_residual_stream_is_of_all_layers_along_it():
    network, images = network_of("resnet", "resnet18")
    first = next(s for s in between_blocks(network, images) if network[0][0] in s.writers)
    (two, three) = network[2], network[3]
    assert first.writers == [network[0][0], two.conv2, three.conv2]
    assert first.readers == [two.conv1, three.conv1, network[4].conv1, network[4].downsample[0]]
    assert first.carriers == [network[0][1], two.bn2, three.bn2]


@pytest.mark.parametrize(("name", "variant"), [("densenet", "densenet121"), ("vit", "vit_b_16")])
def test_what_cannot_be_followed_stays_in_its_order(name, variant):
    network, images = network_of(name, variant)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    assert order_streams(network, images, magnitude) == 0
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
