import pytest
from torch import nn
from torchvision.models import resnet18, vit_b_32

import dse
from dse.counting.profiling.timeline import inference_timeline, training_timeline


@pytest.mark.parametrize("build", [resnet18, vit_b_32])
def test_what_is_alive_at_the_peak_adds_up_to_it(build):
    counted = dse.count(build(), (2, 3, 224, 224))
    for timeline, peak in (
        (inference_timeline(counted.trace), counted.peak_memory),
        (training_timeline(counted.step), counted.train_memory),
    ):
        alive = sum(tensor.nbytes for tensor in timeline.tensors)
        assert timeline.weights + timeline.state + alive == timeline.peak == peak
        assert timeline.weights == counted.weight_memory


def test_the_peak_names_its_layer_and_its_tensors():
    timeline = inference_timeline(dse.count(resnet18(), (1, 3, 224, 224)).trace)
    assert timeline.moments[timeline.peak_index].layer == "bn1"
    assert [(each.layer, each.operator, each.shape) for each in timeline.tensors] == [
        ("conv1", "aten.convolution", (1, 64, 112, 112)),
        ("bn1", "aten.native_batch_norm", (1, 64, 112, 112)),
        ("", "input", (1, 3, 224, 224)),
    ]


def test_backward_operators_belong_to_the_layer_whose_tensors_they_use():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    timeline = training_timeline(dse.count(model, (3, 4)).step)
    stretches = [(each.layer, each.phase) for each in timeline.stretches()]
    backward = [layer for layer, phase in stretches if phase == "backward" and layer]
    assert list(dict.fromkeys(backward)) == ["2", "1", "0"]
    assert [phase for _, phase in stretches][-1] == "optimizer"


def test_a_timeline_folds_to_a_depth():
    timeline = inference_timeline(dse.count(resnet18(), (1, 3, 64, 64)).trace)
    folded = timeline.stretches(1)
    assert [stretch.layer for stretch in folded] == [
        "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "",
        "fc",
    ]  # fmt: skip
    assert max(stretch.alive for stretch in folded) + timeline.weights == timeline.peak
    assert [stretch.layer for stretch in folded if stretch.is_peak] == ["bn1"]
