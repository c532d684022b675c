"""What is said of dtypes by their names is what PyTorch says of them."""

import pytest
import torch

from dse.counting import canonical_dtype, is_floating_point, is_of_integers
from dse.counting.tensors.specs_of_tensors import name_of, spec_of
from dse.counting.tensors.tensor_specs import BITS
from dse.errors import DseError

DTYPES = {name: value for name, value in vars(torch).items() if isinstance(value, torch.dtype)}


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_of_pytorch_is_known_by_all_its_names(name):
    dtype = DTYPES[name]
    found = canonical_dtype(name)
    assert getattr(torch, found) is dtype
    assert name_of(dtype) == found
    assert is_floating_point(found) == dtype.is_floating_point
    assert is_of_integers(found) == (not dtype.is_floating_point and not dtype.is_complex)
    if found != "int4":
        assert BITS[found] == 8 * dtype.itemsize


def test_elements_of_four_bits_are_packed():
    assert BITS["int4"] == 4


def test_no_other_dtype_is_known():
    assert set(BITS) <= set(DTYPES)
    with pytest.raises(DseError, match="unknown dtype 'int46'"):
        canonical_dtype("int46")


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (4, 1, 3), (2, 3, 4, 5)])
def test_bytes_and_strides_are_those_of_a_tensor(shape):
    from dse.counting import contiguous_strides

    tensor = torch.empty(shape, dtype=torch.bfloat16)
    assert contiguous_strides(shape) == tensor.stride()
    assert spec_of(tensor).nbytes == tensor.nbytes
