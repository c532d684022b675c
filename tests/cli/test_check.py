"""`dse check` finds what is wrong with a page, and says what it looked at."""

import re
import shutil
import sys

import pytest

from dse.configs.config_places import config_directory
from dse.costs.cost_declarations import unregister_cost
from tests.cli.command import dse, query, refused

BLOCKS = """
import torch
from torch import nn

class Ghost(nn.Module):
    def __init__(self, in_channels: int, channels: int, *, ratio: int = 2):
        super().__init__()
        self.primary = nn.Conv2d(in_channels, channels // ratio, 1)
        self.cheap = nn.Conv2d(channels // ratio, channels - channels // ratio, 1)

    def forward(self, maps):
        made = self.primary(maps)
        return torch.cat([made, self.cheap(made)], dim=1)

_SHARED = nn.Conv2d(8, 8, 1)

def shared(in_channels):
    return _SHARED

class Diverging(nn.Module):
    def forward(self, maps):
        return maps / 0.0

def diverging():
    return Diverging()

def pair(in_channels):
    return nn.LSTM(8, 8)
"""

PAGE = """\
axes: {resolution: 16, width: 8}
variants:
  wide: {width: 16}
input: [3, resolution, resolution]
blocks:
  - {block: conv_norm_act, channels: width, stride: 2}
  - {block: my_ghosts.Ghost, channels: 2 * width}
  - {block: classifier, classes: 10}
"""

GRID = "width: [4, 8, 32]\nresolution: [1, 8, 16]\n"


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "my_ghosts.py").write_text(BLOCKS)
    (tmp_path / "family").mkdir()
    (tmp_path / "grid").mkdir()
    (tmp_path / "family" / "mine.yaml").write_text(PAGE)
    (tmp_path / "grid" / "mine.yaml").write_text(GRID)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("my_ghosts", None)


def change(directory, *pairs):
    page = directory / "family" / "mine.yaml"
    for old, new in pairs:
        assert old in page.read_text()
        page.write_text(page.read_text().replace(old, new, 1))


CHECK = ("check", "family/mine.yaml", "--allow", "my_ghosts")


def test_a_page_with_a_block_of_ones_own(directory):
    printed = dse(directory, *CHECK).stdout
    assert "family/mine.yaml: 2 axes, 1 variant, 3 lines of blocks" in printed
    assert "grid/mine.yaml: 9 points" in printed
    # the defaults and the variant, width 4 and width 32; resolution 16 is the default
    assert "built 4 networks" in printed
    assert "cannot be built: resolution=1: family/mine.yaml:6: blocks[0]: stride 2 on a" in printed
    assert "each costs the same by its blocks as by a trace of the whole, in every cost" in printed
    assert "the smallest (width=4) ran on data: 1×10" in printed


COST = """
import dse

@dse.register_cost("joined", meaning="Elements that are put together.")
def joined(operation):
    return operation.outputs[0].elements if operation.name == "aten.cat" else 0
"""


def test_a_cost_of_ones_own_beside_the_block(directory):
    (directory / "my_ghosts.py").write_text(BLOCKS + COST)
    try:
        assert "in every cost" in dse(directory, *CHECK).stdout
    finally:
        unregister_cost("joined")


def test_the_whole_way_of_a_family_of_ones_own(directory):
    """Copy a page, make a typo, find it, mend it, sweep it."""
    change(directory, ("Ghost, channels: 2 * width", "Ghost, chanels: 2 * width"))
    line = refused(directory, *CHECK)
    assert line.startswith(
        "error: family/mine.yaml:7: blocks[1].chanels: block 'my_ghosts.Ghost' has"
    )
    assert "did you mean 'channels'?" in line
    change(directory, ("chanels", "channels"))
    dse(directory, *CHECK)
    words = ("sweep", "--config-dir", ".", "family=mine")
    assert "allow its module with allow=[my_ghosts]" in refused(directory, *words)
    assert "9 candidates, 3 invalid" in dse(directory, *words, "allow=[my_ghosts]").stdout
    row = query(directory, "width = 32 and resolution = 8")[0]
    assert "allow its module" in refused(directory, "show", str(row["id"]))
    assert "Ghost" in dse(directory, "show", str(row["id"]), "--allow", "my_ghosts").stdout
    assert (
        "points"
        in dse(directory, "families", "mine", "--config-dir", ".", "--allow", "my_ghosts").stdout
    )


def test_every_mistake_is_a_line_of_its_own(directory):
    change(directory, ("stride: 2", "strid: 2"), ("classes: 10", "classes: ten"))
    printed = dse(directory, *CHECK, status=1).stderr.splitlines()
    assert [line.split(": ")[1] for line in printed] == [
        "family/mine.yaml:6", "family/mine.yaml:8"]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([("resolution: 16", "resolution: 1")], "family/mine.yaml:6: blocks[0]: the defaults: "
         "stride 2 on a map of only 1×1: the resolution is too small"),
        ([("wide: {width: 16}", "wide: {width: 0}")], "family/mine.yaml:6: blocks[0]: variant w"),
        ([("my_ghosts.Ghost, channels: 2 * width", "my_ghosts.pair")], "family/mine.yaml:7: blocks["
         "1]: the defaults: "),
        ([("my_ghosts.Ghost, channels: 2 * width", "my_ghosts.shared, repeat: 2")], "mine: the "
         "defaults: params is 466 by its blocks but 394 by a trace of the whole"),
        ([("my_ghosts.Ghost, channels: 2 * width", "my_ghosts.diverging")], "width=4 makes "
         "numbers of data that are not finite"),
        ([("my_ghosts.Ghost", "os.system")], "family/mine.yaml:7: blocks[1].block: 'os.system' is "
         "not within"),
        ([("axes: {resolution", "axes: {resolution: 8, resolution")], "family/mine.yaml:1: found "
         "duplicate key resolution"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line(directory, changes, message):
    change(directory, *changes)
    lines = dse(directory, *CHECK, status=1).stderr.splitlines()
    assert any(line.startswith("error: ") and message in line for line in lines), lines


def test_a_mistake_in_the_grid_of_the_page(directory):
    (directory / "grid" / "mine.yaml").write_text("widht: [4]\n")
    line = refused(directory, *CHECK)
    assert "grid/mine.yaml: " in line
    assert "has no axis 'widht'; did you mean 'width'?" in line


def test_a_page_that_is_not_there(tmp_path):
    assert "mine.yaml: No such file" in refused(tmp_path, "check", "mine.yaml")
    line = refused(tmp_path, "check", "mobilenet")
    assert "unknown family 'mobilenet'; did you mean 'mobilenet_v" in line


def test_a_shipped_family_and_a_copy_of_it(tmp_path):
    printed = dse(tmp_path, "check", "mlp").stdout
    assert printed.splitlines()[0].endswith("conf/family/mlp.yaml: 8 axes, 0 variants, 3 lines of "
                                            "blocks")  # fmt: skip
    shutil.copy(config_directory() / "family" / "mlp.yaml", tmp_path / "own.yaml")
    assert "own.yaml: 8 axes" in dse(tmp_path, "check", "own.yaml").stdout


def test_a_callable_page(tmp_path):
    (tmp_path / "own.yaml").write_text(
        "kind: callable\ntarget: torchvision.models.shufflenet_v2_x0_5\n"
        "axes: {num_classes: 10, resolution: 64}\ninput: [3, resolution, resolution]\n"
    )
    printed = dse(tmp_path, "check", "own.yaml").stdout
    assert "own.yaml: 2 axes, 0 variants, a callable" in printed
    assert "ran on data: 1×10" in printed
    page = (tmp_path / "own.yaml").read_text()
    (tmp_path / "own.yaml").write_text(page.replace("resolution: 64", "resolution: 0.5"))
    assert "own.yaml:4: input[1]: 0.5 is not a whole number" in refused(
        tmp_path, "check", "own.yaml"
    )


IMAGES = "[3, resolution, resolution]"


@pytest.mark.parametrize(
    ("target", "axes", "inputs", "made"),
    [
        ("segmentation.lraspp_mobilenet_v3_large", "num_classes: 4", IMAGES, "1×4×128×128"),
        ("segmentation.fcn_resnet50", "num_classes: 4, aux_loss: true", IMAGES, "2 of 1×4×128×128"),
        ("detection.ssdlite320_mobilenet_v3_large", "num_classes: 4", IMAGES,
         r"\d+×4 and 2 of \d+"),
        ("optical_flow.raft_small", "progress: false", f"{{image1: {IMAGES}, image2: {IMAGES}}}",
         "12 of 1×2×128×128"),
    ],
)  # fmt: skip
def test_a_callable_may_return_what_it_likes_of_tensors(tmp_path, target, axes, inputs, made):
    (tmp_path / "own.yaml").write_text(
        f"kind: callable\ntarget: torchvision.models.{target}\n"
        f"axes: {{{axes}, resolution: 128}}\ninput: {inputs}\n"
    )
    line = dse(tmp_path, "check", "own.yaml").stdout.splitlines()[-1]
    assert re.fullmatch(rf"the smallest \(the defaults\) ran on data: {made}", line)
