"""Control flow that is written as operators, and attention of scores of one's own, are followed."""

import pytest
import torch
from torch import nn
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

import dse
from dse.counting import NeedsData
from tests.counting.models import Calls

LINEAR = 2 * 5 * 8 * 8
ATTENTION = 2 * (2 * 5 * 5 * 8)


class Flow(nn.Module):
    """A linear layer under some control flow."""

    def __init__(self, flow):
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.flow = flow

    def forward(self, x, numbers):
        return self.flow(self.linear, x, numbers)


def chosen(linear, x, numbers):
    return torch.cond(numbers.sum() > 2, linear, lambda x: x.clone(), (x,))


def looped(linear, x, numbers):
    operators = torch._higher_order_ops
    start = torch.tensor(0)
    return operators.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, linear(x)), (start, x))[1]


def mapped(linear, x, numbers):
    return torch._higher_order_ops.map(linear, x)


def attended(linear, x, numbers):
    heads = linear(x)[:, None]
    return flex_attention(heads, heads, heads, score_mod=lambda score, b, h, q, k: score + q - k)


def masked(linear, x, numbers):
    heads = linear(x)[:, None]
    mask = create_block_mask(lambda b, h, q, k: q >= k, None, None, 5, 5, device=x.device)
    return flex_attention(heads, heads, heads, block_mask=mask)


FLOWS = {
    chosen: LINEAR,
    looped: 3 * LINEAR,
    mapped: LINEAR,
    # Every score is made, masked or not, as in eager PyTorch.
    attended: LINEAR + ATTENTION,
    masked: LINEAR + ATTENTION,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_what_operators_that_take_functions_call_is_counted(flow, real):
    given = [(2, 5, 8), torch.tensor([3, 5])]
    assert dse.count(Flow(flow), given, real=real, strict=True).macs == FLOWS[flow]


def test_the_other_branch_costs_what_it_does():
    given = [(2, 5, 8), torch.tensor([0, 1])]
    assert dse.count(Flow(chosen), given, real=False).macs == 0
    with pytest.raises(NeedsData):
        dse.count(Flow(chosen), [(2, 5, 8), (2,)], real=False)


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_in_inference_mode_an_operator_is_made_of_the_same_others(real):
    with torch.inference_mode():
        counted = dse.count(Calls(lambda _, x: x @ x.mT), (2, 5, 8), real=real, strict=True)
    assert counted.macs == 2 * 5 * 5 * 8
