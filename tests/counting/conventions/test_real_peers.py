"""Oracle: the counters that need a real forward, on a torchvision model of each kind."""

import pytest
import torch

from dse.counting.conventions import read_convention
from tests.counting.conventions import peers
from tests.counting.conventions.models import (
    NAMES,
    SMALLEST_OF_EACH_KIND,
    real_model,
    resolution,
    shape,
    traced,
)

# What torchsummary does not survive: inputs that are lists, and outputs that are no tensors.
TORCHSUMMARY_FAILS = {
    **dict.fromkeys((name for name in NAMES if name.startswith("densenet")), "'list' object"),
    **dict.fromkeys((name for name in NAMES if name.startswith("vit")), "'NoneType' object"),
}


def rows(reading):
    return [
        (
            row.values["Layer (type)"],
            str(list(row.values["Output Shape"])),
            f"{row.values['Param #']:,}",
        )
        for row in reading.rows
    ]


@pytest.mark.parametrize("name", SMALLEST_OF_EACH_KIND)
def test_equal_to_the_counters(name):
    for peer in ("fvcore", "ptflops", "torchsummary"):
        pytest.importorskip(peer)
    torch.set_num_threads(1)
    trace, model = traced(name), real_model(name)
    tensor = torch.zeros(shape(name))

    assert read_convention(trace, "fvcore").totals == peers.fvcore(model, tensor)

    assert read_convention(trace, "ptflops").totals == peers.ptflops(model, tensor)
    theirs = peers.ptflops(model, tensor, "aten")
    assert read_convention(trace, "ptflops-aten").totals == theirs

    # The last two leave hooks in the model.
    reading = read_convention(trace, "torchsummary")
    if name in TORCHSUMMARY_FAILS:
        with pytest.raises(AttributeError, match=TORCHSUMMARY_FAILS[name]):
            peers.torchsummary(model, shape(name), batch=1)
    else:
        theirs = peers.torchsummary(model, shape(name), batch=1)
        assert (rows(reading), list(reading.closing)) == theirs


def test_every_resolution_is_a_cheap_one():
    assert max(map(resolution, set(NAMES) - {"maxvit_t"})) <= 75
