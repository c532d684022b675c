"""Blocks that several tensors enter: channels of each are followed to the layers that read them."""

import pytest
import torch

from dse.space import Budget, ResolvedBlock, read_grid, space_of
from dse.supernet import plan_supernet
from dse.supernet.block_parts import as_they_enter, read_block
from dse.supernet.layouts import extent
from tests.space.shipped import family
from tests.space.test_training import SMALL
from tests.supernet.small_supernets import points, small_supernet


@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("t5", {"hidden": [24, 48], "heads": [2, 4], "layers": [1, 2], "tied": False}),
        ("darts", {"width": [4, 8], "depth": [2, 3]}),
    ],
)
def test_the_largest_candidate_runs_on_whole_tensors(name, grid):
    planned = plan_supernet(
        space_of(read_grid(family(name), {**SMALL[name], **grid})), Budget(), 8, 0
    )
    largest = planned.candidates.largest
    assert planned.elements == largest.costs.params
    network = planned.supernet({}, {}, {}, 0).shared.network(largest.candidate)
    assert not network.joined()
    assert sum(weight.numel() for weight in network.weights().values()) == planned.elements


def test_what_is_kept_goes_on_beside_what_is_made():
    block = ResolvedBlock("conv_norm_act", (("channels", 6), ("keeps", "1,0"), ("takes", "1")))
    shapes = ((4, 8, 8), (10, 8, 8))
    parts = extent(3) + extent(7)
    reading = read_block(block, shapes, (extent(4), parts), True)
    assert reading.leaving == (parts, extent(4), ())
    assert as_they_enter(reading.leaving, (shapes[1], shapes[0], (6, 8, 8))) == (
        *(parts, extent(4), extent(6)),
    )
    (part,) = reading.parts
    assert part.prefix == "block"
    assert dict(part.layers[0].layouts)["weight"][:2] == (extent(6), parts)


def test_a_cell_hands_on_its_nodes_and_a_narrower_one_takes_the_leading_channels_of_each():
    shared = small_supernet("darts").shared
    narrow = shared.network(points("darts")[-1].candidate)
    (name, weight) = next(e for e in narrow.weights().items() if e[0].endswith(".block.2.weight"))
    whole = shared.tensors["7.1.1.classifier/2.weight"]
    assert (whole.shape, weight.shape) == ((10, 4 * 32), (10, 4 * 16))
    assert torch.equal(weight.view(10, 4, 16), whole.view(10, 4, 32)[:, :, :16])
    assert name in narrow.joined()


def test_edges_of_a_cell_have_weights_of_their_own_for_each_choice():
    places = {name.partition("/")[0] for name in small_supernet("darts").shared.tensors}
    first = {each.removeprefix("1.1.1.cell ") for each in places if each.startswith("1.1.1.")}
    assert {"0-2 cell_input [] 1", "1-3 cell_input [] 1"} <= first
    assert {each for each in first if each.startswith("2-5 ")} == {
        "2-5 separable_twice [] 1",
        '2-5 separable_twice [["kernel", 5]] 1',
    }


def test_scores_of_positions_are_of_heads():
    shared = small_supernet("t5").shared
    place = "0.1.1.relative_positions/scores.weight"
    assert shared.tensors[place].shape == (32, 4)
    few = next(
        shared.network(each.candidate) for each in points("t5") if each.settings["heads"] == 2
    )
    assert torch.equal(few.weights()["0.block.scores.weight"], shared.tensors[place][:, :2])
