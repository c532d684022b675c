"""What each operator costs: one small rule an operator, in a table that users can extend.

An operator is counted (it has a rule), known to cost no multiply-accumulates (`is_free`), or
unknown. Unknown ones are reported, never silently zero.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from dse.counting.operators.free_operators import FREE, FREE_FAMILIES, forms
from dse.counting.operators.kernel_rules import KERNEL_RULES
from dse.counting.operators.operator_macs import (
    OperatorRule,
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
from dse.counting.torch_internals import (
    Operator,
    Packet,
    overloads,
    packet_named,
    qualified_name,
    schema_of,
)

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
    **KERNEL_RULES,
}
"""The operators that multiply and accumulate, by name without overload."""


COMPLEX_MACS = 3
"""Real multiply-accumulates of a complex one, by Gauss: PyTorch runs a complex convolution as three
real ones, and a product of matrices is the same work."""


def operator_name(operator: Operator) -> str:
    """Return an operator's name without its overload, such as `aten.convolution`."""
    return qualified_name(operator.overloadpacket).replace("::", ".")


def macs_of(rule: OperatorRule, args: Sequence[Any], output: Any) -> int:
    """Return the multiply-accumulates of a call; −1 where they depend on values that are not there.

    A complex multiply-accumulate is `COMPLEX_MACS` real ones.
    """
    first = args[0] if args else None
    is_complex = isinstance(first, Tensor) and first.is_complex()
    macs = rule.macs(args, output)
    return COMPLEX_MACS * macs if is_complex and macs > 0 else macs


def rule_of(name: str) -> OperatorRule | None:
    """Return the rule of an operator, or of what it is the in-place form of; None without any.

    Args:
        name: without overload, such as `aten.addmm_`.
    """
    return RULES.get(name) or RULES.get(name.removesuffix("_"))


@functools.cache
def is_free(operator: Operator) -> bool:
    """Return whether an operator is known to multiply and accumulate nothing.

    Elementwise operators (tagged by PyTorch) and views are; so are those in `FREE`. Any other form
    of one that is free is free: that in place, on lists of tensors, into a copy, or backwards.
    """
    packet = operator.overloadpacket
    if operator.namespace == "profiler" or _is_tagged_free(packet):
        return True
    name = operator_name(operator)
    if name.startswith(FREE_FAMILIES) or (operator.namespace == "aten" and _tells(packet)):
        return True
    return any(form in FREE or _is_tagged_free(packet_named(form)) for form in forms(name))


def _tells(packet: Packet) -> bool:
    """Return whether an operator returns no tensor and writes to none: it asks or asserts."""
    return any(
        not schema.is_mutable and not any("Tensor" in str(each.type) for each in schema.returns)
        for schema in map(schema_of, overloads(packet))
    )


def _is_tagged_free(packet: Packet | None) -> bool:
    """Return whether PyTorch says of any overload that it is elementwise or a view.

    Overloads that write into a given tensor lack the tag that the others have.
    """
    return packet is not None and any(
        torch.Tag.pointwise in each.tags or torch.Tag.inplace_view in each.tags or each.is_view
        for each in overloads(packet)
    )
