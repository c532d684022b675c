"""Models that are built of a configuration, without a file that wraps them."""

import json

import pytest

from tests.cli.command import dse, refused

NET = """
import dataclasses
import torch

@dataclasses.dataclass
class NetConfig:
    width: int = 4
    layers: int = 1

class OpenConfig:
    def __init__(self, width=4, **others):
        self.width, self.layers = width, others.get("layers", 1)

class Net(torch.nn.Sequential):
    def __init__(self, config, bias=True):
        super().__init__(*(
            torch.nn.Linear(config.width, config.width, bias=bias) for _ in range(config.layers)))

class Annotated(Net):
    def __init__(self, settings: NetConfig, bias: bool = True):
        super().__init__(settings, bias)

class Named(torch.nn.Linear):
    def __init__(self, kind="a.b", config: str = "c.d"):
        assert (kind, config) == ("torch.nn", "net.yaml")
        super().__init__(4, 4)

number = 3
"""

BUILT = {
    "words of the class": ("Net", "config=configured.NetConfig", "layers=3"),
    "by the name of the argument": ("Net", "config=configured.NetConfig", "config.layers=3"),
    "both": ("Net", "config=configured.NetConfig", "config.layers=3", "bias=false"),
    "a class that takes any word": ("Net", "config=configured.OpenConfig", "layers=3"),
    "by annotation": ("Annotated", "settings=configured.NetConfig", "layers=3"),
    "in a file": ("Net", "config=configured.py:NetConfig", "layers=3"),
}


@pytest.fixture
def directory(tmp_path, monkeypatch):
    (tmp_path / "configured.py").write_text(NET)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("words", BUILT.values(), ids=BUILT)
def test_a_model_of_a_configuration(directory, words):
    name, *arguments = words
    command = ("count", f"configured.{name}", *arguments, "--input", "4", "--format", "json")
    totals = json.loads(dse(directory, *command).stdout)["totals"]
    assert totals["macs"] == 3 * 16
    assert totals["params"] == 3 * (16 if "bias=false" in words else 20)


def test_a_dotted_word_is_a_text_where_nothing_says_otherwise(directory):
    dse(directory, "count", "configured.Named", "kind=torch.nn", "config=net.yaml", "--input", "4")


NOT_TAKEN = {
    ("Annotated", "config=configured.NetConfig"): "configured.Annotated takes no argument 'config'",
    ("Annotated", "config=configured.NetConfig", "layers=3"): "takes no argument 'config'; valid",
    ("Annotated", "setting_config=configured.NetConfig"): "takes no argument 'setting_config'",
    ("Net", "config=configured.NetConfig", "config.config=configured.NetConfig"): (
        "configured.NetConfig takes no argument 'config'"
    ),
}
"""Words that name a class, for an argument that there is not."""


@pytest.mark.parametrize("words", NOT_TAKEN, ids=" ".join)
def test_a_class_for_no_argument_is_refused_as_any_other_word(directory, words):
    name, *arguments = words
    line = refused(directory, "count", f"configured.{name}", *arguments, "--input", "4")
    assert NOT_TAKEN[words] in line


REFUSED = {
    ("config=configured.NetConfig", "layrs=3"): "takes no argument 'layrs'; did you mean 'layers'?",
    ("config=configured.NetConfi",): "has no 'NetConfi'; did you mean 'NetConfig'?",
    ("config=configured.number",): "config=configured.number: configured.number is not a class",
    ("confg.layers=3", "config=configured.NetConfig"): "did you mean 'config'?",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_configurations_that_are_refused(directory, words):
    assert REFUSED[words] in refused(directory, "count", "configured.Net", *words, "--input", "4")
