"""The operators that multiply and accumulate nothing, besides those that PyTorch itself tags so."""

from __future__ import annotations

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
