"""Torchvision's classification models, with weights that take no time, at cheap resolutions."""

import gc

import torch
from torchvision import models
from torchvision.models import get_model, list_models

from dse.counting import build_without_weights, trace

NAMES = list_models(module=models)

# Where 32 pixels are too few: the stem of alexnet, squeezenet and inception, the windows of maxvit.
_RESOLUTIONS = {
    "alexnet": 64,
    "inception_v3": 75,
    "maxvit_t": 224,
    "squeezenet1_0": 64,
    "squeezenet1_1": 64,
    "vit_h_14": 28,
}


def resolution(name):
    return _RESOLUTIONS.get(name, 32)


def shape(name):
    return (1, 3, resolution(name), resolution(name))


def meta_model(name):
    """A model on the meta device."""
    arguments = {"image_size": resolution(name)} if name.startswith("vit") else {}
    if name in ("googlenet", "inception_v3"):
        arguments["init_weights"] = False
    return (
        build_without_weights(lambda: get_model(name, weights=None, **arguments)).eval().to("meta")
    )


def real_model(name):
    """A model on the CPU, of which every parameter is zero: pages that hardly take memory."""
    arguments = {"image_size": resolution(name)} if name.startswith("vit") else {}
    if name in ("googlenet", "inception_v3"):
        arguments["init_weights"] = False
    gc.collect()
    model = build_without_weights(lambda: get_model(name, weights=None, **arguments)).eval()
    return model._apply(lambda t: torch.zeros(t.shape, dtype=t.dtype) if t.is_meta else t)


# fmt: off
SMALLEST_OF_EACH_KIND = [
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet",
    "inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small",
    "regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v2_x0_5",
    "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn", "vit_b_16",
]
# fmt: on
"""The smallest model of each set of layer types: what a counter has rules for.

Run by counters that need a real forward; `python -m tests.benchmarks.peers` runs all.
"""


def traced(name, model=None):
    return trace(model or meta_model(name), shape(name), functions=True)
