"""What each operator costs: one small rule an operator, in a table that users can extend.

An operator is counted (it has a rule), known to cost no multiply-accumulates (`is_free`), or
unknown. Unknown ones are reported, never silently zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

Rule = Callable[[Sequence[Any], Any], int]
"""(arguments of the operator, its output) -> multiply-accumulates."""


class OperatorRule(NamedTuple):
    """How to cost an operator."""

    macs: Rule
    weighted: Sequence[int] | None
    """Positions of the operands of which one must come from parameters for the operator to be a
    layer, whose output elements are activations; None where it always is one."""
    activations: Rule | None = None
    """Output elements of the layers inside a fused operator; None for those of its output."""


def _elements(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _convolution(args: Sequence[Any], output: Tensor) -> int:
    """K · (C / groups) for each output element; for a transposed one, for each input element."""
    tensor, weight = args[0], args[1]
    transposed = args[6]
    positions = tensor if transposed else output
    return int(positions.numel()) * _elements(weight.shape[1:])


def _matmul(left: int) -> Rule:
    """(…, n, k) @ (…, k, m): k for each output element; `left` is the position of the left one."""

    def rule(args: Sequence[Any], output: Tensor) -> int:
        return int(output.numel()) * int(args[left].shape[-1])

    return rule


def _summed_batch_matmul(args: Sequence[Any], output: Tensor) -> int:
    batch, _, inner = args[1].shape
    return int(output.numel()) * int(batch) * int(inner)


def _trilinear(args: Sequence[Any], output: Tensor) -> int:
    """Bilinear form x1ᵀ A x2: one MAC for each element of the product of all three operands.

    The operands are broadcast against each other along their `expand` axes, so the volume is that
    of the common shape.
    """
    operands, expansions = args[:3], args[3:6]
    shapes = []
    for operand, expand in zip(operands, expansions, strict=True):
        shape = list(operand.shape)
        for axis in sorted(expand):
            shape.insert(axis, 1)
        shapes.append(shape)
    common: torch.Size = torch.broadcast_shapes(*shapes)
    return _elements(common)


def _attention(args: Sequence[Any], output: Any) -> int:
    """Fused attention: Q·Kᵀ and then the product with V, over query (…, h, n, d), key, value."""
    query, key, value = args[:3]
    *batch, queries, width = query.shape
    keys = key.shape[-2]
    return _elements(batch) * int(queries) * int(keys) * (int(width) + int(value.shape[-1]))


def _over_last_axis(args: Sequence[Any], output: Tensor) -> int:
    """Each output element sums over the last axis of the first argument."""
    return int(output.numel()) * int(args[0].shape[-1])


def _temporal_convolution(args: Sequence[Any], output: Tensor) -> int:
    """Weight (kernel, C, Co) over (time, batch, C)."""
    return int(output.numel()) * _elements(args[1].shape[:2])


def _deformable_convolution(args: Sequence[Any], output: Tensor) -> int:
    """As an ordinary convolution (arXiv:1811.11168); the sampling interpolates."""
    return int(output.numel()) * _elements(args[1].shape[1:])


def _convolution_backward(args: Sequence[Any], output: Any) -> int:
    """As much as the forward for each of the gradients of input and weight that are asked for."""
    gradient, tensor, weight = args[:3]
    transposed, wanted = args[7], args[10]
    positions = tensor if transposed else gradient
    return (
        (bool(wanted[0]) + bool(wanted[1])) * int(positions.numel()) * _elements(weight.shape[1:])
    )


def _multi_head_attention(args: Sequence[Any], output: Any) -> int:
    """Projections of query (N, L, E), key and value (N, S, E), attention, output projection."""
    query, key = args[0], args[1]
    batch, queries, width = map(int, query.shape)
    keys = int(key.shape[1])
    projections = width * width * (2 * queries + 2 * keys)
    return batch * (projections + 2 * queries * keys * width)


def _multi_head_attention_activations(args: Sequence[Any], output: Any) -> int:
    query, key = args[0], args[1]
    return 2 * int(query.numel()) + 2 * int(key.numel())


def _encoder_layer(args: Sequence[Any], output: Any) -> int:
    """Self-attention and the two linear layers of a fused transformer encoder layer."""
    source, first = args[0], args[14]
    rows = int(source.numel()) // int(source.shape[-1])
    return _multi_head_attention((source, source), output) + 2 * rows * int(first.numel())


def _encoder_layer_activations(args: Sequence[Any], output: Any) -> int:
    source, first = args[0], args[14]
    rows = int(source.numel()) // int(source.shape[-1])
    attention = _multi_head_attention_activations((source, source), output)
    return attention + rows * int(first.shape[0]) + int(source.numel())


def _recurrent_layer(args: Sequence[Any], output: Any) -> int:
    """A fused recurrent layer over (steps, batch, features): each weight once a step and item."""
    steps_and_batch = args[0].shape[:2]
    return _elements(steps_and_batch) * (int(args[1].numel()) + int(args[2].numel()))


def _recurrent_layer_activations(args: Sequence[Any], output: Any) -> int:
    return 2 * _elements(args[0].shape[:2]) * int(args[1].shape[0])


def _quantized(args: Sequence[Any], output: Tensor) -> int:
    """Convolution or linear layer with packed int8 weights, their shape (Co, C / groups, …)."""
    weight: Tensor = args[1].unpack()[0]
    return output.numel() * _elements(weight.shape[1:])


RULES: dict[str, OperatorRule] = {
    "aten.convolution": OperatorRule(_convolution, None),
    "aten._convolution": OperatorRule(_convolution, None),
    "aten.addmm": OperatorRule(_matmul(1), None),
    "aten.addmv": OperatorRule(_matmul(1), None),
    "aten.mm": OperatorRule(_matmul(0), (0, 1)),
    "aten.mv": OperatorRule(_matmul(0), (0, 1)),
    "aten.bmm": OperatorRule(_matmul(0), (0, 1)),
    "aten.baddbmm": OperatorRule(_matmul(1), (1, 2)),
    "aten.addbmm": OperatorRule(_summed_batch_matmul, (1, 2)),
    "aten.dot": OperatorRule(_matmul(0), (0, 1)),
    "aten.vdot": OperatorRule(_matmul(0), (0, 1)),
    "aten.linear": OperatorRule(_matmul(0), None),
    "aten._trilinear": OperatorRule(_trilinear, None),
    "aten.conv_tbc": OperatorRule(_temporal_convolution, None),
    "torchvision.deform_conv2d": OperatorRule(_deformable_convolution, None),
    "aten.affine_grid_generator": OperatorRule(_over_last_axis, ()),
    "aten._euclidean_dist": OperatorRule(_over_last_axis, ()),
    "aten.convolution_backward": OperatorRule(_convolution_backward, ()),
    "aten._native_multi_head_attention": OperatorRule(
        _multi_head_attention, None, _multi_head_attention_activations
    ),
    "aten._transformer_encoder_layer_fwd": OperatorRule(
        _encoder_layer, None, _encoder_layer_activations
    ),
    "aten.mkldnn_rnn_layer": OperatorRule(_recurrent_layer, None, _recurrent_layer_activations),
    **{
        f"quantized.{name}": OperatorRule(_quantized, None)
        for name in (
            *("linear", "linear_relu", "linear_dynamic", "linear_relu_dynamic"),
            *(f"conv{rank}d{relu}" for rank in (1, 2, 3) for relu in ("", "_relu")),
        )
    },
    "aten._scaled_dot_product_flash_attention_for_cpu": OperatorRule(_attention, ()),
    "aten._scaled_dot_product_flash_attention": OperatorRule(_attention, ()),
    "aten._scaled_dot_product_efficient_attention": OperatorRule(_attention, ()),
    "aten._scaled_dot_product_cudnn_attention": OperatorRule(_attention, ()),
}
"""The operators that multiply and accumulate, by name without overload."""

_NORMALISATION_AND_POOLING = """
native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
batch_norm_with_update native_layer_norm native_group_norm _fused_rms_norm native_dropout
max_pool2d_with_indices max_pool3d_with_indices max_pool2d max_pool3d avg_pool1d avg_pool2d
avg_pool3d _adaptive_avg_pool2d _adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d
fractional_max_pool2d fractional_max_pool3d max_unpool2d max_unpool3d quantized_max_pool1d
quantized_max_pool2d quantized_max_pool3d quantized_batch_norm _softmax _log_softmax
_safe_softmax logsumexp
"""
_REDUCTIONS = """
mean sum amax amin max min prod std var var_mean std_mean norm linalg_vector_norm argmax argmin any
all cumsum cumprod cummax cummin logcumsumexp count_nonzero topk sort aminmax median
unique_consecutive _unique2 nonzero bincount histc nll_loss_forward nll_loss2d_forward mse_loss
_embedding_bag _embedding_bag_forward_only embedding renorm embedding_renorm
"""
_MOVING_AND_MAKING_TENSORS = """
cat stack clone copy _to_copy _copy_from contiguous empty empty_like empty_strided new_empty
new_empty_strided new_zeros new_ones new_full zeros zeros_like ones ones_like full full_like fill
zero arange linspace logspace eye tril triu tril_indices triu_indices scalar_tensor rand randn
randint randperm rand_like randn_like bernoulli uniform normal exponential multinomial lift_fresh
lift_fresh_copy _local_scalar_dense constant_pad_nd reflection_pad1d reflection_pad2d
reflection_pad3d replication_pad1d replication_pad2d replication_pad3d roll flip rot90 repeat
repeat_interleave index index_select index_put _index_put_impl index_fill index_add gather scatter
scatter_add scatter_reduce masked_fill masked_select masked_scatter where select_scatter
slice_scatter diagonal_scatter _unsafe_view _unsafe_index unsafe_split unsafe_split_with_sizes
split_with_sizes_copy channel_shuffle native_channel_shuffle pixel_shuffle pixel_unshuffle im2col
col2im unfold_copy resize set as_strided is_same_size equal isin searchsorted bucketize
diag_embed block_diag addr ger _pack_padded_sequence complex real polar view_as_real
"""
_INTERPOLATION = """
upsample_nearest1d upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d
_upsample_nearest_exact2d _upsample_nearest_exact3d upsample_linear1d upsample_bilinear2d
upsample_trilinear3d upsample_bicubic2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa
grid_sampler_2d grid_sampler_3d
"""
_UNTAGGED_ELEMENTWISE = """
hardswish _prelu_kernel rrelu_with_noise rrelu_with_noise_functional glu log_sigmoid_forward
_thnn_fused_lstm_cell _thnn_fused_gru_cell quantize_per_tensor quantize_per_channel
quantize_per_tensor_dynamic dequantize _weight_norm_interface
"""

_QUANTIZED_ELEMENTWISE = """
add add_relu add_scalar mul mul_relu mul_scalar cat hardswish relu6 leaky_relu elu sigmoid softmax
batch_norm1d batch_norm2d batch_norm2d_relu batch_norm3d batch_norm3d_relu layer_norm group_norm
instance_norm conv_prepack linear_prepack
"""

FREE: set[str] = {
    f"aten.{name}"
    for names in (
        _NORMALISATION_AND_POOLING,
        _REDUCTIONS,
        _MOVING_AND_MAKING_TENSORS,
        _INTERPOLATION,
        _UNTAGGED_ELEMENTWISE,
    )
    for name in names.split()
}
FREE |= {f"quantized.{name}" for name in _QUANTIZED_ELEMENTWISE.split()}
FREE |= {f"torchvision.{name}" for name in ("nms", "roi_align", "roi_pool", "ps_roi_pool")}
"""Operators that multiply and accumulate nothing, besides those that PyTorch's own tags tell.

An operator's in-place form (with a trailing underscore) is as free as the operator.
"""


def operator_name(operator: torch._ops.OpOverload) -> str:
    """Return an operator's name without its overload, such as `aten.convolution`."""
    packet = operator.overloadpacket
    return str(packet._qualified_op_name).replace("::", ".")


def is_free(operator: torch._ops.OpOverload) -> bool:
    """Return whether an operator is known to multiply and accumulate nothing.

    Elementwise operators (tagged by PyTorch) and views are; so are those in `FREE`.
    """
    tags = operator.tags
    if torch.Tag.pointwise in tags or torch.Tag.inplace_view in tags or operator.is_view:
        return True
    name = operator_name(operator)
    return name in FREE or name.removesuffix("_") in FREE
