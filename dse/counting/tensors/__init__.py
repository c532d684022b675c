"""What is known of tensors without their data, which of them a value holds, and which are alive."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.tensors.live_storages import Lifetime as Lifetime
    from dse.counting.tensors.live_storages import LiveStorages as LiveStorages
    from dse.counting.tensors.live_storages import dense_parts as dense_parts
    from dse.counting.tensors.live_storages import held_bytes as held_bytes
    from dse.counting.tensors.live_storages import own_bits as own_bits
    from dse.counting.tensors.live_storages import storage_id as storage_id
    from dse.counting.tensors.specs_of_tensors import bits_of as bits_of
    from dse.counting.tensors.specs_of_tensors import dtype_of_name as dtype_of_name
    from dse.counting.tensors.specs_of_tensors import name_of as name_of
    from dse.counting.tensors.specs_of_tensors import spec_of as spec_of
    from dse.counting.tensors.strided_copies import strided_copy as strided_copy
    from dse.counting.tensors.strided_copies import strided_tensor as strided_tensor
    from dse.counting.tensors.strided_copies import write_strided as write_strided
    from dse.counting.tensors.tensor_holders import COLLECTIONS as COLLECTIONS
    from dse.counting.tensors.tensor_holders import are_numbers as are_numbers
    from dse.counting.tensors.tensor_holders import attributes_of as attributes_of
    from dse.counting.tensors.tensor_holders import held_tensors as held_tensors
    from dse.counting.tensors.tensor_holders import is_sparse as is_sparse
    from dse.counting.tensors.tensor_holders import operands_among as operands_among
    from dse.counting.tensors.tensor_holders import returned_tensors as returned_tensors
    from dse.counting.tensors.tensor_holders import tensors_in as tensors_in
    from dse.counting.tensors.tensor_specs import BITS as BITS
    from dse.counting.tensors.tensor_specs import Bundle as Bundle
    from dse.counting.tensors.tensor_specs import Gradients as Gradients
    from dse.counting.tensors.tensor_specs import GradientSpec as GradientSpec
    from dse.counting.tensors.tensor_specs import HandedOn as HandedOn
    from dse.counting.tensors.tensor_specs import OutputStorage as OutputStorage
    from dse.counting.tensors.tensor_specs import TensorSpec as TensorSpec
    from dse.counting.tensors.tensor_specs import bytes_of as bytes_of
    from dse.counting.tensors.tensor_specs import canonical_dtype as canonical_dtype
    from dse.counting.tensors.tensor_specs import contiguous_gradient as contiguous_gradient
    from dse.counting.tensors.tensor_specs import contiguous_strides as contiguous_strides
    from dse.counting.tensors.tensor_specs import element_bytes as element_bytes
    from dse.counting.tensors.tensor_specs import gradients_of as gradients_of
    from dse.counting.tensors.tensor_specs import handed_on_as as handed_on_as
    from dse.counting.tensors.tensor_specs import is_contiguous as is_contiguous
    from dse.counting.tensors.tensor_specs import is_floating_point as is_floating_point
    from dse.counting.tensors.tensor_specs import is_of_integers as is_of_integers
    from dse.counting.tensors.tensor_specs import tensors_of as tensors_of

_HOMES = {
    "dse.counting.tensors.live_storages": (
        *("Lifetime", "LiveStorages", "dense_parts", "held_bytes", "own_bits", "storage_id"),
    ),
    "dse.counting.tensors.specs_of_tensors": ("bits_of", "dtype_of_name", "name_of", "spec_of"),
    "dse.counting.tensors.strided_copies": ("strided_copy", "strided_tensor", "write_strided"),
    "dse.counting.tensors.tensor_holders": (
        *("COLLECTIONS", "are_numbers", "attributes_of", "held_tensors", "is_sparse"),
        *("operands_among", "returned_tensors", "tensors_in"),
    ),
    "dse.counting.tensors.tensor_specs": (
        *("BITS", "Bundle", "GradientSpec", "Gradients", "HandedOn", "OutputStorage", "TensorSpec"),
        *("bytes_of", "canonical_dtype", "contiguous_gradient", "contiguous_strides"),
        *("element_bytes", "gradients_of", "handed_on_as", "is_contiguous", "is_floating_point"),
        *("is_of_integers", "tensors_of"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
