"""A config from someone else must not run what it likes."""

import sys

import pytest
from torch import nn

from dse.errors import DseError
from dse.project.config_groups.sampler_config import SAMPLERS
from dse.project.config_groups.search_config import OBJECTIVES
from dse.space import build_network, cost_of, read_family
from dse.space.blocks.model_builders import find_builder
from dse.space.blocks.named_code import find_target

OWN = """
from os import system
from subprocess import run as start
import pickle
import torch.hub
from torch import load
from torch import nn
from torchvision.models import resnet18

class Scaled(nn.Module):
    def __init__(self, in_channels: int, factor: float = 2.0, name: str = "plain"):
        super().__init__()
        self.convolution = nn.Conv2d(in_channels, int(in_channels * factor), 1)
        self.name = name

    def forward(self, maps):
        return self.convolution(maps)

def residual(in_channels, *, kernel=3):
    return nn.Sequential(nn.Conv2d(in_channels, in_channels, kernel, padding="same"), nn.ReLU())

def no_module(in_channels):
    return "not a module"

def failing(in_channels):
    return {}[in_channels]

NUMBER = 3
"""


@pytest.fixture(scope="module", autouse=True)
def own_package(tmp_path_factory):
    directory = tmp_path_factory.mktemp("own")
    (directory / "my_blocks.py").write_text(OWN)
    sys.path.insert(0, str(directory))
    yield
    sys.path.remove(str(directory))
    sys.modules.pop("my_blocks", None)


TRICKS = [
    "builtins.eval",
    "builtins.exec",
    "os.system",
    "subprocess.Popen",
    "pickle.loads",
    "importlib.import_module",
    "torch.load",
    "torch.hub.load",
    "torch.jit.load",
    "torch.package.PackageImporter",
    "torch.ops.load_library",
    "torch.utils.cpp_extension.load_inline",
    "torch.os.system",
    "torch.sys.exit",
    "torch.nn.os.system",
    "torch.nn.modules.module.torch",
    "torch.nn.modules.module.warnings.warn",
    "torch.nn.init.normal_",
    "torch.nn.functional.relu",
    "torch.nn.modules.module.OrderedDict",
    "torch.nn.utils.skip_init",
    "torch.serialization.load",
    "torchvision.sys.modules",
    "torchvision.models.os.system",
    "torchvision.models.get_weight",
    "torchvision.models.get_model_weights",
    "torchvision.models._api.Callable",
    "torchvision.models._utils.IntermediateLayerGetter.__init__.__globals__",
    "torchvision.io.read_file",
    "torchvision.datasets.utils.download_url",
    "timm.models.load_checkpoint",
    "timm.models.helpers.load_state_dict",
    "timm.models.load_custom_pretrained",
    "timm.utils.os.system",
    "dse.cli.main.main",
    "dse.space.blocks.named_code.importlib.import_module",
    "dse.space.blocks.model_builders.find_builder",
    "dse.space.blocks.heads.nn",
    "optuna.samplers.os.system",
    "lambda: 1",
    "__import__('os').system",
    "torch..nn.Linear",
    ".system",
    "torch.nn.",
    "",
    None,
    3,
]


@pytest.mark.parametrize("path", TRICKS)
def test_a_block_or_a_model_by_a_path_that_reaches_out(path):
    with pytest.raises(DseError):
        find_builder(path, (), "page.yaml: blocks[0].block")


@pytest.mark.parametrize("path", [path for path in TRICKS if path != "dse.cli.main.main"])
def test_an_objective_by_a_path_that_reaches_out(path):
    with pytest.raises(DseError):
        find_target(path, OBJECTIVES, (), "objective._target_")
    with pytest.raises(DseError):
        find_target(path, SAMPLERS, (), "sampler._target_")


@pytest.mark.parametrize(
    "path",
    [
        "my_blocks.system",
        "my_blocks.start",
        "my_blocks.load",
        "my_blocks.pickle.loads",
        "my_blocks.torch.hub.load",
        "my_blocks.nn.Linear.__init__",
        "my_blocks.NUMBER",
        "my_blocksystem.x",
    ],
)
def test_an_allowed_module_is_no_way_to_another(path):
    with pytest.raises(DseError):
        find_builder(path, ("my_blocks",), "page.yaml")
    with pytest.raises(DseError):
        find_target(path, OBJECTIVES, ("my_blocks",), "objective._target_")


def test_a_module_of_ones_own_has_to_be_allowed():
    with pytest.raises(DseError, match=r"allow its module with allow=\[my_blocks\]"):
        find_builder("my_blocks.Scaled", (), "page.yaml")
    with pytest.raises(DseError, match=r"no callable 'my_blocks\.Scald'; did you mean 'Scaled'"):
        find_builder("my_blocks.Scald", ("my_blocks",), "page.yaml")
    assert find_builder("my_blocks.Scaled", ("my_blocks",), "page.yaml").__name__ == "Scaled"


@pytest.mark.parametrize(
    "path",
    [
        "torch.nn.Conv2d",
        "torch.nn.modules.linear.Linear",
        "torchvision.ops.SqueezeExcitation",
        "torchvision.models.resnet.BasicBlock",
        "torchvision.models.resnet18",
        "torchvision.models.get_model",
        "torchvision.models.segmentation.fcn_resnet50",
        "timm.create_model",
        "timm.models.resnet18",
        "timm.layers.SqueezeExcite",
    ],
)
def test_what_a_page_may_name_without_asking(path):
    assert callable(find_builder(path, (), "page.yaml"))


def page(block, **axes):
    return {
        "axes": {"width": 8, **axes},
        "input": [3, 16, 16],
        "blocks": [
            {"block": "conv_norm_act", "channels": "width"},
            block,
            {"block": "classifier", "classes": 4},
        ],
    }


def read(block, allow=("my_blocks",), **axes):
    return read_family("own", page(block, **axes), "own.yaml", allow)


def test_a_block_class_and_a_block_function_of_ones_own():
    family = read({"block": "my_blocks.Scaled", "factor": 3})
    network = build_network(family.resolve({}))
    assert network[1].convolution.out_channels == 24
    assert network[2][-1].in_features == 24
    assert cost_of(family.resolve({})).macs == 3 * 9 * 8 * 256 + 8 * 24 * 256 + 24 * 4
    kernels = read({"block": "my_blocks.residual", "kernel": "kernel"}, kernel=5)
    assert build_network(kernels.resolve({}))[1][0].kernel_size == (5, 5)


def test_a_module_class_of_pytorch_as_a_block():
    settings = {"out_channels": 16, "kernel_size": 3, "stride": 2, "padding_mode": "reflect"}
    network = build_network(read({"block": "torch.nn.Conv2d", **settings}).resolve({}))
    assert isinstance(network[1], nn.Conv2d)
    assert (network[1].in_channels, network[1].padding_mode) == (8, "reflect")


def test_a_block_of_ones_own_as_a_choice_of_an_axis():
    family = read({"block": "op"}, op="my_blocks.residual")
    other = family.resolve({"op": "my_blocks.Scaled"})
    assert [block.block for block in other.blocks][1] == "my_blocks.Scaled"
    with pytest.raises(DseError, match=r"'os\.system' is not within"):
        family.resolve({"op": "os.system"})


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"block": "my_blocks.Scaled", "facter": 3}, "own.yaml: blocks[1].facter: block 'my_blocks."
         "Scaled' has no setting 'facter'; did you mean 'factor'?"),
        ({"block": "torch.nn.Conv2d"}, "blocks[1]: block 'torch.nn.Conv2d' needs out_channels, ke"),
        ({"block": "os.system"}, "own.yaml: blocks[1].block: 'os.system' is not within torch.nn"),
        ({"block": "other.Block"}, "allow its module with allow=[other]"),
    ],
)  # fmt: skip
def test_a_mistake_with_a_block_by_its_path(block, message):
    with pytest.raises(DseError) as caught:
        read(block)
    assert message in str(caught.value)


def test_what_one_page_was_allowed_another_is_not():
    block = {"block": "my_blocks.Scaled"}
    read(block)
    with pytest.raises(DseError, match="is not within"):
        read(block, allow=())


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("my_blocks.failing", "block 2 (my_blocks.failing): KeyError: 8"),
        (
            "my_blocks.no_module",
            "block 2 (my_blocks.no_module): it builds no torch.nn.Module but str",
        ),
    ],
)
def test_a_block_of_ones_own_that_fails_makes_an_invalid_candidate(block, reason):
    costs = cost_of(read({"block": block}).resolve({}))
    assert reason in costs.reason
