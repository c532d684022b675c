"""Pages of callables whose networks take inputs by name, of any dtype."""

import itertools
import json
import sys

import onnxruntime
import pytest
import torch

import dse as library
from dse.costs.cost_conditions import Conditions
from dse.counting import costs_under
from dse.errors import DseError
from dse.space import BlockTable, build_network, cost_of, load_family
from tests.cli.command import dse, query

OWN = """
import torch
class Reader(torch.nn.Module):
    def __init__(self, width: int = 8):
        super().__init__()
        self.words = torch.nn.Embedding(50, width)
        self.mix = torch.nn.Linear(width, width)
    def forward(self, input_ids, attention_mask=None, order=None):
        x = self.mix(self.words(input_ids))
        if attention_mask is not None:
            x = x * attention_mask.unsqueeze(-1)
        if order is not None:
            x = x[:, order]
        return x.mean(1)
"""

PAGE = """\
kind: callable
target: named_models.Reader
axes:
  width: 8
  sequence: 16
input:
  input_ids: {shape: [sequence], dtype: int64}
  attention_mask:
    shape: [sequence]
    values: 1
  order: {shape: [3], dtype: int64, values: [2, 1, 0], batch: false}
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("named")
    (directory / "named_models.py").write_text(OWN)
    (directory / "family").mkdir()
    (directory / "family" / "reader.yaml").write_text(PAGE)
    sys.path.insert(0, str(directory))
    yield directory
    sys.path.remove(str(directory))
    sys.modules.pop("named_models", None)


@pytest.fixture
def load(directory, tmp_path):
    def read(old="", new=""):
        assert old in PAGE
        path = tmp_path / "reader.yaml"
        path.write_text(PAGE.replace(old, new, 1))
        return load_family(path, ["named_models"])

    return read


CONDITIONS = (Conditions(), Conditions(batch=3, precision="mixed", optimizer="adamw"))


@pytest.mark.parametrize("conditions", CONDITIONS)
def test_a_candidate_costs_what_its_model_does(load, conditions):
    candidate = load().resolve({"sequence": 12})
    batch = conditions.batch
    inputs = {
        "input_ids": library.Input((batch, 12), "int64"),
        "attention_mask": library.Input((batch, 12), values=1),
        "order": library.Input((3,), "int64", values=[2, 1, 0]),
    }
    whole = costs_under(build_network(candidate), inputs, conditions)
    assert cost_of(candidate, BlockTable(conditions)) == whole
    assert whole.macs == batch * 12 * 64
    assert whole.train_memory is not None


CHANGES = {
    "dtype": ("int64}", "int32}"),
    "values": ("values: 1\n", "values: 0\n"),
    "the lack of values": ("    values: 1\n", ""),
    "batch": ("[2, 1, 0], batch: false", "2, batch: true"),
    "the order of values": ("[2, 1, 0]", "[0, 1, 2]"),
    "name": ("attention_mask:", "mask:"),
}


def test_the_key_is_that_of_the_inputs_too(load):
    keys = {"itself": load().resolve({}).key}
    for what, (old, new) in CHANGES.items():
        keys[what] = load(old, new).resolve({}).key
    keys["an axis"] = load().resolve({"sequence": 32}).key
    for one, other in itertools.combinations(keys, 2):
        assert keys[one] != keys[other], (one, other)


MISTAKES = {
    ("dtype: int64}", "dtype: in64}"): "reader.yaml:7: input.input_ids.dtype: unknown dtype 'in64'",
    ("dtype: int64}", "dtyp: int64}"): "reader.yaml:7: input.input_ids.dtyp: unknown key 'dtyp'",
    ("[sequence], dtype", "[sequnce], dtype"): "reader.yaml:7: input.input_ids.shape[0]: unknown",
    ("shape: [sequence], dtype", "dtype"): "reader.yaml:7: input.input_ids: the input has no 'sh",
    ("shape: [sequence], dtype", "shape: 3, dtype"): "input.input_ids.shape: expected a list",
    ("values: 1\n", "values: one\n"): "reader.yaml:10: input.attention_mask.values: ",
    ("values: 1\n", "dtype: int8\n    values: 300\n"): "int8 holds whole numbers from -128 to 127",
    ("batch: false", "batch: 0"): "reader.yaml:11: input.order.batch: expected true or false",
    ("[2, 1, 0]", "[2, 1]"): "reader.yaml:11: input.order.values: input values (2, 1) do not fill",
    ("input_ids:", "input-ids:"): "'input-ids' is no name of an argument",
}


@pytest.mark.parametrize(("old", "new"), MISTAKES)
def test_a_mistake_on_the_page(load, old, new):
    with pytest.raises(DseError) as caught:
        load(old, new).resolve({})
    assert MISTAKES[old, new] in str(caught.value)


def test_a_name_that_the_forward_does_not_have(load):
    costs = cost_of(load("attention_mask:", "attention_maks:").resolve({}))
    assert "takes no input 'attention_maks'; did you mean 'attention_mask'?" in costs.reason


def test_the_commands_take_such_a_family(directory):
    dse(directory, "check", "family/reader.yaml", "--allow", "named_models")
    words = ("--config-dir", ".", "family=reader", "grid=none", "allow=[named_models]")
    dse(directory, "sweep", *words, "grid.sequence=[16,32]")
    macs = {row["sequence"]: row["macs"] for row in query(directory)}
    assert macs == {16: 16 * 64, 32: 32 * 64}
    allowed = ("--allow", "named_models")
    shown = json.loads(dse(directory, "show", "2", *allowed, "--format", "json").stdout)
    assert shown["input"] == {"input_ids": [1, 32], "attention_mask": [1, 32], "order": [3]}
    assert "input_ids 1×32 int64" in dse(directory, "show", "2", *allowed).stdout
    dse(directory, "export", "2", *allowed, "--to", "python", "--output", "net.py")
    counted = json.loads(dse(directory, "count", "net.py:build", "--format", "json").stdout)
    assert (counted["input"], counted["totals"]["macs"]) == (shown["input"], 32 * 64)


def test_an_exported_network_takes_its_inputs_by_name(directory):
    words = ("--config-dir", ".", "family=reader", "grid=none", "allow=[named_models]")
    dse(directory, "sweep", *words, "store.url=exported.db")
    export = ("export", "1", "--allow", "named_models", "--store", "exported.db")
    dse(directory, *export, "--to", "torch", "--output", "net.pt2")
    dse(directory, *export, "--to", "onnx", "--output", "net.onnx")
    named = {
        "input_ids": torch.randint(50, (5, 16)),
        "attention_mask": torch.rand(5, 16),
        "order": torch.tensor([2, 1, 0]),
    }
    program = torch.export.load(directory / "net.pt2").module()
    scores = program(**named)
    assert scores.shape == (5, 8)
    session = onnxruntime.InferenceSession(directory / "net.onnx")
    (found,) = session.run(["output"], {name: each.numpy() for name, each in named.items()})
    torch.testing.assert_close(torch.from_numpy(found), scores.detach(), rtol=1e-4, atol=1e-5)
