"""Oracle: the counters that run on the meta device, on all torchvision classification models."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from dse.counting.conventions import read_convention
from tests.counting.conventions import peers
from tests.counting.conventions.models import (
    NAMES,
    SMALLEST_OF_EACH_KIND,
    meta_model,
    shape,
    traced,
)


def totals_of_peers(model, tensor):
    """Return what each counter finds; PyTorch's own watches the run that torchinfo makes."""
    with FlopCounterMode(display=False) as flops:
        found = {"torchinfo": peers.torchinfo(model, tensor)}
    found["torch"] = {"flops": flops.get_total_flops()}
    # The last one leaves its buffers in the model.
    return found | {"thop": peers.thop(model, tensor)}


@pytest.mark.parametrize("name", NAMES)
def test_totals_equal_those_of_the_counter(name):
    pytest.importorskip("thop")
    pytest.importorskip("torchinfo")
    model, tensor = meta_model(name), torch.empty(shape(name), device="meta")
    trace = traced(name, model)
    for convention, theirs in totals_of_peers(model, tensor).items():
        ours = read_convention(trace, convention).totals
        assert {total: ours[total] for total in theirs} == theirs, convention


@pytest.mark.parametrize("name", ["resnet18", "vit_b_16", "convnext_tiny", "googlenet"])
def test_rows_equal_those_of_torchinfo(name):
    pytest.importorskip("torchinfo")
    theirs = peers.torchinfo_rows(meta_model(name), torch.empty(shape(name), device="meta"))
    ours = [
        tuple(row.values[key] for key in ("Layer (type:depth-idx)", "Output Shape", "Mult-Adds"))
        for row in read_convention(traced(name), "torchinfo").rows
    ]
    assert [row for row in ours if row in theirs] == theirs


def test_what_is_run_for_real_is_the_smallest_of_each_kind():
    smallest = {}
    for name in NAMES:
        model = meta_model(name)
        kinds = frozenset(type(module) for module in model.modules())
        size = sum(weight.numel() for weight in model.parameters())
        smallest[kinds] = min(smallest.get(kinds, (size, name)), (size, name))
    assert sorted(name for _, name in smallest.values()) == SMALLEST_OF_EACH_KIND
