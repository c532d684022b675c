"""Oracle: a real run and the CPU allocator, under every module that is no matrix product."""

import pytest
import torch
from torch import nn

from dse.counting import run_on_allocator, trace, trace_step
from dse.errors import DseError
from tests.counting.every_module import EVERY, LEFT_OUT, MODULES

REDUCTIONS = ("mean", "sum", "none")
ON_DATA = {f"CTCLoss, {reduction}" for reduction in REDUCTIONS}
"""Those of which PyTorch has no kernel without data, which a warning says."""
NOT_IN_BFLOAT16 = {
    *("AvgPool3d", "LPPool3d", "LocalResponseNorm", "Upsample, smooth"),
    *(
        f"{name}, {reduction}"
        for name in ("CTCLoss", "MultiLabelMarginLoss", "MultiMarginLoss")
        for reduction in REDUCTIONS
    ),
}
"""Those of which the CPU has no kernel of this dtype."""
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Between(nn.Module):
    """A module behind a weight, with a gradient that is as large as what it returns."""

    def __init__(self, module):
        super().__init__()
        self.module, self.scale = module, nn.Parameter(torch.ones(1))

    def forward(self, first, *others):
        given = first * self.scale if first.is_floating_point() else first
        made = self.module(given, *others)
        return made if not made.dim() else made * torch.ones_like(made)


def test_every_module_of_pytorch_is_here_or_said_to_be_left_out():
    named = {name for module in MODULES for name in module.__all__}
    here = {name.partition(",")[0] for name in EVERY}
    assert here | LEFT_OUT.keys() == named
    assert not here & LEFT_OUT.keys()


def names(run):
    return [operation.name for operation in run.operations]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides", "ignore:Using a target size")
@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
@pytest.mark.parametrize("name", EVERY)
def test_every_module_takes_what_it_does_on_data(name, dtype):
    module, inputs = EVERY[name]
    model = Between(module)
    if name in NOT_IN_BFLOAT16 and dtype is torch.bfloat16:
        with pytest.raises(DseError, match="not implemented for 'BFloat16'"):
            trace(model, inputs, dtype=dtype, real=True)
        return
    real = trace(model, inputs, dtype=dtype, real=True)
    asked = "auto" if name in ON_DATA else False
    without = trace(model, inputs, dtype=dtype, real=asked)
    assert (without.on_data is not None) == (name in ON_DATA)
    assert without.peak_activation_bytes == real.peak_activation_bytes
    assert without.outputs == real.outputs
    assert names(without) == names(real)
    real = trace_step(model, inputs, dtype=dtype, real=True)
    step = trace_step(model, inputs, dtype=dtype, real=asked)
    assert (step.saved_bytes, step.peak_bytes) == (real.saved_bytes, real.peak_bytes)
    assert names(step) == names(real)


OVERSIZED = (
    *("Mish", "MSELoss, mean", "BCELoss, sum", "SmoothL1Loss, mean", "SoftMarginLoss, sum"),
    *("Fold", "Unfold, apart", "EmbeddingBag, mean", "EmbeddingBag, sum", "EmbeddingBag, max"),
)
"""Those of which PyTorch's own kernels on the meta device tell other sizes."""


@pytest.mark.parametrize("name", OVERSIZED)
def test_the_allocator_hands_out_what_was_predicted(name):
    module, inputs = EVERY[name]
    model = Between(module)
    run = run_on_allocator(model, inputs, training=True)
    assert run.tensor_bytes == trace_step(model, inputs).peak_bytes
    assert 0 <= run.allocator_bytes - run.bytes_with_workspace <= 6_000
