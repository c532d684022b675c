"""The picture of a network: what each of its blocks gives is what it gives on data."""

import pytest
import torch

import dse
from dse.project import drawn_network

NETWORKS = {
    "vgg": ("vgg", {"width": 0.125, "resolution": 32}, torch.zeros(1, 3, 32, 32)),
    "tokens": (
        "bert",
        {"layers": 1, "hidden": 64, "heads": 1, "ffn": 64, "sequence": 8},
        torch.zeros(1, 8, dtype=torch.int64),
    ),
    "a callable": (
        "torchvision_model",
        {"name": "squeezenet1_1", "resolution": 64},
        torch.zeros(1, 3, 64, 64),
    ),
    "stages of a callable": (
        "torchvision_model",
        {"name": "vit_b_16", "resolution": 224},
        torch.zeros(1, 3, 224, 224),
    ),
}


@pytest.mark.parametrize(("family", "settings", "data"), NETWORKS.values(), ids=NETWORKS)
def test_a_block_of_the_picture_gives_what_it_gives_on_data(family, settings, data, tmp_path):
    project = dse.open(tmp_path / "x.db")
    project.sweep(dse.design_space(family, {name: [value] for name, value in settings.items()}))

    blocks = drawn_network(project, 1).blocks

    names = [each.name.replace("(itself)", "").split(" ")[0] for each in blocks]
    given = shapes_on_data(dse.build(family, **settings).eval(), data)
    assert [each.output for each in blocks] == [given[name] for name in names]


def shapes_on_data(model, data):
    """Run a network, and return the shape of what each of its modules gives."""
    shapes = {}
    for name, module in model.named_modules():
        module.register_forward_hook(
            lambda module, inputs, output, name=name: shapes.update({name: output})
        )
    with torch.inference_mode():
        model(data)
    return {
        name: "×".join(map(str, output.shape))
        for name, output in shapes.items()
        if isinstance(output, torch.Tensor)
    }
