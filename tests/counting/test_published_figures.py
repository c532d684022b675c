"""Oracle: the `num_params` and `_ops` that torchvision publishes with its weights."""

import pytest
from torchvision import models
from torchvision.models import get_model, get_model_weights, list_models

import dse
from dse.counting import build_without_weights

# The weights' own meta data describe these networks, not the defaults of their builders.
BUILT_AS = {"googlenet": {"aux_logits": False, "init_weights": False},
            "inception_v3": {"init_weights": False}}  # fmt: skip


def published():
    """Every (model, crop size) with published figures: 80 models, 86 with their crop sizes."""
    for name in list_models(module=models):
        by_crop = {w.transforms().crop_size[0]: w.meta for w in get_model_weights(name)}
        for crop, meta in by_crop.items():
            yield pytest.param(name, crop, meta, id=f"{name}-{crop}")


def test_all_classification_models_are_covered():
    assert len(list_models(module=models)) == 80
    assert len(list(published())) == 86


@pytest.mark.parametrize(("name", "crop", "meta"), list(published()))
def test_params_and_macs_equal_the_published_ones(name, crop, meta):
    arguments = BUILT_AS.get(name, {}) | ({"image_size": crop} if name.startswith("vit") else {})
    model = build_without_weights(lambda: get_model(name, weights=None, **arguments))
    counted = dse.count(model, (1, 3, crop, crop), strict=True)
    assert counted.params == meta["num_params"]
    assert round(counted.macs / 1e9, 3) == meta["_ops"]


@pytest.mark.parametrize("name", list_models(module=models))
def test_no_weight_takes_memory(name):
    model = build_without_weights(lambda: get_model(name, weights=None))
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
