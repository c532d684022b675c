"""Oracle: each operator that PyTorch's own samples dispatch, run on data and beside it without."""

import itertools
from functools import partial

import pytest
import torch
from torch.utils._pytree import tree_leaves

from dse.counting.meta_device.layout_kernels import WHOLE_ON_META
from tests.counting.layouts import Beside

SAMPLES = 4
"""Of each function; PyTorch has up to thousands."""

STRIDES_ONLY = {
    "aten._linalg_svd": "factors of a decomposition lie as LAPACK leaves them",
    "aten.linalg_eig": "factors of a decomposition lie as LAPACK leaves them",
    "aten.mul": "where elements of the first share places, axes are in the order of the second",
}
"""Operators whose results lie otherwise but are as large, and why."""


@pytest.mark.filterwarnings("ignore")
def test_every_operator_takes_what_it_does_on_data():
    from torch.testing._internal.common_methods_invocations import op_db

    noted = Beside()
    for function in op_db:
        if not function.name.startswith("jiterator"):  # Those are of a GPU.
            run_samples(function, noted)
    assert len(noted.names) > 400
    sizes = {
        name: sizes
        for name, (*_, sizes) in noted.differing.items()
        if len(set(map(tuple, sizes))) > 1
    }
    assert not sizes
    assert noted.differing.keys() <= STRIDES_ONLY.keys(), noted.differing


def run_samples(function, noted):
    """Run a function forwards and backwards on samples of its own; what is refused is left."""
    if torch.float32 not in function.supported_dtypes("cpu"):
        return
    # Its method of a similar name looks through the stack, which takes most of the time.
    made = function.sample_inputs_func(function, "cpu", torch.float32, function.supports_autograd)
    for sample in itertools.islice(made, SAMPLES):
        with noted:
            try:
                output = function.op(sample.input, *sample.args, **sample.kwargs)
                ends = [
                    t
                    for t in tree_leaves(output)
                    if isinstance(t, torch.Tensor) and t.requires_grad
                ]
                torch.autograd.backward(ends, [torch.ones_like(each) for each in ends])
            except (RuntimeError, NotImplementedError, TypeError):
                continue


def is_one_on_the_cpu_alone(operator):
    """Whether PyTorch makes an operator of others on the meta device, and not on the CPU."""
    has_kernel = partial(torch._C._dispatch_has_kernel_for_dispatch_key, operator.name())
    return has_kernel("CompositeImplicitAutograd") and has_kernel("CPU") and not has_kernel("Meta")


def test_what_the_cpu_runs_as_one_operator_is_one_on_the_meta_device():
    found = set()
    for name in torch._C._dispatch_get_all_op_names():
        namespace, _, rest = name.partition("::")
        if namespace == "aten":
            base, _, overload = rest.partition(".")
            operator = getattr(getattr(torch.ops.aten, base), overload or "default")
            if is_one_on_the_cpu_alone(operator):
                found.add(operator)
    assert found == set(WHOLE_ON_META)
