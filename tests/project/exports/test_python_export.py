"""A network leaves as plain PyTorch: source that runs where there is no dse, and is the same."""

import random
import subprocess
import sys

import pytest
import torch

from dse.errors import DseError
from dse.project.exports.constructor_calls import ConstructorCalls
from dse.project.exports.constructor_source import ConstructorSource
from dse.project.exports.python_export import python_source, written_input
from dse.project.exports.source_layout import flat
from dse.space import build_seeded, read_family
from tests.space.shipped import FAMILIES, default_grid, family

SMALLEST = (
    "resolution",
    "width",
    "w0",
    "growth",
    "features",
    "depth",
    "hidden",
    "layers",
    "ffn",
    "sequence",
    "experts",
    "name",
    "model_name",
)

SHORT = {"sequence": 48, "vocabulary": 499, "frames": 64, "target": 12}
"""What only makes tensors longer, on the grid or not."""


def drawn(name):
    """A candidate at random settings of a family's default grid, as small as it has them."""
    chosen, grid = random.Random(name), default_grid(name)
    for _ in range(20):
        indices = [
            0 if each.name.split("_")[0] in SMALLEST else chosen.randrange(len(each.choices))
            for each in grid.dimensions
        ]
        short = {axis: SHORT[axis] for axis in family(name).defaults if axis in SHORT}
        candidate = family(name).resolve(grid.settings(indices) | short)
        try:
            return candidate, python_source(candidate, f"A network of the family {name}.")
        except DseError as error:
            # Settings at which there is no network.
            if not str(error).startswith("block "):
                raise
    raise AssertionError(f"no network of {name}")


DIGEST = """
import hashlib, torch

def digest(network, input):
    ids = isinstance(input, list)
    shape = input[0]["shape"] if ids else input
    given = torch.ones(2, *shape, dtype=torch.int64 if ids else torch.float32)
    found = hashlib.blake2b()
    for name, tensor in network.state_dict().items():
        found.update(f"{name} {list(tensor.shape)} {tensor.dtype}".encode())
        found.update(tensor.numpy().tobytes())
    with torch.no_grad():
        found.update(network.eval()(given).numpy().tobytes())
    return found.hexdigest()
"""
WITHOUT_DSE = """
import importlib.util, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("dse", "hydra", "optuna", "omegaconf"):
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Refused())
torch.set_num_threads(1)
for name in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("network", f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.build(seed=7)
    assert network.training
    print(name, digest(network, module.INPUT))
    if name == "mlp":
        network.load_state_dict(torch.load("mlp.pt"), strict=True)
        torch.save(network.state_dict(), "back.pt")
assert not [each for each in sys.modules if each.split(".")[0] == "dse"]
"""


def test_every_family_is_the_same_network_without_dse(tmp_path):
    threads, names = torch.get_num_threads(), {}
    torch.set_num_threads(1)
    exec(DIGEST, names)
    expected = []
    for name in FAMILIES:
        candidate, text = drawn(name)
        (tmp_path / f"{name}.py").write_text(text)
        network = build_seeded(candidate, 7)
        expected.append(f"{name} {names['digest'](network, written_input(candidate))}")
        if name == "mlp":
            mlp = network
            torch.save(build_seeded(candidate, 8).state_dict(), tmp_path / "mlp.pt")
    torch.set_num_threads(threads)
    words = [sys.executable, "-c", DIGEST + WITHOUT_DSE, *FAMILIES]
    done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == expected
    mlp.load_state_dict(torch.load(tmp_path / "back.pt"), strict=True)
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "format", "--isolated", "--check", "."], cwd=tmp_path, check=True)
    subprocess.run(
        [*ruff, "check", "--isolated", "--select", "E,F,I,UP", "."], cwd=tmp_path, check=True
    )


def page(block, **settings):
    return {
        "axes": {"size": 8},
        "input": [3, "size", "size"],
        "blocks": [{"block": block, **settings}, {"block": "classifier", "classes": 3}],
    }


def candidate_of(content, allow=()):
    return read_family("mine", content, "mine", allow).resolve({})


def test_settings_that_constructors_round_are_as_they_are():
    content = page("mbconv", channels=5, expansion=3, squeeze_excite=0)
    text = python_source(candidate_of(content), "A network.")
    assert "with_attributes(" in text
    assert "def no_squeeze(" in text
    text = python_source(
        candidate_of(page("inverted_residual_v3", channels=5, squeeze_excite=True)), "A network."
    )
    assert "partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)" in text


def test_a_stage_of_no_blocks_and_a_torch_layer_by_its_path():
    content = page("torch.nn.Conv2d", out_channels=6, kernel_size=3)
    content["blocks"].insert(1, {"block": "basic", "channels": 6, "repeat": 0})
    text = python_source(candidate_of(content), "A network.")
    assert "nn.Conv2d(3, 6, 3)" in text
    assert "BasicBlock" not in text


def own_block(directory, monkeypatch, source, name):
    (directory / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(directory)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return candidate_of(page(f"{name}.Ghost", ratio=2), [name])


GHOST = """
import torch
class Ghost(torch.nn.Module):
    def __init__(self, in_channels, ratio=3):
        super().__init__()
        self.layer = torch.nn.Conv2d(in_channels, in_channels * ratio, 1)
    def forward(self, images):
        return self.layer(images)
"""


def test_a_block_of_ones_own_is_imported(tmp_path, monkeypatch):
    text = python_source(own_block(tmp_path, monkeypatch, GHOST, "blocks_of_mine"), "A network.")
    assert "from blocks_of_mine import Ghost" in text
    assert "Ghost(3, ratio=2)" in text
    assert "Needs blocks_of_mine and torch." in text


RESTLESS = """
        self.note = torch.nn.Dropout(1 / next(COUNT))
"""


def test_a_block_that_is_made_differently_each_time_is_refused(tmp_path, monkeypatch):
    source = "import itertools\nCOUNT = itertools.count(1)\n" + GHOST
    source = source.replace("    def forward", RESTLESS[1:] + "    def forward")
    candidate = own_block(tmp_path, monkeypatch, source, "restless_blocks_of_mine")
    with pytest.raises(DseError, match="--to python cannot write it: its parts are not what"):
        python_source(candidate, "A network.")


@pytest.mark.parametrize(
    "value", ['"""\nimport os', "a'b", 'a"b', "\\", float("inf"), [1, (2,)], {"a": None}, -0.5]
)
def test_values_are_literals(value):
    written = flat(ConstructorSource(ConstructorCalls()).write(value))
    assert eval(written) == value
    assert "\n" not in written


def test_names_of_arguments_are_names():
    source = ConstructorSource(ConstructorCalls())
    with pytest.raises(DseError, match="no name of an argument"):
        source.call(drawn, {"a=1)or(b": 1})
