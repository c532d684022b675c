"""The operators that multiply and accumulate nothing, besides those that PyTorch itself tags so."""

from __future__ import annotations

import re

_FORMS = tuple(
    map(
        re.compile,
        (
            r"^(.+[^_])_$",
            r"^(.+)_functional$",
            r"^(.+)_copy$",
            r"^(.+)_backward(_\w+)?$",
            r"^(.+)_(forward|jvp)$",
            r"^(aten\.)_foreach_",
        ),
    )
)
"""What names of forms end or begin with: in place, without side effects, into a copy, backward, and
of lists."""

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
log_sigmoid _thnn_fused_lstm_cell _thnn_fused_gru_cell quantize_per_tensor quantize_per_channel
quantize_per_tensor_dynamic dequantize _weight_norm_interface
"""

_FURTHER_REDUCTIONS_AND_LOSSES = """
nansum nanmedian kthvalue mode trace take _aminmax dist native_norm _foreach_powsum linalg__powsum
hash_tensor histogram _histogramdd_bin_edges _histogramdd_from_bin_cts
_histogramdd_from_bin_tensors _unique unique_dim unique_dim_consecutive _cummax_helper
_cummin_helper _logcumsumexp segment_reduce _segment_reduce softmax log_softmax _masked_softmax
_ctc_loss _cudnn_ctc_loss miopen_ctc_loss binary_cross_entropy binary_cross_entropy_with_logits
huber_loss smooth_l1_loss soft_margin_loss multi_margin_loss multilabel_margin_loss
multilabel_margin_loss_forward nll_loss nll_loss2d _embedding_bag_per_sample_weights
_embedding_bag_dense embedding_dense
"""
_FURTHER_NORMALISATION_AND_POOLING = """
batch_norm batch_norm_elemt batch_norm_gather_stats batch_norm_gather_stats_with_counts
batch_norm_stats batch_norm_update_stats _batch_norm_no_update _batch_norm_with_update
cudnn_batch_norm miopen_batch_norm adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
mkldnn_adaptive_avg_pool2d mkldnn_max_pool2d mkldnn_max_pool3d _fused_dropout _masked_scale
cudnn_grid_sampler _grid_sampler_2d_cpu_fallback _upsample_lanczos2d_aa
"""
_FURTHER_MOVING_AND_MAKING = """
_foreach_copy record_stream
_add_relu floor_divide __irshift__ _stack _chunk_cat _lazy_clone _reshape _pin_memory lift put
index_reduce as_strided_scatter _unsafe_index_put _unsafe_masked_index
_unsafe_masked_index_put_accumulate resize_as _resize_output shallow_copy_data_
_copy_from_and_resize _jagged_to_padded_dense _padded_dense_to_jagged to_padded_tensor
nonzero_static empty_permuted empty_quantized _empty_affine_quantized
_empty_per_channel_affine_quantized _efficientzerotensor _new_zeros_with_same_feature_meta
_make_dep_token from_file range bartlett_window blackman_window hamming_window hann_window
kaiser_window fft_fftfreq fft_rfftfreq linalg_cross lu_unpack allclose _linalg_check_errors
_transform_bias_rescale_qkv _is_all_true _is_any_true _cudnn_rnn_flatten_weight
_cudnn_init_dropout_state
"""
_RANDOM = """
random randint_like binomial cauchy geometric log_normal poisson _standard_gamma
_standard_gamma_grad _sample_dirichlet _dirichlet_grad _fill_mem_eff_dropout_mask
"""
_LAYOUTS_AND_PACKING = """
sparse_coo_tensor sparse_compressed_tensor _sparse_coo_tensor_with_dims
_sparse_coo_tensor_with_dims_and_tensors _sparse_compressed_tensor_with_dims sparse_mask
_sparse_mask_projection sparse_resize sparse_resize_and_clear resize_as_sparse
copy_sparse_to_sparse _coalesce _coalesced _spdiags _sparse_csr_prod _sparse_csr_sum _sparse_sum
_sparse_softmax _sparse_log_softmax _convert_indices_from_coo_to_csr
_convert_indices_from_csr_to_coo _to_dense _to_sparse _to_sparse_csr _to_sparse_csc _to_sparse_bsr
_to_sparse_bsc _to_sparse_semi_structured _sparse_semi_structured_apply
_sparse_semi_structured_apply_dense _sparse_semi_structured_tile _cslt_compress to_mkldnn
_mkldnn_reshape _mkldnn_transpose mkldnn_reorder_conv2d_weight mkldnn_reorder_conv3d_weight
_convert_weight_to_int4pack _convert_weight_to_int4pack_for_cpu _dyn_quant_pack_4bit_weight
int_repr q_per_channel_scales q_per_channel_zero_points
_make_per_channel_quantized_tensor _make_per_tensor_quantized_tensor
"""
_OPTIMIZERS_AND_SCALING = """
_fused_adam _fused_adamw _fused_sgd _fused_adagrad _amp_update_scale
_amp_foreach_non_finite_check_and_unscale _fused_moving_avg_obs_fq_helper
"""
_FAMILIES = """
aten._assert_ aten._functional_assert_ aten._functional_sym_ aten._nested_ aten._philox_
aten._fake_quantize_ aten.fake_quantize_ aten._test_ aten._foobar
"""
"""What names begin with of operators that are free all together."""

_QUANTIZED_ELEMENTWISE = """
add add_relu add_scalar mul mul_relu mul_scalar cat hardswish relu6 leaky_relu elu sigmoid softmax
batch_norm1d batch_norm2d batch_norm2d_relu batch_norm3d batch_norm3d_relu layer_norm group_norm
instance_norm conv_prepack linear_prepack
"""

_PRIMITIVES = """
abs acos acosh asin asinh atan atanh cos cosh bessel_i0 bessel_i0e bessel_i1 bessel_i1e bessel_j0
bessel_j1 bitwise_not cbrt ceil conj_physical digamma erf erf_inv erfc erfcx exp expm1 exp2 fill
floor imag isfinite lgamma log log1p log2 log10 ndtri neg real reciprocal round sign signbit sin
sinh spherical_bessel_j0 sqrt tan tanh trunc add atan2 bitwise_and bitwise_or bitwise_xor div eq
fmax fmin fmod frexp gcd ge gt hypot igamma igammac le lt maximum minimum mul ne nextafter pow
remainder rsqrt shift_left shift_right_arithmetic shift_right_logical sub zeta as_strided
broadcast_in_dim collapse_view conj expand_dims slice split_dim squeeze transpose view_of
view_element_type as_strided_scatter collapse cat reshape rev where clone convert_element_type
device_put item maximum_value minimum_value copy_strided copy_to resize amax amin prod sum xor_sum
var empty_strided empty_permuted scalar_tensor iota normal _uniform_helper _make_token _sink_tokens
"""
"""Of those that transforms such as `torch.func.jvp` write the derivatives of some layers in."""

_OF_ONNX = """
Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization BitShift
BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu CenterCropPad Clip Compress
Concat ConstantOfShape Cos Cosh CumSum DepthToSpace DequantizeLinear Div Dropout
DynamicQuantizeLinear Elu Equal Erf Exp Expand EyeLike Floor Gather GatherElements GatherND Gelu
GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization
HardSigmoid HardSwish Hardmax InstanceNormalization IsInf IsNaN LRN LayerNormalization LeakyRelu
Less LessOrEqual Log LogSoftmax LpNormalization LpPool Max MaxPool MaxRoiPool MaxUnpool Mean
MeanVarianceNormalization Min Mish Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or PRelu Pad
Pow QuantizeLinear RMSNormalization Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Resize
ReverseSequence RoiAlign Round Scatter ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin
Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Sub Sum Swish Tan Tanh
TensorScatter ThresholdedRelu Tile TopK Trilu Unique Upsample Where Xor
"""

FREE: set[str] = {
    f"aten.{name}"
    for names in (
        _NORMALISATION_AND_POOLING,
        _REDUCTIONS,
        _MOVING_AND_MAKING_TENSORS,
        _INTERPOLATION,
        _UNTAGGED_ELEMENTWISE,
        _FURTHER_REDUCTIONS_AND_LOSSES,
        _FURTHER_NORMALISATION_AND_POOLING,
        _FURTHER_MOVING_AND_MAKING,
        _RANDOM,
        _LAYOUTS_AND_PACKING,
        _OPTIMIZERS_AND_SCALING,
    )
    for name in names.split()
}
FREE |= {f"quantized.{name}" for name in _QUANTIZED_ELEMENTWISE.split()}
FREE |= {f"prims.{name}" for name in _PRIMITIVES.split()}
FREE |= {f"torchvision.{name}" for name in ("nms", "roi_align", "roi_pool", "ps_roi_pool")}
"""Operators that multiply and accumulate nothing, besides those that PyTorch's own tags tell.

The other `forms` of an operator are as free as the operator.
"""


OF_ONNX = "onnx_file."
"""In front of the names of operators of ONNX files."""

FREE |= {f"{OF_ONNX}{name}" for name in _OF_ONNX.split()}

FREE_FAMILIES = tuple(_FAMILIES.split())
"""What the names of further operators that multiply and accumulate nothing begin with."""


def forms(name: str) -> tuple[str, ...]:
    """Return a name and those of the operators that it names another form of.

    >>> forms("aten._foreach_add_")
    ('aten._foreach_add_', 'aten._foreach_add', 'aten.add')
    """
    found = [name]
    for form in _FORMS:
        stem = form.sub(r"\1", found[-1])
        if stem != found[-1]:
            found.append(stem)
    return tuple(found)
