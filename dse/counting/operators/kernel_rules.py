"""The rules of the kernels that devices and storage formats have of their own."""

from __future__ import annotations

from dse.counting.operators import kernel_macs as kernel
from dse.counting.operators import sparse_macs as sparse
from dse.counting.operators.operator_macs import (
    OperatorRule,
    Rule,
    attention,
    convolution,
    matmul,
    multi_head_attention,
    multi_head_attention_activations,
    over_last_axis,
    recurrent_layer,
)

_LAYERS: dict[Rule, str] = {
    kernel.plain_convolution: """
        _conv_depthwise2d conv_depthwise3d _slow_conv2d_forward slow_conv3d_forward
        slow_conv_dilated2d slow_conv_dilated3d _nnpack_spatial_convolution _mps_convolution
        cudnn_convolution cudnn_convolution_relu cudnn_convolution_add_relu miopen_convolution
        miopen_convolution_relu miopen_convolution_add_relu miopen_depthwise_convolution
        mkldnn_convolution
    """,
    kernel.transposed_convolution: """
        slow_conv_transpose2d slow_conv_transpose3d _mps_convolution_transpose
        cudnn_convolution_transpose miopen_convolution_transpose
    """,
    matmul(0): """
        _weight_int8pack_mm _weight_int4pack_mm _weight_int4pack_mm_for_cpu
        _weight_int4pack_mm_with_scales_and_zeros _mixed_dtypes_linear mkldnn_linear
        _dyn_quant_matmul_4bit
    """,
    matmul(1): "_addmm_activation _sparse_semi_structured_linear _sparse_semi_structured_addmm",
}

_PRODUCTS: dict[Rule, str] = {
    matmul(0): "_int_mm _scaled_mm _scaled_mm_v2 _sparse_semi_structured_mm",
    kernel.grouped_matmul: "_grouped_mm _scaled_grouped_mm _scaled_grouped_mm_v2",
    kernel.half_of_first_axis: "_cslt_sparse_mm",
    sparse.sparse_matmul(0): "hspmm _sparse_sparse_matmul",
    sparse.reduced_matmul: "_sparse_mm_reduce_impl",
}

_ADDED_PRODUCTS: dict[Rule, str] = {
    sparse.sparse_matmul(1): "_sparse_addmm sspaddmm",
    sparse.sampled_matmul: "sparse_sampled_addmm",
}

_NO_LAYERS: dict[Rule, str] = {
    attention: """
        _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention
        _scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention
        _scaled_dot_product_fused_attention_overrideable
        _scaled_dot_product_attention_math_for_mps _triton_scaled_dot_attention
    """,
    kernel.packed_attention(0, 3, 1, 1): "_flash_attention_forward",
    kernel.packed_attention(1, 4, 1, 1): "_flash_attention_forward_no_dropout_inplace",
    kernel.packed_attention(0, 4, 1, 1): "_efficient_attention_forward",
    kernel.packed_attention(1, 6, 3, 2): "_flash_attention_backward _efficient_attention_backward",
    kernel.attention_backward: """
        _scaled_dot_product_flash_attention_for_cpu_backward
        _scaled_dot_product_flash_attention_backward
        _scaled_dot_product_efficient_attention_backward
        _scaled_dot_product_cudnn_attention_backward
        _scaled_dot_product_fused_attention_overrideable_backward
    """,
    kernel.attention_packed_or_not(
        4, attention, kernel.packed_attention(0, 4, 1, 1)
    ): "_cudnn_attention_forward",
    kernel.attention_packed_or_not(
        9, kernel.attention_backward, kernel.packed_attention(1, 9, 3, 2)
    ): "_cudnn_attention_backward",
    kernel.plain_convolution_backward(0): """
        _slow_conv2d_backward mps_convolution_transpose_backward
    """,
    kernel.plain_convolution_backward(1): "mps_convolution_backward",
    kernel.overrideable_convolution_backward: "convolution_backward_overrideable",
    kernel.matmul_backward(1, 2): """
        linear_backward mkldnn_linear_backward mkldnn_linear_backward_input
    """,
    kernel.matmul_backward(0, 1): "matmul_backward mkldnn_linear_backward_weights",
    kernel.distances(0): "_cdist_forward _pdist_forward",
    kernel.distances(1, 0): "_cdist_backward",
    kernel.twice(kernel.distances(1, 0)): "_pdist_backward",
    kernel.linear_combination: "_compute_linear_combination",
    kernel.listed_matmul: "_foreach_mm",
    over_last_axis: "cudnn_affine_grid_generator cudnn_affine_grid_generator_backward",
}

_TABLES: tuple[tuple[tuple[int, ...] | None, dict[Rule, str]], ...] = (
    (None, _LAYERS),
    ((0, 1), _PRODUCTS),
    ((1, 2), _ADDED_PRODUCTS),
    ((), _NO_LAYERS),
)
"""Names by their rule, each with where the operands of a layer are; see `OperatorRule`."""

_RECURRENT = "_cudnn_rnn miopen_rnn _lstm_mps"

KERNEL_RULES: dict[str, OperatorRule] = {
    f"aten.{name}": OperatorRule(rule, weighted)
    for weighted, table in _TABLES
    for rule, names in table.items()
    for name in names.split()
}
KERNEL_RULES |= {
    f"aten.{name}": OperatorRule(kernel.recurrent_stack, None, kernel.recurrent_stack_activations)
    for name in _RECURRENT.split()
}
KERNEL_RULES |= {
    f"aten.{name}": OperatorRule(kernel.twice(kernel.recurrent_stack), ())
    for name in ("_cudnn_rnn_backward", "miopen_rnn_backward")
}
KERNEL_RULES |= {
    "aten.mkldnn_rnn_layer_backward": OperatorRule(kernel.twice(recurrent_layer), ()),
    "aten.convolution_overrideable": OperatorRule(convolution, None),
    "aten._triton_multi_head_attention": OperatorRule(
        multi_head_attention, None, multi_head_attention_activations
    ),
}
"""As `RULES` of `operators`, of which they are a part."""
