"""What a forward moves to the CPU takes no memory there: on a CPU it is there already."""

import pytest
import torch
from torch import nn

from dse.counting import trace, trace_step

MOVES = {
    "cpu": lambda y: y.cpu() * 2,
    "to": lambda y: y.to("cpu").relu(),
    "in its own dtype": lambda y: y.to("cpu", torch.float32) + 1,
    "in another dtype": lambda y: y.to("cpu", torch.float64).float(),
    "in its own order": lambda y: y.t().cpu().t() + 0,
    "in another order": lambda y: (
        y.view(4, 2, 2, 2).to("cpu", memory_format=torch.channels_last).flatten(1)
    ),
    "and written to": lambda y: y.cpu().mul_(2),
    "without gradient": lambda y: y.detach().cpu() + y,
}


class Moves(nn.Module):
    """Moves what is between two layers."""

    def __init__(self, move):
        super().__init__()
        self.first, self.move, self.last = nn.Linear(8, 8), move, nn.Linear(8, 2)

    def forward(self, x):
        return self.last(self.move(self.first(x)))


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_it_takes_what_it_does_on_data(move):
    model = Moves(move)
    predicted, real = (trace(model, (4, 8), real=each) for each in (False, True))
    assert predicted.peak_activation_bytes == real.peak_activation_bytes
    assert sum(each.written for each in predicted.operations) == sum(
        each.written for each in real.operations
    )
    steps = [trace_step(model, (4, 8), real=each) for each in (False, True)]
    assert steps[0].peak_bytes == steps[1].peak_bytes
    assert steps[0].saved_bytes == steps[1].saved_bytes
