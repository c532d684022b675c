"""Oracle: kernels of the CPU, given operands of two dtypes. What they refuse is no model."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._pytree import tree_flatten, tree_map_only, tree_unflatten

import dse
from dse.counting import Input, trace_step
from dse.counting.meta_device import meta_kernels
from dse.counting.meta_device.dtype_rules import check_dtypes
from dse.counting.operators.operator_costs import operator_name
from dse.counting.torch_internals import DispatchMode
from dse.errors import DseError
from tests.counting.layouts import without_data
from tests.counting.meta_device.test_every_operator import run_samples
from tests.counting.models import Calls

FOLLOW = ("_backward", "_backward_data")
"""Ends of the names of operators that autograd gives what a forward pass took."""
NOT_REFUSED = {
    "aten.amax": "into a tensor that is given, which no model has a reason to",
    "aten._scaled_dot_product_flash_attention_for_cpu": "its mask is asked before it is chosen",
    "aten.rrelu_with_noise": "the noise is made like the input",
    "aten.convolution": "of a bias some of its kernels take another dtype",
}
"""Operators that may run without data on what a CPU refuses, and why."""


class Mixing(DispatchMode):
    """Runs each operator again with one operand of another dtype, on data and without."""

    def __init__(self, other):
        super().__init__()
        self.other = other
        self.seen = set()
        self.refused, self.missed, self.wronged = set(), {}, {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        leaves, spec = tree_flatten((list(args), dict(kwargs)))
        places = [
            place
            for place, leaf in enumerate(leaves)
            if isinstance(leaf, Tensor) and leaf.dtype is torch.float32 and leaf.dim()
        ]
        if func.namespace == "aten" and not func.is_view and len(places) > 1:
            for place in places:
                if (func, len(leaves), place) not in self.seen:
                    self.seen.add((func, len(leaves), place))
                    given = [each.clone() if isinstance(each, Tensor) else each for each in leaves]
                    given[place] = leaves[place].to(self.other)
                    self.compare(func, *tree_unflatten(given, spec))
        return func(*args, **kwargs)

    def compare(self, func, args, kwargs):
        name = operator_name(func).removesuffix("_")
        try:
            func(*args, **kwargs)
            refusal = None
        except (RuntimeError, NotImplementedError, TypeError) as error:
            refusal = str(error)
        if refusal is None:
            try:
                check_dtypes(func, args)
            except RuntimeError as error:
                self.wronged[name] = str(error)
        elif "not implemented for" not in refusal:
            self.refused.add(name)
            try:
                meta_kernels.run(func, *tree_map_only(Tensor, without_data, (args, kwargs)))
                self.missed[name] = refusal
            except (RuntimeError, NotImplementedError, TypeError):
                pass


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("other", [torch.bfloat16, torch.float64], ids=str)
def test_what_the_cpu_refuses_for_its_dtypes_is_refused_without_data(other):
    from torch.testing._internal.common_methods_invocations import op_db

    mixing = Mixing(other)
    for function in op_db:
        if not function.name.startswith("jiterator"):  # Those are of a GPU.
            run_samples(function, mixing)
    assert len(mixing.refused) > 60
    missed = {name for name in mixing.missed if not name.endswith(FOLLOW)}
    assert missed <= NOT_REFUSED.keys(), mixing.missed
    assert not mixing.wronged


def of(*shape, dtype="bfloat16"):
    return Input(shape, dtype)


def calls(function):
    return Calls(lambda _, *given: function(*given))


MIXED = {
    "linear": (nn.Linear(4, 4), [of(2, 4)]),
    "linear without bias": (nn.Linear(4, 4, bias=False), [of(2, 4)]),
    "linear of integers": (nn.Linear(4, 4), [of(2, 4, dtype="int64")]),
    "convolution": (nn.Conv2d(3, 4, 3), [of(1, 3, 8, 8)]),
    "transposed convolution": (nn.ConvTranspose2d(3, 4, 3), [of(1, 3, 8, 8)]),
    "matrices": (calls(torch.mm), [of(2, 4), (4, 3)]),
    "matrix and vector": (calls(torch.mv), [of(2, 4), (4,)]),
    "batches": (calls(torch.bmm), [of(2, 2, 4), (2, 4, 3)]),
    "batches, added": (calls(torch.addbmm), [of(2, 3), (2, 2, 4), (2, 4, 3)]),
    "sum of products": (calls(lambda a, b: torch.einsum("ij,jk", a, b)), [of(2, 4), (4, 3)]),
    "attention": (calls(F.scaled_dot_product_attention), [of(2, 2, 4, 8), *[(2, 2, 4, 8)] * 2]),
    "attention, mask": (
        calls(F.scaled_dot_product_attention),
        [*[(2, 2, 4, 8)] * 3, of(4, 4, dtype="float64")],
    ),
    "layers of attention": (
        Calls(lambda parts, x: parts[0](x, x, x)[0], nn.MultiheadAttention(8, 2)),
        [of(3, 2, 8)],
    ),
    "layer norm": (nn.LayerNorm(4).bfloat16(), [of(2, 4, dtype="float32")]),
    "group norm": (nn.GroupNorm(2, 4).bfloat16(), [of(2, 4, 3, dtype="float32")]),
    "batch norm": (nn.BatchNorm1d(4).bfloat16(), [of(2, 4, 3, dtype="float32")]),
    "instance norm": (
        nn.InstanceNorm1d(4, affine=True).bfloat16(),
        [of(2, 4, 3, dtype="float32")],
    ),
    "lstm": (nn.LSTM(4, 4), [of(2, 2, 4)]),
    "gru cell": (nn.GRUCell(4, 4), [of(2, 4)]),
    "bilinear": (nn.Bilinear(3, 4, 5), [of(2, 3), of(2, 4)]),
    "prelu": (nn.PReLU(), [of(2, 4)]),
    "embedding bag": (nn.EmbeddingBag(9, 4, mode="sum"), [of(2, 3, dtype="int64"), None, of(2, 3)]),
    "grid": (calls(F.grid_sample), [of(1, 2, 4, 4), (1, 3, 3, 2)]),
    "distances": (calls(torch.cdist), [of(3, 4, dtype="float64"), (2, 4)]),
}


@pytest.mark.parametrize("kernels", ["cpu", "cuda", "math"])
@pytest.mark.parametrize("name", MIXED)
def test_a_model_of_two_dtypes_is_refused_as_on_data(name, kernels):
    layer, inputs = MIXED[name]
    model = Calls(lambda parts, *given: parts[0](*given), layer)
    for real in (True, False, "auto"):
        with pytest.raises(DseError, match=r"(?i)layer 'parts\.0.* fails on input .*(type|mixed)"):
            dse.count(model, inputs, real=real, kernels=kernels)


TAKEN = {
    "layer norm": (nn.LayerNorm(4), [of(2, 4)]),
    "group norm": (nn.GroupNorm(2, 4), [of(2, 4, 3)]),
    "batch norm": (nn.BatchNorm1d(4), [of(2, 4, 3)]),
    "mask of floats": (calls(F.scaled_dot_product_attention), [*[of(2, 2, 4, 8)] * 3, (4, 4)]),
    "sums": (calls(torch.add), [of(2, 4), (2, 4)]),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_model_of_two_dtypes_that_runs_is_counted(name):
    model, inputs = TAKEN[name]
    without, on_data = (dse.count(model, inputs, real=real) for real in (False, True))
    assert without.costs == on_data.costs


@pytest.mark.parametrize("layer", [nn.Linear(4, 4), nn.LayerNorm(4), nn.LSTM(4, 4)], ids=str)
def test_autocast_takes_what_it_casts_itself(layer):
    model = nn.Sequential(nn.Linear(4, 4), layer)
    assert trace_step(model, (2, 3, 4), mixed=True).peak_bytes > 0
