"""A page fetches nothing and reads no weights, whichever builder of models it names."""

import socket

import pytest
import torch

from dse.space import cost_of, read_family
from tests.mutations import outcome

READING = {
    "a model of a hub": ("timm.create_model", {"model_name": "'hf-hub:own/model'"}),
    "a model of a directory": ("timm.create_model", {"model_name": "'local-dir:/etc'"}),
    "a model by a path": ("timm.create_model", {"model_name": "'/etc/model'"}),
    "trained weights of timm": (
        "timm.create_model",
        {"model_name": "'resnet18'", "pretrained": True},
    ),
    "a checkpoint": (
        "timm.create_model",
        {"model_name": "'resnet18'", "checkpoint_path": "'/etc/passwd'"},
    ),
    "a cache": ("timm.create_model", {"model_name": "'resnet18'", "cache_dir": "'/etc'"}),
    "trained weights of a model": ("timm.models.resnet18", {"pretrained": True}),
    "another source of weights": ("timm.models.resnet18", {"pretrained_cfg": "'own'"}),
    "trained weights": ("torchvision.models.resnet18", {"weights": "'DEFAULT'"}),
    "trained weights by name": (
        "torchvision.models.get_model",
        {"name": "'resnet18'", "weights": "'DEFAULT'"},
    ),
    "a trained backbone": (
        "torchvision.models.segmentation.fcn_resnet50",
        {"weights_backbone": "'DEFAULT'"},
    ),
    "a real device": (
        "torch.nn.Conv2d",
        {"out_channels": 8, "kernel_size": 1, "device": "'cpu'"},
    ),
}
"""What would fetch or read something, or take real memory."""


def as_block(target, settings):
    return {"axes": {"resolution": 8}, "input": [3, "resolution", "resolution"],
            "blocks": [{"block": target, **settings}]}  # fmt: skip


def as_callable(target, settings):
    return {"kind": "callable", "target": target, "axes": {"resolution": 8},
            "arguments": settings, "input": [3, "resolution", "resolution"]}  # fmt: skip


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize("kind", [as_block, as_callable])
def test_a_page_fetches_and_reads_no_weights(monkeypatch, name, kind):
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda *address: reached.append(address))
    monkeypatch.setattr(torch, "load", lambda *path, **options: reached.append(path))

    def costs():
        page = read_family("page", kind(*READING[name]), "page.yaml")
        return cost_of(page.resolve(page.defaults))

    found = outcome(costs)
    reason = found if isinstance(found, str) else found.reason
    told = ("trained weights", "not fetched from a hub", "takes no argument", "needs in_channels")
    assert any(text in reason for text in told), reason
    assert reached == []
