"""The rules of products against what PyTorch's own counter, or a plain product, says of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

import dse
from dse.counting.operators.operator_costs import macs_of, operator_name, rule_of
from tests.counting.models import Calls

aten = torch.ops.aten


def meta(*shape, dtype=torch.float32):
    return torch.empty(shape, dtype=dtype, device="meta")


def ruled(operator, args, output):
    return macs_of(rule_of(operator_name(operator)), args, output)


_HEADS = (meta(2, 4, 10, 16), meta(2, 4, 12, 16), meta(2, 4, 12, 16))
_ROWS = tuple(each.transpose(1, 2) for each in _HEADS)

COUNTED_BY_PYTORCH = {
    aten.mm.default: ((meta(3, 4), meta(4, 5)), meta(3, 5)),
    aten.addmm.default: ((meta(5), meta(3, 4), meta(4, 5)), meta(3, 5)),
    aten.bmm.default: ((meta(2, 3, 4), meta(2, 4, 5)), meta(2, 3, 5)),
    aten.baddbmm.default: ((meta(5), meta(2, 3, 4), meta(2, 4, 5)), meta(2, 3, 5)),
    aten._scaled_mm.default: ((meta(3, 4), meta(4, 5), meta(1), meta(1)), meta(3, 5)),
    aten._scaled_dot_product_flash_attention.default: (_HEADS, meta(2, 4, 10, 16)),
    aten._scaled_dot_product_efficient_attention.default: (_HEADS, meta(2, 4, 10, 16)),
    aten._scaled_dot_product_cudnn_attention.default: (_HEADS, meta(2, 4, 10, 16)),
    aten._scaled_dot_product_flash_attention_backward.default: (
        (_HEADS[0], *_HEADS, _HEADS[0]),
        None,
    ),
    aten._scaled_dot_product_efficient_attention_backward.default: (
        (_HEADS[0], *_HEADS, _HEADS[0]),
        None,
    ),
    aten._flash_attention_forward.default: (
        (*_ROWS, None, None, 10, 12, 0.0, False, False),
        meta(2, 10, 4, 16),
    ),
}


@pytest.mark.parametrize("operator", COUNTED_BY_PYTORCH, ids=operator_name)
def test_as_the_counter_of_pytorch(operator):
    args, output = COUNTED_BY_PYTORCH[operator]
    registry = FlopCounterMode(display=False).flop_registry
    assert 2 * ruled(operator, args, output) == registry[operator.overloadpacket](
        *args, out_val=output
    )


def test_attention_by_rows_and_by_heads_is_the_same():
    by_rows = ruled(
        aten._efficient_attention_forward.default,
        (*_ROWS, None, None, None, 10, 12, 0.0, 0),
        meta(2, 10, 4, 16),
    )
    by_heads = aten._scaled_dot_product_efficient_attention.default
    assert by_rows == ruled(by_heads, _HEADS, meta(2, 4, 10, 16)) > 0


_INTEGERS = torch.int8

AS_A_PLAIN_PRODUCT = {
    "_int_mm": (aten._int_mm.default, (meta(3, 4, dtype=_INTEGERS), meta(4, 5, dtype=_INTEGERS))),
    "addmm_": (aten.addmm_.default, (meta(3, 5), meta(3, 4), meta(4, 5))),
    "_addmm_activation": (
        aten._addmm_activation.default,
        (meta(5), meta(3, 4), meta(4, 5)),
    ),
    "_grouped_mm 2D x 3D": (
        aten._grouped_mm.default,
        (meta(3, 4), meta(7, 4, 5), meta(7, dtype=torch.int32)),
    ),
    "_grouped_mm 3D x 2D": (
        aten._grouped_mm.default,
        (meta(7, 3, 4), meta(4, 5), meta(7, dtype=torch.int32)),
    ),
    "_grouped_mm 2D x 2D": (
        aten._grouped_mm.default,
        (meta(3, 4), meta(4, 5), meta(7, dtype=torch.int32)),
    ),
}


@pytest.mark.parametrize("name", AS_A_PLAIN_PRODUCT)
def test_as_a_plain_product(name):
    operator, args = AS_A_PLAIN_PRODUCT[name]
    counted = dse.count(Calls(lambda _, *given: operator(*given)), list(args), strict=True)
    assert counted.macs == 3 * 4 * 5


def test_a_grouped_product_of_batches():
    model = Calls(lambda _, left, right: torch._grouped_mm(left, right))
    assert dse.count(model, [(7, 3, 4), (7, 4, 5)], strict=True).macs == 7 * 3 * 4 * 5


@pytest.mark.parametrize("rows", [1, 25, 26, 100])
def test_distances_cost_the_same_however_many_rows_there_are(rows):
    model = Calls(lambda _, left, right: torch.cdist(left, right))
    assert dse.count(model, [(rows, 6), (30, 6)], strict=True).macs == rows * 30 * 6


@pytest.mark.parametrize("norm", [0.0, 1.0, 3.0, float("inf")])
def test_distances_in_other_norms_multiply_nothing(norm):
    model = Calls(lambda _, left, right: torch.cdist(left, right, p=norm))
    assert dse.count(model, [(4, 6), (30, 6)], strict=True).macs == 0


@pytest.mark.parametrize(
    "product",
    [
        lambda left, right: left @ right,
        lambda left, right: torch.einsum("ij,jk->ik", left, right),
        lambda left, right: functional.linear(left, right.T),
        lambda left, right: torch.mv(left, right[:, 0]).expand(5, 3),
    ],
    ids=["matmul", "einsum", "linear", "mv"],
)
@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_a_complex_product_is_three_real_ones(product, real):
    model = Calls(lambda _, *given: product(*given))
    of_real, of_complex = (
        dse.count(model, [meta(3, 4, dtype=dtype), meta(4, 5, dtype=dtype)], strict=True).macs
        if not real
        else dse.count(
            model, [torch.ones(3, 4, dtype=dtype), torch.ones(4, 5, dtype=dtype)], real=True
        ).macs
        for dtype in (torch.float32, torch.complex64)
    )
    assert of_complex == 3 * of_real > 0


@pytest.mark.parametrize("function", [torch.fft.fft, torch.linalg.svdvals, torch.linalg.inv])
def test_what_has_no_agreed_count_is_unknown_with_the_reason(function):
    model = Calls(lambda _, x: function(x))
    with pytest.warns(dse.errors.UnknownCostWarning, match=r"of unknown cost .*\(.+\)"):
        assert dse.count(model, (4, 4)).unknown


class Experts(nn.Module):
    """Each row goes through the two layers of the one expert that it is sent to."""

    def __init__(self, experts, width, hidden):
        super().__init__()
        self.router = nn.Linear(width, experts)
        self.first = nn.Parameter(torch.zeros(experts, width, hidden))
        self.second = nn.Parameter(torch.zeros(experts, hidden, width))

    def forward(self, rows):
        expert = self.router(rows).argmax(-1)
        order = expert.argsort()
        ends = torch.histc(
            expert.float(), self.router.out_features, 0, self.router.out_features - 1
        )
        ends = ends.cumsum(0).int()
        hidden = torch._grouped_mm(rows[order], self.first, offs=ends)
        return torch._grouped_mm(hidden.relu(), self.second, offs=ends)[order.argsort()]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_a_mixture_of_experts_multiplies_each_row_by_one_expert(dtype, real):
    counted = dse.count(Experts(4, 16, 32), (24, 16), dtype=dtype, real=real, strict=True)
    assert counted.macs == 24 * (16 * 4 + 16 * 32 + 32 * 16)
    assert counted.activations == 24 * (4 + 32 + 16)


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
@pytest.mark.parametrize("layer", [nn.Conv1d, nn.ConvTranspose1d, nn.Linear])
def test_a_complex_layer_is_three_real_ones(layer, real):
    size = () if layer is nn.Linear else (3,)
    of_real, of_complex = (
        dse.count(layer(6, 4, *size, dtype=dtype), torch.ones(1, 6, 6, dtype=dtype), real=real).macs
        for dtype in (torch.float32, torch.complex64)
    )
    assert of_complex == 3 * of_real > 0
