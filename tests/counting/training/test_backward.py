import pytest
import torch
from torch import nn
from torchvision import models

import dse
from dse.counting import build_without_weights

NETS = ["resnet18", "resnext50_32x4d", "mobilenet_v2", "shufflenet_v2_x1_0", "efficientnet_b0",
        "densenet121", "convnext_tiny", "vit_b_16", "swin_t", "maxvit_t",
        "regnet_y_400mf"]  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_backward_costs_at_most_twice_the_forward(name):
    model = build_without_weights(lambda: models.get_model(name, weights=None))
    counted = dse.count(model, (1, 3, 224, 224))
    assert 1.9 * counted.macs < counted.backward_macs <= 2 * counted.macs


def test_the_first_layer_needs_no_gradient_of_its_input():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))
    assert dse.count(model, (2, 3)).backward_macs == 2 * (12 + 20 + 20)


def test_grouped_and_transposed_convolutions():
    model = nn.Sequential(nn.Conv2d(4, 6, 3, groups=2), nn.ConvTranspose2d(6, 4, 3, groups=2))
    counted = dse.count(model, (1, 4, 8, 8))
    first = 6 * 36 * 2 * 9
    second = 6 * 36 * 2 * 9
    assert counted.macs == first + second
    assert counted.backward_macs == first + 2 * second


def test_frozen_layers_cost_no_weight_gradient():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))
    model[0].requires_grad_(False)
    assert dse.count(model, (2, 3)).backward_macs == 2 * 20
    model.requires_grad_(False)
    assert dse.count(model, (2, 3)).backward_macs == 0


def test_no_gradient_is_left_on_the_model():
    model = nn.Linear(3, 4)
    assert dse.count(model, torch.ones(2, 3)).backward_macs == 2 * 12
    assert model.weight.grad is None
