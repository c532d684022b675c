"""Property: what is told to make up a difference adds up to it, for every model and convention."""

import pytest
import torch
from torch import nn

from dse.counting import trace
from dse.counting.conventions import CONVENTIONS, compare
from dse.errors import DseError
from tests.counting.conventions.models import NAMES, traced


@pytest.mark.parametrize("name", NAMES)
def test_reasons_add_up_exactly(name):
    trace = traced(name)
    comparison = compare(trace, list(CONVENTIONS))
    assert comparison.macs == sum(operation.macs for operation in trace.operations)
    for each in comparison.differences:
        if each.compared is None:
            assert CONVENTIONS[each.convention].compared is None
            continue
        assert sum(reason.amount for reason in each.reasons) == each.difference
        assert each.ours + each.difference == each.compared
        assert all(reason.amount and reason.calls > 0 for reason in each.reasons)


def test_no_reason_is_a_residual():
    """A reason's amount is that of the named layers alone: 4 × the elements that they are given."""
    trace = traced("resnet18")
    reasons = compare(trace, ["thop"]).differences[0].reasons
    elements = sum(
        call.inputs[0].elements for call in trace.calls if isinstance(call.module, nn.BatchNorm2d)
    )
    norm = next(reason for reason in reasons if reason.kind == "BatchNorm2d")
    assert (norm.calls, norm.amount) == (20, 4 * elements)


def test_attention_that_is_not_seen_is_named():
    difference = compare(traced("vit_b_16"), ["fvcore"]).differences[0]
    reasons = {(reason.kind, reason.reason): reason for reason in difference.reasons}
    unseen = reasons["MultiheadAttention", "aten.bmm not seen"]
    tokens, width = 5, 768
    assert (unseen.calls, unseen.amount) == (24, -12 * 2 * tokens**2 * width)


def test_flops_of_torch_are_halved():
    (difference,) = compare(traced("resnet18"), ["torch"]).differences
    assert (difference.difference, difference.meaning) == (0, "half of its FLOPs")


class Reused(nn.Module):
    """A layer called twice, under two names, and a product between functions."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(8, 8))
        self.second = nn.Sequential(self.first[0], nn.ReLU())
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        x = self.second(self.first(x))
        x = x @ torch.relu(x).matmul(x.transpose(-2, -1))
        return self.attention(x, x, x)[0] + self.attention(x, x, x, need_weights=False)[0]


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_reused_layers_and_functions_add_up_too(batch):
    found = compare(trace(Reused(), (batch, 8, 8), functions=True), list(CONVENTIONS))
    for each in found.differences:
        if each.compared is not None:
            assert sum(reason.amount for reason in each.reasons) == each.difference


def test_an_unknown_convention_names_the_nearest():
    with pytest.raises(DseError, match="did you mean 'torchinfo'"):
        compare(traced("resnet18"), ["torchinf"])


def test_a_trace_without_functions_is_refused_where_they_are_needed():
    with pytest.raises(DseError, match="functions=True"):
        compare(trace(nn.Linear(2, 2), (1, 2)), ["fvcore"])
