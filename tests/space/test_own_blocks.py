"""Pages of one's own that are as PyTorch has it: what they build costs what its trace says."""

import pytest
import yaml

import dse
from dse.space import check_family

PAGES = {
    "pools whose stride is their kernel": """
axes: {width: 8}
input: [3, 8, 8]
blocks:
  - {block: conv_norm_act, channels: width}
  - {block: torch.nn.MaxPool2d, kernel_size: 2}
  - {block: torch.nn.AvgPool2d, kernel_size: 2}
  - {block: torch.nn.LPPool2d, norm_type: 2, kernel_size: 2}
  - {block: classifier, classes: 2}
""",
    "a transposed convolution of a single pixel": """
axes: {width: 8}
input: [16, 1, 1]
blocks:
  - {block: torch.nn.ConvTranspose2d, out_channels: width, kernel_size: 4, stride: 2}
  - {block: classifier, classes: 2}
""",
    "a word that is called as a number is elsewhere": """
axes: {width: 8}
input: [8]
blocks:
  - {block: linear_norm_act, features: width, norm: layer}
  - {block: linear, features: 2}
""",
    "generated stages whose layers differ": """
axes: {depth: 2}
input: [3, 32, 32]
blocks:
  - {block: conv_norm_act, channels: 16}
  - for_each: regnet_stages(depth, 16, 8, 2, 8)
    block: regnet_residual
    channels: stage.channels
    repeat: stage.depth
    squeeze_excite: "0.25 if layer == 1 else 0"
  - {block: classifier, classes: 10}
""",
}


@pytest.mark.parametrize("what", PAGES)
def test_a_space_of_it_costs_what_the_network_does(what):
    page = yaml.safe_load(PAGES[what])
    (axis,) = page["axes"]
    space = dse.design_space(page, {axis: [page["axes"][axis], page["axes"][axis] + 1]})
    assert space.networks == 2
    assert check_family(space.design.grid.family, space.design.grid)
    params = sum(each.numel() for each in dse.build(page).parameters())
    assert params in {end.value for end in space.extremes("params")}


def test_a_pool_larger_than_its_map_is_still_refused():
    page = yaml.safe_load(PAGES["pools whose stride is their kernel"])
    with pytest.raises(dse.DseError, match="stride 2 on a map of only 1×1: the resolution"):
        dse.design_space(page | {"input": [3, 4, 4]}, {"width": [8]}).networks  # noqa: B018
