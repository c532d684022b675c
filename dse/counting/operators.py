"""What each operator costs: one small rule an operator, in a table that users can extend.

An operator is counted (it has a rule), known to cost no multiply-accumulates (`is_free`), or
unknown. Unknown ones are reported, never silently zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from dse.counting.free_operators import FREE
from dse.counting.operator_macs import (
    Rule,
    attention,
    convolution,
    convolution_backward,
    deformable_convolution,
    encoder_layer,
    encoder_layer_activations,
    matmul,
    multi_head_attention,
    multi_head_attention_activations,
    over_last_axis,
    quantized,
    recurrent_layer,
    recurrent_layer_activations,
    summed_batch_matmul,
    temporal_convolution,
    trilinear,
)
from dse.counting.torch_internals import Operator, qualified_name


class OperatorRule(NamedTuple):
    """How to cost an operator."""

    macs: Rule
    weighted: Sequence[int] | None
    """Positions of the operands of which one must come from parameters for the operator to be a
    layer, whose output elements are activations; None where it always is one."""
    activations: Rule | None = None
    """Output elements of the layers inside a fused operator; None for those of its output."""


RULES: dict[str, OperatorRule] = {
    "aten.convolution": OperatorRule(convolution, None),
    "aten._convolution": OperatorRule(convolution, None),
    "aten.addmm": OperatorRule(matmul(1), None),
    "aten.addmv": OperatorRule(matmul(1), None),
    "aten.mm": OperatorRule(matmul(0), (0, 1)),
    "aten.mv": OperatorRule(matmul(0), (0, 1)),
    "aten.bmm": OperatorRule(matmul(0), (0, 1)),
    "aten.baddbmm": OperatorRule(matmul(1), (1, 2)),
    "aten.addbmm": OperatorRule(summed_batch_matmul, (1, 2)),
    "aten.dot": OperatorRule(matmul(0), (0, 1)),
    "aten.vdot": OperatorRule(matmul(0), (0, 1)),
    "aten.linear": OperatorRule(matmul(0), None),
    "aten._trilinear": OperatorRule(trilinear, None),
    "aten.conv_tbc": OperatorRule(temporal_convolution, None),
    "torchvision.deform_conv2d": OperatorRule(deformable_convolution, None),
    "aten.affine_grid_generator": OperatorRule(over_last_axis, ()),
    "aten._euclidean_dist": OperatorRule(over_last_axis, ()),
    "aten.convolution_backward": OperatorRule(convolution_backward, ()),
    "aten._native_multi_head_attention": OperatorRule(
        multi_head_attention, None, multi_head_attention_activations
    ),
    "aten._transformer_encoder_layer_fwd": OperatorRule(
        encoder_layer, None, encoder_layer_activations
    ),
    "aten.mkldnn_rnn_layer": OperatorRule(recurrent_layer, None, recurrent_layer_activations),
    **{
        f"quantized.{name}": OperatorRule(quantized, None)
        for name in (
            *("linear", "linear_relu", "linear_dynamic", "linear_relu_dynamic"),
            *(f"conv{rank}d{relu}" for rank in (1, 2, 3) for relu in ("", "_relu")),
        )
    },
    "aten._scaled_dot_product_flash_attention_for_cpu": OperatorRule(attention, ()),
    "aten._scaled_dot_product_flash_attention": OperatorRule(attention, ()),
    "aten._scaled_dot_product_efficient_attention": OperatorRule(attention, ()),
    "aten._scaled_dot_product_cudnn_attention": OperatorRule(attention, ()),
}
"""The operators that multiply and accumulate, by name without overload."""


def operator_name(operator: Operator) -> str:
    """Return an operator's name without its overload, such as `aten.convolution`."""
    return qualified_name(operator.overloadpacket).replace("::", ".")


def is_free(operator: Operator) -> bool:
    """Return whether an operator is known to multiply and accumulate nothing.

    Elementwise operators (tagged by PyTorch) and views are; so are those in `FREE`.
    """
    tags = operator.tags
    if torch.Tag.pointwise in tags or torch.Tag.inplace_view in tags or operator.is_view:
        return True
    if operator.namespace == "profiler":
        return True
    name = operator_name(operator)
    return name in FREE or name.removesuffix("_") in FREE
