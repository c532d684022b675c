"""Every family of blocks: candidates run on views of shared tensors, and on nothing else."""

import pytest
import torch

import dse
from dse.counting import real_tensor
from dse.space import build_network
from dse.supernet.layouts import taken
from tests.space.shipped import CHAINS, family, inputs_of
from tests.supernet.small_supernets import (
    GRIDS,
    page_plan,
    points,
    small_plan,
    small_supernet,
)


def test_every_family_of_blocks_is_here():
    assert sorted(GRIDS) == sorted(CHAINS)


@pytest.fixture(params=sorted(GRIDS))
def name(request):
    return request.param


def given(point):
    return real_tensor(torch.device("cpu"))(inputs_of(point.candidate, 2), torch.float32)


def test_the_same_outputs_and_gradients_as_a_network_by_itself(name):
    shared = small_supernet(name).shared
    for point in points(name):
        network = shared.network(point.candidate)
        alone = build_network(point.candidate).eval()
        alone.load_state_dict(
            {each: value.clone() for each, value in network.weights().items()}, strict=False
        )
        ours, theirs = network.module.eval(), alone
        theirs.load_state_dict(dict(ours.named_buffers()), strict=False)
        value = given(point)
        outputs = network(value), alone(value)
        assert torch.equal(*outputs)
        for tensor in shared.tensors.values():
            tensor.grad = None
        for output in outputs:
            output.square().sum().backward()
        gradients = {each: parameter.grad for each, parameter in alone.named_parameters()}
        for each in network.tensors:
            whole, part = shared.tensors[each.storage].grad, gradients[each.name]
            assert (whole is None) == (part is None), each.name
            if whole is not None and part is not None:
                cut = taken(whole, each.stored, each.wanted, shared.plan.factors)
                torch.testing.assert_close(cut, part)


def test_nothing_is_copied_but_what_is_joined_of_several_parts(name):
    shared = small_supernet(name).shared
    for point in points(name):
        network = shared.network(point.candidate)
        weights, joined = network.weights(), set(network.joined())
        for each in network.tensors:
            storage = shared.tensors[each.storage].untyped_storage().data_ptr()
            is_view = weights[each.name].untyped_storage().data_ptr() == storage
            assert is_view == (each.name not in joined), each.name
        assert joined == set() or name in JOINED


JOINED = {"bert", "darts", "densenet", "gpt2", "llama", "maxvit", "moe", "squeezenet"} | {
    *("swin", "swin_v2", "t5", "vit", "whisper")
}
"""Families with parts that are packed into one tensor: queries, keys and values, heads that grow,
or channels that were concatenated."""


def test_the_largest_candidate_runs_on_whole_tensors():
    shared = small_supernet("mobilenet_v2").shared
    largest = points("mobilenet_v2")[0].candidate
    network = shared.network(largest)
    weights = network.weights()
    for each in network.tensors:
        assert weights[each.name].data_ptr() == shared.tensors[each.storage].data_ptr()
        assert weights[each.name].shape == shared.tensors[each.storage].shape
    elements = sum(tensor.numel() for tensor in shared.tensors.values())
    assert elements == points("mobilenet_v2")[0].costs.params


def test_a_convolution_takes_leading_channels_and_the_centre_of_its_kernel():
    axes = {"width": 4, "kernel": 3}
    blocks = [
        {"block": "conv_norm_act", "channels": "width", "kernel": "kernel"},
        {"block": "conv_norm_act", "channels": "2 * width", "kernel": "kernel"},
        {"block": "classifier", "classes": 3},
    ]
    page = {"axes": axes, "input": [1, 8, 8], "blocks": blocks}
    planned = page_plan(page, {"width": [4, 8], "kernel": [3, 7]})
    shared = planned.supernet(page, {}, {}, 0).shared
    network = shared.network(planned.candidates.points[-1].candidate)
    whole = shared.tensors["1.1.1.conv_norm_act/0.weight"]
    assert whole.shape == (16, 8, 7, 7)
    assert torch.equal(network.weights()["1.0.weight"], whole[:8, :4, 2:5, 2:5])


def test_a_whole_model_of_a_callable_is_shared_as_well():
    axes = {"in_features": 8, "out_features": {"default": 4}}
    page = {"kind": "callable", "target": "torch.nn.Linear", "axes": axes, "input": ["in_features"]}
    planned = page_plan(page, {"out_features": [2, 4]})
    shared = planned.supernet(page, {}, {}, 0).shared
    small = shared.network(planned.candidates.points[-1].candidate)
    (weight,) = (t for n, t in shared.tensors.items() if n.endswith("weight"))
    assert weight.shape == (4, 8)
    value = torch.randn(3, 8)
    bias = next(t for n, t in shared.tensors.items() if n.endswith("bias"))
    torch.testing.assert_close(small(value), value @ weight[:2].T + bias[:2])


def shared_by(name, grid, share):
    """What a shipped page shares when it says so, and the networks of its candidates."""
    page = {**family(name).place.source.content, "share": share}
    planned = page_plan(page, {"resolution": 32, **grid})
    shared = planned.supernet(page, {}, {}, 0).shared
    return shared, [shared.network(each.candidate) for each in planned.candidates.points]


def test_a_page_may_ask_for_views_alone():
    grid = {"width": [24, 48], "depth": 1}
    _, networks = shared_by("vit", grid, {"packed": "leading"})
    assert [network.joined() for network in networks] == [[], []]
    _, networks = shared_by("vit", grid, {})
    assert [bool(network.joined()) for network in networks] == [False, True]


def test_choices_of_one_block_may_share():
    grid = {"op_2_2": ["k3_e1", "k3_e6", "k5_e6"]}
    apart, _ = shared_by("fbnet", grid, {})
    together, _ = shared_by("fbnet", grid, {"choice": "block"})
    place = "2.1.2."
    assert {name.split("/")[0] for name in apart.tensors if name.startswith(place)} == {
        f"{place}{word}" for word in grid["op_2_2"]
    }
    depthwise = f"{place}fbnet_unit/depthwise.0.weight"
    (kernel,) = (t for name, t in together.tensors.items() if name.startswith(depthwise))
    assert kernel.shape == (144, 1, 5, 5)
    assert len(together.tensors) < len(apart.tensors)


def test_a_tied_weight_stays_one_tensor():
    network = small_supernet("gpt2").shared.network(points("gpt2")[0].candidate)
    assert not [each.name for each in network.tensors if "scores.weight" in each.name]
    assert network.module[0].words.weight is network.module[-1].scores.weight


def test_a_candidate_of_another_grid_is_refused():
    page = small_plan("mlp").space.grid.family
    wider = page.resolve(page.settings_of({"width": 64, "resolution": 8}))
    with pytest.raises(dse.DseError, match="not trained on width=64, only on 8, 16"):
        small_supernet("mlp").network(wider)
    with pytest.raises(dse.DseError, match="its grid had other values"):
        small_supernet("mlp").shared.network(wider)
