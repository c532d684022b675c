"""Families of whole models: any callable that returns one."""

import sys

import pytest
import timm
from torchvision import models

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting import build_without_weights, costs_under
from dse.errors import DseError
from dse.space import BlockTable, Invalid, build_network, cost_of, load_family, read_grid, space_of
from dse.space.costing.processes import cost_in_processes
from tests.space.shipped import family

OWN = """
import os
import signal
from torch import nn

class Net(nn.Module):
    def __init__(self, width: int = 8, depth: int = 1, activation: str = "relu", end: str = ""):
        super().__init__()
        if end == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if end == "exit":
            os._exit(3)
        if end == "error":
            raise ValueError("no such network")
        layers = [nn.Conv2d(3 if not i else width, width, 3, padding=1) for i in range(depth)]
        self.layers = nn.Sequential(*layers)
        self.activation = {"relu": nn.ReLU, "gelu": nn.GELU}[activation]()

    def forward(self, images):
        return self.activation(self.layers(images)).mean((2, 3))

class Choosy(Net):
    def forward(self, images):
        for _ in range(1 + int(images.abs().sum()) % 7):
            found = super().forward(images)
        return found

def net(**arguments):
    return Net(**arguments)

def typed(**arguments) -> Net:
    return Net(**arguments)

def slim(**arguments) -> Net:
    return Net(**{"width": 4, **arguments})

class Gray(Net):
    def __init__(self, in_channels: int = 3, **arguments):
        super().__init__(**arguments)
        self.in_channels = in_channels

def nothing():
    return None
"""

PAGE = """\
kind: callable
target: my_models.Net
axes:
  width: 8
  depth: 1
  activation: relu
  end: none
  resolution: 16
input: [3, resolution, resolution]
"""


@pytest.fixture(scope="module", autouse=True)
def own_module(tmp_path_factory):
    directory = tmp_path_factory.mktemp("own")
    (directory / "my_models.py").write_text(OWN)
    sys.path.insert(0, str(directory))
    yield
    sys.path.remove(str(directory))
    sys.modules.pop("my_models", None)


@pytest.fixture
def load(tmp_path):
    def read(*changes, allow=("my_models",)):
        text = PAGE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return load_family(path, allow)

    return read


@pytest.mark.parametrize(
    ("name", "chosen", "build"),
    [
        ("torchvision_model", {"name": "googlenet"}, lambda: models.googlenet(init_weights=False)),
        ("torchvision_model", {"name": "resnet18", "num_classes": 7},
         lambda: models.resnet18(num_classes=7)),
        ("timm_model", {"model_name": "resnet10t", "in_chans": 1},
         lambda: timm.create_model("resnet10t", in_chans=1)),
    ],
)  # fmt: skip
def test_a_candidate_costs_what_its_model_does(name, chosen, build):
    page = family(name)
    candidate = page.resolve(page.settings_of({**chosen, "resolution": 128}))
    model = build_without_weights(build)
    conditions = Conditions(batch=2)
    whole = costs_under(model, (2, *candidate.input_shape), conditions)
    assert cost_of(candidate, BlockTable(conditions)) == whole
    assert type(build_network(candidate)) is type(model)


@pytest.mark.parametrize("target", ["segmentation.fcn_resnet50", "get_model"])
def test_nothing_is_fetched(tmp_path, monkeypatch, target):
    def refuse(*_, **__):
        raise AssertionError("a download was tried")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    name = "name: fcn_resnet50, " if target == "get_model" else ""
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"kind: callable\ntarget: torchvision.models.{target}\n"
        f"axes: {{{name}num_classes: 3, resolution: 64}}\ninput: [3, resolution, resolution]\n"
    )
    costs = cost_of(load_family(path).resolve({}))
    assert isinstance(costs, Costs)
    whole = models.segmentation.fcn_resnet50(num_classes=3, weights_backbone=None)
    assert costs == costs_under(whole, (1, 3, 64, 64), Conditions())


def test_a_model_on_a_hub_is_not_fetched():
    page = family("timm_model")
    costs = cost_of(page.resolve({"model_name": "hf-hub:someone/model"}))
    assert "models are not fetched from a hub" in costs.reason


def test_the_key_is_that_of_the_call_and_builds_nothing(load):
    page = load()
    key = page.resolve({}).key
    assert page.resolve({"width": 8.0, "depth": 1}).key == key
    assert page.resolve({"end": "killed"}).key != key
    assert page.resolve({"resolution": 32}).key != key
    assert load(("  depth: 1\n", "")).resolve({}).key == key, "1 is the class's own default"
    elsewhere = load(("my_models.Net", "my_models.net"))
    assert elsewhere.resolve({}).key != key


def test_an_argument_at_a_default_that_the_callable_changes_is_not_left_out(load):
    page = load(("my_models.Net", "my_models.slim"))
    (call,) = page.resolve({"width": 8}).blocks
    assert dict(call.settings)["width"] == 8
    assert build_network(page.resolve({"width": 8})).layers[0].out_channels == 8


def test_a_whole_model_is_told_nothing_of_its_input(load):
    page = load(("my_models.Net", "my_models.Gray"), ("  width: 8\n", "  in_channels: 1\n"))
    assert build_network(page.resolve({})).in_channels == 1
    without = load(("my_models.Net", "my_models.Gray"))
    assert build_network(without.resolve({})).in_channels == 3


def test_arguments_may_be_words_numbers_and_expressions_over_the_axes(load):
    given = "arguments: {width: 8 * factor, activation: gelu}\ninput:"
    page = load(("  width: 8\n", "  factor: 2\n"), ("  activation: relu\n", ""), ("input:", given))
    (call,) = page.resolve({"factor": 3}).blocks
    assert dict(call.settings) == {"width": 24, "activation": "gelu", "end": "none"}


def test_an_axis_that_only_the_input_uses_is_no_argument(load):
    (call,) = load().resolve({"resolution": 64}).blocks
    assert "resolution" not in dict(call.settings)


@pytest.mark.parametrize("target", ["my_models.Net", "my_models.typed"])
def test_a_typo_in_an_argument_names_the_nearest(load, target):
    with pytest.raises(DseError) as caught:
        load(("my_models.Net", target), ("  depth: 1", "  dept: 1"))
    message = str(caught.value)
    assert "mine.yaml:5: axes.dept: " in message
    assert "takes no argument 'dept'; did you mean 'depth'?" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("my_models.Net", "my_models.Nte", "mine.yaml:2: target: no callable 'my_models.Nte'; did"),
        ("my_models.Net", "os.system", "mine.yaml:2: target: 'os.system' is not within torch.nn"),
        ("my_models.Net", "torch.hub.load", "'torch.hub.load' is not within"),
        ("my_models.Net", "Net", "target: 'Net' is not the dotted path of a callable"),
        ("my_models.Net", "torch.nn.Linear", "takes no argument 'width'"),
        ("my_models.Net", "torch.nn.ReLU6", "takes no argument 'width'"),
        ("kind: callable", "kind: callabel", "mine.yaml:1: kind: unknown 'callabel'; did you mean"),
        ("input:", "blocks: []\ninput:", "mine.yaml:9: blocks: unknown key 'blocks'"),
        ("depth: 1", "depth: {per: stage, default: 1}", "mine.yaml:5: axes.depth: a callable has "
         "no stages"),
        ("input:", "arguments: {width: 8 * widht}\ninput:", "mine.yaml:9: arguments.width: unknown "
         "name 'widht'"),
        ("input:", "arguments: {wdith: 8}\ninput:", "mine.yaml:9: arguments.wdith: Net takes no "
         "argument 'wdith'; did you mean 'width'?"),
        ("input: [3", "input: [depht", "mine.yaml:9: input[0]: unknown name 'depht'"),
    ],
)  # fmt: skip
def test_a_mistake_on_the_page(load, old, new, message):
    with pytest.raises(DseError) as caught:
        load((old, new))
    assert message in str(caught.value)


def test_only_a_module_of_ones_own_is_worth_a_word_on_allowing_it(load):
    with pytest.raises(DseError, match=r"allow its module with allow=\[theirs\]"):
        load(("my_models.Net", "theirs.Net"))
    with pytest.raises(DseError) as caught:
        load(("my_models.Net", "os.system"))
    assert "allow=" not in str(caught.value)


def test_a_target_that_needs_an_argument(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("kind: callable\ntarget: torch.nn.Linear\naxes: {in_features: 3}\ninput: [3]\n")
    with pytest.raises(
        DseError, match=r"mine\.yaml:2: target: torch\.nn\.Linear needs out_feature"
    ):
        load_family(path)


@pytest.mark.parametrize("argument", ["weights", "weights_backbone"])
def test_trained_weights_are_not_for_a_page(tmp_path, argument):
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"kind: callable\ntarget: torchvision.models.resnet18\naxes: {{{argument}: DEFAULT}}\n"
        "input: [3, 32, 32]\n"
    )
    with pytest.raises(DseError, match="models are built without trained weights"):
        load_family(path)


def test_a_callable_that_returns_no_model(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "kind: callable\ntarget: my_models.nothing\naxes: {size: 3}\ninput: [3, size, size]\n"
    )
    costs = cost_of(load_family(path, ["my_models"]).resolve({}))
    assert costs == Invalid("my_models.nothing builds no torch.nn.Module but NoneType")


def test_a_process_that_dies_costs_its_candidate_alone(load):
    grid = read_grid(load(), {"end": ["killed", "none", "error", "exit"], "resolution": 8})
    points = list(space_of(grid, BlockTable()).points())
    found = {point.settings["end"]: point.costs for point in points}
    model = sys.modules["my_models"].Net()
    assert found == {
        "killed": Invalid("the process that built it was killed by SIGKILL"),
        "none": costs_under(model, (1, 3, 8, 8), Conditions()),
        "error": Invalid("no such network"),
        "exit": Invalid("the process that built it exited with status 3"),
    }


def test_a_module_that_was_not_allowed_is_refused_in_the_processes_too(load):
    candidate = load().resolve({})
    ((_, found),) = cost_in_processes([candidate], BlockTable(), allow=())
    assert "is not within" in found


def test_costs_that_are_known_are_not_traced_again(load):
    page = load()
    space = space_of(read_grid(page, {"width": [4, 8]}), BlockTable())
    for settings in space.grid:
        space.networks.remember(page.resolve(settings).key, Costs(params=settings["width"]))
    assert [point.costs.params for point in space.points()] == [4, 8]


def test_a_model_that_needs_data_is_costed_on_the_same_every_time(tmp_path, caplog):
    path = tmp_path / "mine.yaml"
    path.write_text(PAGE.replace("my_models.Net", "my_models.Choosy"))
    page = load_family(path, ["my_models"])
    for width in (4, 8):
        first, second = (cost_of(page.resolve({"width": width})) for _ in range(2))
        assert first == second
        once = costs_under(sys.modules["my_models"].Net(width=width), (1, 3, 16, 16), Conditions())
        assert (first.params, first.macs % once.macs) == (once.params, 0)
        assert 1 <= first.macs // once.macs <= 7
    (said,) = (record.message for record in caplog.records)
    assert said.startswith("my_models.Choosy: Choosy ran on random data and random weights")
