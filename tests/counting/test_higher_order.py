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


class Residual(nn.Module):
    """Some control flow between layers, over a path that has none."""

    def __init__(self, flow):
        super().__init__()
        self.before, self.flow = nn.Linear(8, 8), Flow(flow)

    def forward(self, x, numbers):
        made = self.before(x)
        return made + self.flow(made, numbers).tanh()


WRITTEN_OUT = {
    chosen: lambda linear, x, numbers: linear(x) if numbers.sum() > 2 else x.clone(),
    mapped: lambda linear, x, numbers: torch.stack([linear(each) for each in x]),
}


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("flow", WRITTEN_OUT, ids=lambda flow: flow.__name__)
def test_a_training_step_keeps_what_one_of_plain_python_does(flow, real):
    given = [(2, 5, 8), torch.tensor([3, 5])]
    found, plain = (
        dse.count(Residual(each), given, real=real) for each in (flow, WRITTEN_OUT[flow])
    )
    assert found.saved_memory == plain.saved_memory
    assert found.train_memory == plain.train_memory
    assert found.backward_macs == plain.backward_macs == 3 * LINEAR


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("flow", [chosen, looped, mapped], ids=lambda flow: flow.__name__)
def test_the_weights_within_are_trained(flow, real):
    given = [(2, 5, 8), torch.tensor([3, 5])]
    counted = dse.count(Residual(flow), given, real=real)
    assert counted.backward_macs == LINEAR + 2 * FLOWS[flow]
    assert counted.step.state_bytes == 2 * 4 * (8 * 8 + 8)


class Attends(nn.Module):
    """Attention of a kernel, under a condition or not."""

    def __init__(self, is_chosen):
        super().__init__()
        self.is_chosen = is_chosen

    def forward(self, x):
        attend = torch.nn.functional.scaled_dot_product_attention
        if self.is_chosen:
            return torch.cond(torch.tensor(True), lambda x: attend(x, x, x), torch.clone, (x,))
        return attend(x, x, x)


def test_a_kernel_of_attention_is_one_within_a_branch():
    found, plain = (dse.count(Attends(each), (2, 4, 64, 8)) for each in (True, False))
    assert found.memory_read == plain.memory_read
    assert found.activation_memory == plain.activation_memory


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_in_inference_mode_an_operator_is_made_of_the_same_others(real):
    with torch.inference_mode():
        counted = dse.count(Calls(lambda _, x: x @ x.mT), (2, 5, 8), real=real, strict=True)
    assert counted.macs == 2 * 5 * 5 * 8
