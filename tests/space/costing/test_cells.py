"""What a cell costs follows from its operations: equal to a trace of the whole, to the byte."""

from dataclasses import fields

import pytest
import torch
from torch import nn
from torchvision.ops import Conv2dNormActivation

from dse.counting import Input, contiguous_gradient, prepare, run_step, total_costs, trace
from dse.counting.tensors.specs_of_tensors import spec_of
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.cell_steps import CellValues, cell_step
from dse.space.costing.cells import cell_costs
from dse.space.costing.tracing import block_step, operation_step

SHAPE = (2, 8, 12, 12)


class Sum(nn.Module):
    def forward(self, first, second):
        return first + second


class Cell(nn.Module):
    """Values one after the other, each dropped after its last use."""

    def __init__(self, operations, takes):
        super().__init__()
        self.operations = nn.ModuleList(operations)
        self.takes = takes

    def forward(self, x):
        values = {0: x}
        del x
        for number, (operation, taken) in enumerate(
            zip(self.operations, self.takes, strict=True), start=1
        ):
            later = {value for more in self.takes[number:] for value in more}
            arguments = [values[v] if v in later else values.pop(v) for v in taken]
            if isinstance(operation, Sum):
                values[number] = arguments[0] + arguments[1]
            else:
                values[number] = operation(arguments[0])
            arguments.clear()
        return values[number]


def convolution(kernel=3):
    return Conv2dNormActivation(8, 8, kernel)


def residual():
    return [convolution(), nn.Conv2d(8, 8, 1), Sum()], [(0,), (1,), (0, 2)]


def four_nodes():
    """A cell of NAS-Bench-201 (arXiv:2001.00326): three nodes behind the input, six edges."""
    return (
        [
            *(convolution(), convolution(1), nn.AvgPool2d(3, 1, 1), Sum()),
            *(convolution(), nn.Conv2d(8, 8, 1), Sum(), Sum()),
        ],
        [(0,), (0,), (1,), (2, 3), (0,), (4,), (5, 1), (7, 6)],
    )


def doubled():
    return [nn.ReLU(), Sum(), nn.GELU(), Sum()], [(0,), (0, 1), (2,), (3, 2)]


def views():
    return [nn.Identity(), convolution(), Sum(), nn.Conv2d(8, 8, 3, padding=1)], [
        *((0,), (1,), (1, 2), (3,))
    ]


def shuffled():
    """A view of what is used again, and a chain behind a fork."""
    return [convolution(), nn.ChannelShuffle(2), nn.Flatten(0, 0), Sum(), nn.ReLU(), Sum()], [
        *((0,), (1,), (1,), (2, 3), (4,), (5, 3))
    ]


CELLS = {each.__name__: each for each in (residual, four_nodes, doubled, views, shuffled)}


def costed(model, *shapes):
    """Trace a model alone, as a block is."""
    traced = trace(model, tuple(Input(shape, torch.float32) for shape in shapes))
    return BlockCosts(
        total_costs(traced),
        traced.peak_activation_bytes - traced.input_bytes,
        traced.outputs,
        traced.output_storages,
    )


def stepped(model, optimizer, needs_gradient):
    prepared = prepare(model, Input(SHAPE, torch.float32), None, training=True)
    return run_step(prepared, optimizer, as_block=True, needs_input_gradient=(needs_gradient,))


@pytest.mark.parametrize("name", CELLS)
def test_inference_of_a_cell_is_the_fold_of_its_operations(name):
    operations, takes = CELLS[name]()
    alone = [
        costed(each, *[SHAPE] * len(taken)) for each, taken in zip(operations, takes, strict=True)
    ]
    spec = spec_of(torch.empty(SHAPE))
    composed, whole = cell_costs(takes, alone, [spec]), costed(Cell(operations, takes), SHAPE)
    assert composed.peak_bytes == whole.peak_bytes
    assert composed.output_storages == whole.output_storages
    assert composed.output == whole.output
    for cost in ("params", "macs", "memory_read", "memory_written", "weight_memory"):
        assert composed.additive[cost] == whole.additive[cost]


@pytest.mark.parametrize("needs_gradient", [True, False])
@pytest.mark.parametrize("optimizer", ["sgd-momentum", "adamw"])
@pytest.mark.parametrize("name", CELLS)
def test_a_training_step_of_a_cell_is_the_fold_of_its_operations(name, optimizer, needs_gradient):
    operations, takes = CELLS[name]()
    steps, has_gradient = [], [needs_gradient]
    for each, taken in zip(operations, takes, strict=True):
        needs = any(has_gradient[value] for value in taken)
        if isinstance(each, Sum):
            steps.append(None)
            has_gradient.append(needs)
        else:
            steps.append(operation_step(stepped(each, optimizer, needs), (needs,)))
            has_gradient.append(any(steps[-1].step.has_gradient))
    # Every value of these cells is of one shape, and so is its gradient.
    spec = spec_of(torch.empty(SHAPE))
    gradients = {v: contiguous_gradient(spec) for v, needs in enumerate(has_gradient) if needs}
    arriving = [len(takes)] if has_gradient[-1] else []
    values = CellValues([spec] * len(has_gradient), has_gradient, gradients, arriving)
    composed = cell_step(takes, steps, values)
    whole = block_step(
        stepped(Cell(operations, takes), optimizer, needs_gradient), (needs_gradient,)
    )
    assert {f.name: getattr(composed, f.name) for f in fields(whole)} == {
        f.name: getattr(whole, f.name) for f in fields(whole)
    }
