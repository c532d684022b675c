"""Every family's networks train, and cost the same in three ways."""

import warnings
from dataclasses import replace

import pytest
import torch
from hypothesis import event, given, settings
from hypothesis import strategies as st
from torch import nn

import dse
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting import build_without_weights, costs_under, real_tensor
from dse.errors import DseError
from dse.space import BlockTable, Invalid, build_network, cost_of
from tests.space.shipped import CHAINS, FAMILIES, default_grid, family, inputs_of

TOKENS = {"sequence": 6, "vocabulary": 12}
GROUPED = {"heads": 4, "kv_heads": 2, "head_dim": 8}
SMALL = {
    "convnext": {"resolution": 32, "width": 16, "depth": 1},
    "densenet": {"resolution": 32, "depth": 2},
    "darts": {"depth": 1, "width": 4},
    "ds_cnn": {"width": 16, "bias": False},
    "maxvit": {"resolution": 32, "window": 1, "width": 32, "depth": 1},
    "nas_bench_201": {"depth": 1},
    "nas_bench_macro": {},
    "nats_size": {},
    "ofa_mobilenet_v3": {"resolution": 32, "depth": 2},
    "squeezenet": {"resolution": 64},
    "swin": {"resolution": 64, "width": 32, "depth": 1, "window": 2},
    "swin_v2": {"resolution": 64, "width": 32, "depth": 1, "window": 2},
    "torchvision_model": {"resolution": 64, "name": "googlenet"},
    "timm_model": {"resolution": 64},
    "vgg": {"resolution": 32, "width": 0.25, "hidden": 64},
    "alexnet": {"resolution": 64, "width": 0.25, "hidden": 64},
    "mlp": {"resolution": 8, "width": 16},
    "vit": {"resolution": 32, "width": 48, "depth": 2},
    "bert": {**TOKENS, "hidden": 24, "heads": 2, "layers": 2, "ffn": 32},
    "t5": {**TOKENS, "target": 5, "hidden": 24, "heads": 2, "head_dim": 8, "ffn": 32}
    | {"layers": 1, "decoder_layers": 2},
    "whisper": {"mels": 6, "frames": 24, "hidden": 24, "heads": 2, "layers": 2, "ffn": 32},
    "gpt2": {**TOKENS, "hidden": 24, "heads": 2, "layers": 2, "ffn": 32},
    "llama": {
        **TOKENS,
        "hidden": 24,
        "heads": 4,
        "kv_heads": 2,
        "head_dim": 8,
        "layers": 2,
        "ffn": 32,
    },
    "moe": {**TOKENS, **GROUPED, "hidden": 24, "layers": 2, "ffn": 32, "experts": 4}
    | {"experts_per_token": 2},
}
"""Settings at which a step is quick, where a resolution of 32 is not enough for that."""


@pytest.mark.parametrize("name", FAMILIES)
def test_a_training_step_changes_every_parameter(name):
    network = dse.build(name, SMALL.get(name, {"resolution": 32}), seed=0)
    assert network.training
    candidate = family(name).resolve(family(name).settings_of(SMALL.get(name, {"resolution": 32})))
    generator = torch.Generator().manual_seed(0)
    given = inputs_of(candidate, 4)
    if given.is_of_integers:
        images = torch.randint(given.below, given.shape, generator=generator)
    else:
        images = torch.randn(given.shape, generator=generator)
    before = {key: value.detach().clone() for key, value in network.named_parameters()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    # Of a classifier that starts at zero, as ViT's, the first step reaches nothing else.
    for _ in range(2):
        outputs = network(images)
        # GoogLeNet returns its auxiliary scores too.
        scores = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
        scores = [score.flatten(0, -2) for score in scores]
        targets = torch.arange(len(scores[0])) % scores[0].shape[1]
        loss = sum(nn.functional.cross_entropy(score, targets) for score in scores)
        assert torch.isfinite(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    moved = [
        key for key, value in network.named_parameters() if not torch.equal(value, before[key])
    ]
    still = {
        key
        for key, value in network.named_parameters()
        if key not in moved and value.grad is not None and value.grad.abs().max() > 1e-6
    }
    assert len(moved) > 0.9 * len(before)
    assert not still


def test_a_seed_gives_the_same_weights_and_leaves_the_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    one = dse.build("mlp", width=16, seed=1)
    assert torch.equal(torch.rand(1), expected)
    two, other = dse.build("mlp", {"width": 16}, seed=1), dse.build("mlp", width=16, seed=2)
    weights = [network.state_dict()["1.0.weight"] for network in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_network_from_a_variant_a_path_and_a_page(tmp_path):
    by_variant = dse.build("resnet", variant="resnet18", resolution=64)
    assert sum(p.numel() for p in by_variant.parameters()) == 11_689_512
    page = {
        "axes": {"width": 8},
        "input": [3, 16, 16],
        "blocks": [{"block": "conv_norm_act", "channels": "width"}, {"block": "classifier"}],
    }
    assert dse.build(page, width=24)[0][0].out_channels == 24
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "axes: {width: 8}\ninput: [3, 16, 16]\nblocks:\n"
        "  - {block: conv_norm_act, channels: width}\n  - {block: classifier}\n"
    )
    assert dse.build(path)[0][0].out_channels == dse.build(str(path))[0][0].out_channels == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((("mobilenet_v22",), {}), "unknown family 'mobilenet_v22'; did you mean 'mobilenet_v2'?"),
        ((("mlp",), {"widht": 3}), "family 'mlp' has no axis 'widht'; did you mean 'width'?"),
        ((("mlp",), {"width": "wide"}), "settings.width: 'wide' is not a number"),
        ((("mlp",), {"width": [1, 2]}), "one value each, not 2 points"),
        ((("mlp",), {"variant": "small"}), "family 'mlp' has no variant 'small'"),
        ((("vit",), {"width": 100}), "block 2 (encoder_block): 100 features do not divide"),
    ],
)
def test_a_mistake_in_what_to_build(arguments, message):
    words, keywords = arguments
    with pytest.raises(DseError) as caught:
        dse.build(*words, **keywords)
    assert message in str(caught.value)


TABLE = BlockTable(Conditions(batch=2))
LARGEST_TO_RUN = 2_000_000_000
"""Multiply-accumulates of the largest network that also runs on data, so that the test is quick."""


WITH_ENDS = ("darts", "t5")
"""Families off whose grid a block may make a tensor that no other takes: these are not trained."""


def wild_settings(name):
    """Settings on the default grid and off it: some of the numbers scaled, down to nothing."""
    grid = default_grid(name)
    page = family(name)
    columns = [column for column, kind in page.column_types.items() if kind == "number"]
    indices = st.tuples(*(st.integers(0, len(d.choices) - 1) for d in grid.dimensions))
    factors = st.dictionaries(st.sampled_from(columns), st.sampled_from([0.1, 0.3, 0.5, 0.75, 1.5]))
    if not columns:
        factors = st.just({})

    def chosen(drawn):
        settings = grid.settings(drawn[0])
        for column, factor in drawn[1].items():
            value = settings[column] * factor
            settings[column] = value if isinstance(settings[column], float) else int(value)
        return settings

    return st.tuples(indices, factors).map(chosen)


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_settings_build_run_and_cost_the_same_three_ways_or_are_invalid_with_a_reason(name, data):
    page = family(name)
    try:
        candidate = page.resolve(data.draw(wild_settings(name)))
    except DseError as error:
        event(f"invalid: {error}")
        return
    costs = cost_of(candidate, TABLE)
    if isinstance(costs, Invalid):
        assert costs.reason.startswith("block ")
        with pytest.raises(DseError):
            build_network(candidate)
        return
    shape = inputs_of(candidate, 2)
    whole = build_without_weights(lambda: build_network(candidate, TABLE))
    expected = costs_under(whole, shape, TABLE.conditions)
    if name in WITH_ENDS and costs.train_memory is None:
        expected = replace(expected, saved_memory=None, train_memory=None)
    assert costs == expected
    if costs.macs > 2 * LARGEST_TO_RUN or costs.weight_memory > 400_000_000:
        return
    network = build_network(candidate, TABLE).eval()
    counted = dse.count(network, shape, strict=True).costs
    assert {name: getattr(counted, name) for name in counted_names()} == {
        name: getattr(costs, name) for name in counted_names()
    }
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("error")
        output = network(real_tensor(torch.device("cpu"))(shape, torch.float32))
    assert output.shape[0] == 2
    assert output.isfinite().all()
    assert sum(p.numel() for p in network.parameters()) == costs.params


@pytest.mark.parametrize(
    ("name", "ending"), [("t5", {"layers": 0}), ("t5", {"layers": 0, "decoder_layers": 1})]
)
def test_what_makes_a_tensor_that_no_other_block_takes_is_not_trained(name, ending):
    page, small = family(name), SMALL[name]
    costs = cost_of(page.resolve(page.settings_of({**small, **ending})), TABLE)
    assert costs.params > 0
    assert (costs.saved_memory, costs.train_memory) == (None, None)
    assert cost_of(page.resolve(page.settings_of(small)), TABLE).train_memory > 0


def counted_names():
    """What `dse.count` counts of a model that is not told to train."""
    return [name for name in Costs().as_dict() if name not in ("saved_memory", "train_memory")]
