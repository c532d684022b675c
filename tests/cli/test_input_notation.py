"""Inputs as models take them, on the command line."""

import json

import pytest
import torch

import dse as library
from dse.cli.counted.counted_models import build_model, load_target
from tests.cli.command import dse, refused

NET = """
import torch
{constant}
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(10, 4)
        self.mix = torch.nn.Linear(4, 4)
    def forward(self, input_ids, attention_mask=None, timestep=None, options=None):
        x = self.embedding(input_ids)
        if attention_mask is not None:
            x = x * attention_mask.unsqueeze(-1)
        for _ in range(timestep or 1):
            x = self.mix(x)
        return x
class Graph(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Linear(4, 4)
    def forward(self, x, edge_index):
        return self.mix(x)[:, edge_index[0]]
"""


@pytest.fixture
def net(tmp_path):
    def write(constant=""):
        (tmp_path / "net.py").write_text(NET.format(constant=constant))
        return tmp_path

    return write


def counted(directory, *words, model="net.py:Net"):
    return json.loads(dse(directory, "count", model, *words, "--format", "json").stdout)


IDS = {"input_ids": [2, 128]}
NOTATIONS = {
    "a name": (["input_ids=128:int64"], IDS, 1),
    "values": (["input_ids=128:int64", "attention_mask=128:int64=1"],
               IDS | {"attention_mask": [2, 128]}, 1),
    "a list of values": (["input_ids=3:int64=[1, 2, 3]"], {"input_ids": [2, 3]}, 1),
    "no sizes": (["input_ids=:int64=5"], {"input_ids": [2]}, 1),
    "a plain number": (["input_ids=128:int64", "timestep=@5"], IDS | {"timestep": 5}, 5),
    "null": (["input_ids=128:int64", "timestep=@null"], IDS | {"timestep": None}, 1),
    "plain names with values": (["input_ids=128:int64", "options=@{resolution: null}"],
                                IDS | {"options": {"resolution": None}}, 1),
    "by position": (["128:int64"], [2, 128], 1),
    "by position and name": (["128:int64", "timestep=@2"], {"1": [2, 128], "timestep": 2}, 2),
}  # fmt: skip


@pytest.mark.parametrize(("inputs", "sizes", "times"), NOTATIONS.values(), ids=NOTATIONS)
def test_what_may_follow_input(net, inputs, sizes, times):
    words = [word for each in inputs for word in ("--input", each)]
    content = counted(net(), *words, "--batch", "2")
    assert content["input"] == sizes
    elements = torch.Size(next(iter(sizes.values())) if isinstance(sizes, dict) else sizes).numel()
    assert content["totals"]["macs"] == 16 * elements * times


@pytest.mark.parametrize("named", ["edge_index=2,9:int64", "2,9:int64"])
def test_an_input_without_a_batch(net, named):
    words = ("--input", "5,4", "--input", named, "--batch", "3")
    sizes = counted(net(), *words, "--no-batch", "edge_index", model="net.py:Graph")["input"]
    assert [2, 9] in (sizes.values() if isinstance(sizes, dict) else sizes)
    with_batch = counted(net(), *words, model="net.py:Graph")["input"]
    assert [3, 2, 9] in (with_batch.values() if isinstance(with_batch, dict) else with_batch)


ENTRIES = {
    "'128:int64'": [2, 128],
    "{shape: [128], dtype: int64, values: 1}": [2, 128],
    "{shape: [128], dtype: int64, batch: false}": [128],
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_file_of_inputs(net, entry):
    directory = net()
    (directory / "inputs.yaml").write_text(
        f"input_ids: {entry}\ntimestep: 3\noptions: {{crop: {{value: [4, 4]}}, mask: [4]}}\n"
    )
    content = counted(directory, "--inputs", "inputs.yaml", "--batch", "2")
    assert content["input"] == {
        "input_ids": ENTRIES[entry], "timestep": 3, "options": {"crop": [4, 4], "mask": [2, 4]}
    }  # fmt: skip
    (directory / "inputs.yaml").write_text(f"[{entry}]")
    batch = ("--batch", "2") if ENTRIES[entry][0] == 2 else ()
    assert counted(directory, "--inputs", "inputs.yaml", *batch)["input"] == ENTRIES[entry]


@pytest.mark.parametrize("own", ["{'input_ids': '128:int64', 'timestep': 3}",
                                 "{'input_ids': {'shape': [128], 'dtype': 'int64'}}"])  # fmt: skip
def test_the_file_of_a_model_may_name_its_inputs(net, own):
    content = counted(net(f"INPUT = {own}"))
    assert content["input"]["input_ids"] == [1, 128]
    assert content["totals"]["macs"] == 16 * 128 * content["input"].get("timestep", 1)


IDS_ON_DATA = torch.zeros(2, 128, dtype=torch.int64)


@pytest.mark.parametrize("held", [IDS_ON_DATA, [IDS_ON_DATA], {"input_ids": IDS_ON_DATA}])
def test_a_file_of_example_inputs(net, held):
    directory = net()
    torch.save(held, directory / "inputs.pt")
    content = counted(directory, "--inputs", "inputs.pt", "--input", "timestep=@2")
    assert content["totals"]["macs"] == 16 * 256 * 2


def test_python_and_the_command_line_count_the_same(net, monkeypatch):
    directory = net()
    words = ("--input", "input_ids=128:int64", "--input", "timestep=@5")
    monkeypatch.chdir(directory)
    model = build_model(load_target("net.py:Net"), {})
    inputs = {"input_ids": library.Input((1, 128), "int64"), "timestep": 5}
    assert counted(directory, *words)["totals"]["macs"] == library.count(model, inputs).macs


def test_every_view_of_a_model_takes_inputs_by_name(net):
    words = ("--input", "input_ids=128:int64", "--input", "timestep=@2")
    views = (["--memory", "--real"], ["--training", "--real"], ["--backward"], ["--time"],
             ["--compare", "thop"], ["--convention", "torchinfo"])  # fmt: skip
    for view in views:
        printed = dse(net(), "count", "net.py:Net", *words, *view).stdout
        assert "net.py:Net on input_ids 1×128 int64 and timestep 2" in printed


REFUSED = {
    ("--input", "inputids=8:int64"): "takes no input 'inputids'; did you mean 'input_ids'?",
    ("--input", "input_ids=8:int64", "--input", "input_ids=8"): "'input_ids' is given twice",
    ("--input", "8:int64", "--input", "input_ids=8:int64"): "'input_ids' of Net is given twice",
    ("--input", "input_ids=8:in64"): "did you mean 'int64'?",
    ("--input", "input_ids=8:int8=300"): "int8 holds whole numbers from -128 to 127",
    ("--input", "input_ids=8:int64=[1, 2]"): "do not fill the shape (1, 8)",
    ("--input", "input_ids=8:int64=one"): "input values 'one': expected numbers",
    ("--input", "input_ids=@[1"): "--input '@[1'",
    ("--input", "input_ids=8,-1"): "expected positive sizes",
    ("--input", "8:int64", "--no-batch", "input_id"): "did you mean 'input_ids'?",
    ("--no-batch", "input_ids"): "there is no --input of that name",
    ("--inputs", "none.yaml"): "none.yaml: No such file",
    ("--inputs", "none.pt"): "none.pt: no such file",
    ("--inputs", "net.py"): "inputs are read from .yaml and .pt files",
    ("--inputs", "object.pt"): "object.pt holds no tensors that are safe to load",
    ("--inputs", "text.pt"): "expected a tensor, or a list or dict of tensors, not str",
    ("--inputs", "wrong.yaml"): "wrong.yaml.input_ids.dtyp: unknown key 'dtyp'; did you mean",
    ("--inputs", "size.yaml"): "size.yaml.input_ids.shape: expected a list of sizes, not 'x'",
    ("--inputs", "twice.yaml", "--input", "input_ids=8"): "'input_ids' is given twice",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_is_refused(net, words):
    directory = net()
    torch.save(torch.nn.ReLU(), directory / "object.pt")
    torch.save("text", directory / "text.pt")
    (directory / "wrong.yaml").write_text("input_ids: {shape: [8], dtyp: int64}")
    (directory / "size.yaml").write_text("input_ids: {shape: x}")
    (directory / "twice.yaml").write_text("input_ids: '8:int64'")
    assert REFUSED[words] in refused(directory, "count", "net.py:Net", *words)
