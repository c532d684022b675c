"""Oracles of the spaces of phones and microcontrollers: timm's models, and published figures."""

import pytest
import timm
import torch

import dse
from dse.space import BlockTable, cost_of
from tests.space.shipped import family

TABLE = BlockTable()


def costs(name, variant=None, **settings):
    page = family(name) if variant is None else family(name).variant(variant)
    return cost_of(page.resolve(page.settings_of(settings)), TABLE)


@pytest.mark.parametrize(
    ("name", "variant", "model"),
    [
        ("mobilenet_v1", None, "mobilenetv1_100"),
        ("fbnet", "fbnet_c", "fbnetc_100"),
        ("mobilenet_v2", None, "mobilenetv2_100"),
    ],
)
@pytest.mark.parametrize(("classes", "in_channels"), [(1000, 3), (10, 1)])
def test_a_variant_is_the_model_of_timm(name, variant, model, classes, in_channels):
    with torch.device("meta"):
        theirs = timm.create_model(model, num_classes=classes, in_chans=in_channels)
    counted = dse.count(theirs, (1, in_channels, 224, 224))
    ours = costs(name, variant, classes=classes, in_channels=in_channels)
    assert (ours.params, ours.macs) == (counted.params, counted.macs)
    assert ours.params == sum(each.numel() for each in theirs.parameters())


def test_the_networks_of_mlperf_tiny():
    """Totals of the benchmark's models (arXiv:2106.07597), which count means and variances."""
    keywords, persons = costs("ds_cnn"), costs("mobilenet_v1", "visual_wake_words")
    statistics = 2 * 9 * 64
    assert keywords.params + statistics == 24_908
    # Two a channel of every norm, of which each convolution has one bias.
    biases = persons.params - costs("mobilenet_v1", "visual_wake_words", bias=False).params
    assert persons.params + 2 * biases == 221_794


def test_proxyless_mobile_is_as_published():
    """Of the weights that were published with arXiv:1812.00332: 4.08M parameters, 320M MACs."""
    found = costs("proxyless", "proxyless_mobile")
    assert found.params == 4_080_512
    assert round(found.macs / 1e6) == 320
