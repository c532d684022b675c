"""Every count says at which input it was made, and an exported network brings its own."""

import json

import pytest
import torch

from tests.cli.command import dse, refused

NET = """
import torch
INPUT = {input}
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Conv2d(3, 4, 1)
    def forward(self, maps, *others):
        return self.mix(maps)
class Embedding(torch.nn.Embedding):
    def __init__(self):
        super().__init__(10, 4)
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("store")
    space = ("family=mobilenet_v2", "grid=none", "grid.width=[0.25]", "grid.resolution=[32,96]")
    dse(directory, "sweep", *space)
    dse(directory, "sweep", *space, "grid.resolution=[32]", "cost.batch=4", "cost.dtype=int8")
    return directory


@pytest.mark.parametrize("id", [1, 2])
def test_an_exported_network_is_counted_at_its_own_input(directory, id):
    dse(directory, "export", str(id), "--to", "python", "--output", "net.py")
    content = json.loads(dse(directory, "count", "net.py:build", "--format", "json").stdout)
    shown = json.loads(dse(directory, "show", str(id), "--format", "json").stdout)
    resolution = shown["settings"]["resolution"]
    assert content["input"] == shown["input"] == [1, 3, resolution, resolution]
    assert content["input_is_default"] is False
    assert content["totals"]["macs"] == shown["costs"]["macs"]
    assert content["totals"]["peak_memory"] == shown["costs"]["peak_memory"]
    printed = dse(directory, "count", "net.py:build").stdout
    assert f"net.py:build on 1×3×{resolution}×{resolution}, the input of its file" in printed
    larger = dse(directory, "count", "net.py:build", "--input", "3,64,64", "--batch", "2").stdout
    assert "net.py:build on 2×3×64×64\n" in larger


SUMMARIES = [
    ("count", "net.py:Net"),
    ("count", "net.py:Net", "--format", "markdown"),
    ("count", "net.py:Net", "--memory"),
    ("count", "net.py:Net", "--training"),
    ("count", "net.py:Net", "--compare", "thop"),
    ("count", "net.py:Net", "--convention", "torchinfo"),
    ("count", "net.py:Net", "--convention", "torchinfo", "--format", "markdown"),
]


@pytest.mark.parametrize("words", SUMMARIES, ids=" ".join)
def test_every_summary_of_count_names_the_input(tmp_path, words):
    for own, more, expected in (
        ("None", (), "1×3×224×224, the default input"),
        ("(3, 16, 16)", (), "1×3×16×16, the input of its file"),
        ("(3, 16, 16)", ("--input", "3,8,8", "--batch", "2"), "2×3×8×8"),
    ):
        (tmp_path / "net.py").write_text(NET.format(input=own))
        assert f"net.py:Net on {expected}" in dse(tmp_path, *words, *more).stdout


@pytest.mark.parametrize(
    ("own", "sizes"),
    [
        ("(3, 16, 16)", [1, 3, 16, 16]),
        ("[3, 16, 16]", [1, 3, 16, 16]),
        ("'3,16,16'", [1, 3, 16, 16]),
        ("[(3, 16, 16), '7:int64']", [[1, 3, 16, 16], [1, 7]]),
    ],
)
def test_what_a_file_may_say(tmp_path, own, sizes):
    (tmp_path / "net.py").write_text(NET.format(input=own))
    printed = dse(tmp_path, "count", "net.py:Net", "--format", "json").stdout
    assert json.loads(printed)["input"] == sizes


NO_SIZES = ("3.5", "(3, -1)", "'3,a'", "[[3, 'y']]", "{}", "object()", "torch.ones(2)")


@pytest.mark.parametrize("own", NO_SIZES)
def test_a_file_that_says_something_else(tmp_path, own):
    (tmp_path / "net.py").write_text(NET.format(input=own))
    assert "INPUT of the model's file" in refused(tmp_path, "count", "net.py:Net")


def test_a_candidate_and_a_difference_name_their_inputs(directory):
    assert "layers of candidate 1 on 1×3×32×32" in dse(directory, "show", "1").stdout
    printed = dse(directory, "diff", "1", "2").stdout
    assert "layers (name, type, output, params, macs) on 1×3×32×32 and 1×3×96×96" in printed


def test_the_memory_of_a_candidate(directory):
    printed = dse(directory, "show", "2", "--memory", "--picture", "memory.svg")
    assert "memory of inference of candidate 2 on 1×3×96×96: " in printed.stdout
    assert printed.stderr == "drawn in memory.svg\n"
    assert "candidate 2 on 1×3×96×96" in (directory / "memory.svg").read_text()
    of_step = json.loads(dse(directory, "show", "2", "--training", "--format", "json").stdout)
    assert of_step["memory"]["peak"] == of_step["costs"]["train_memory"]
    assert "not as csv" in refused(directory, "show", "2", "--memory", "--format", "csv")


@pytest.mark.parametrize("words", [("show", "3"), ("count", "net.py:Net", "--dtype", "int8")])
def test_what_is_alive_is_shown_in_the_type_whose_bytes_are_counted(directory, words):
    (directory / "net.py").write_text(NET.format(input="(3, 32, 32)"))
    content = json.loads(dse(directory, *words, "--memory", "--format", "json").stdout)
    alive = content["memory"]["alive_at_peak"]
    assert alive
    for tensor in alive:
        elements = 1
        for size in tensor["shape"]:
            elements *= size
        assert (tensor["dtype"], tensor["bytes"]) == ("int8", elements)
    printed = dse(directory, *words, "--memory").stdout.partition("alive at the peak")[2]
    assert "int8" in printed
    assert "float32" not in printed


def test_a_model_without_operators_has_no_memory_to_show(tmp_path):
    (tmp_path / "net.py").write_text("import torch\nbuild = torch.nn.Identity\n")
    dse(tmp_path, "count", "net.py:build")
    for option in ("--memory", "--training"):
        refused(tmp_path, "count", "net.py:build", option)
    refused(tmp_path, "count", "net.py:build", "--memory", "--real")


BATCHED = """
import torch
class Net(torch.nn.Linear):
    def __init__(self):
        super().__init__(8, 5)
"""


@pytest.mark.parametrize(
    ("words", "is_sized"),
    [
        (("--input", "8"), True),
        (("--input", "input=8", "--no-batch", "input"), False),
        (("--inputs", "inputs.yaml"), True),
        (("--inputs", "fixed.yaml"), False),
        (("--inputs", "two.pt"), False),
        (("--inputs", "three.pt"), True),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else None,
)
def test_a_batch_that_no_input_has_is_refused(tmp_path, words, is_sized):
    (tmp_path / "sized_net.py").write_text(BATCHED)
    (tmp_path / "inputs.yaml").write_text("input: {shape: [8]}\n")
    (tmp_path / "fixed.yaml").write_text("input: {shape: [2, 8], batch: false}\n")
    for name, batch in {"two": 2, "three": 3}.items():
        torch.save({"input": torch.zeros(batch, 8)}, tmp_path / f"{name}.pt")
    command = ("count", "sized_net.py:Net", "--batch", "3", *words)
    if is_sized:
        assert "3×8" in dse(tmp_path, *command).stdout
    else:
        assert "error: --batch 3: no input has a batch axis of it" in refused(tmp_path, *command)
