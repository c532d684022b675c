import csv
import io
import json

import pytest
from torchvision.models import get_model

from dse.costs.cost_list import COST_NAMES
from tests.cli.command import dse, refused, run_words

RESNET = ("count", "torchvision.models.resnet18", "--input", "3,224,224")
LINEAR = ("count", "torch.nn.Linear", "in_features=3", "out_features=4", "--input", "3")


def test_json_has_totals_and_layers(tmp_path):
    content = json.loads(dse(tmp_path, *RESNET, "--format", "json").stdout)
    assert content["model"] == "torchvision.models.resnet18"
    assert content["input"] == [1, 3, 224, 224]
    assert content["totals"]["params"] == 11_689_512
    assert content["totals"]["macs"] == 1_814_073_344
    totals = content["totals"]
    assert list(totals) == list(COST_NAMES)
    moved = totals["memory_read"] + totals["memory_written"]
    assert content["arithmetic_intensity"] == pytest.approx(totals["macs"] / moved, rel=1e-5)
    first = content["layers"][0]
    assert (first["name"], first["type"]) == ("conv1", "Conv2d")
    assert first["output_shape"] == [1, 64, 112, 112]
    assert sum(layer["macs"] for layer in content["layers"]) == content["totals"]["macs"]


def test_csv_has_the_layers(tmp_path):
    rows = list(csv.DictReader(io.StringIO(dse(tmp_path, *RESNET, "--format", "csv").stdout)))
    assert rows[0]["output_shape"] == "1x64x112x112"
    assert sum(int(row["params"]) for row in rows) == 11_689_512


@pytest.mark.parametrize("model", [RESNET, LINEAR])
def test_the_row_of_a_whole_model_has_the_facts_of_its_totals(tmp_path, model):
    content = json.loads(dse(tmp_path, *model, "--depth", "0", "--format", "json").stdout)
    (layer,) = content["layers"]
    assert {name: layer[name] for name in COST_NAMES} == content["totals"]
    printed = dse(tmp_path, *model, "--depth", "0", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(printed))
    assert {name: int(row[name]) for name in COST_NAMES} == content["totals"]


def test_the_table_ends_in_exact_totals(tmp_path):
    printed = dse(tmp_path, *RESNET).stdout
    assert "1,814,073,344" in printed
    (line,) = [line for line in printed.splitlines() if "arithmetic_intensity" in line]
    # 1,814,073,344 over 84,029,088 bytes read and 32,921,504 written.
    assert line.split()[1:] == ["15.5115", "MACs", "a", "byte", "read", "or", "written"]
    assert "layer1.0.conv1" in printed


def test_words_with_an_equals_sign_are_arguments_of_the_callable(tmp_path):
    words = (*RESNET, "num_classes=10", "--batch", "4", "--format", "json")
    content = json.loads(dse(tmp_path, *words).stdout)
    assert content["input"] == [4, 3, 224, 224]
    assert content["totals"]["params"] == 11_689_512 - 990 * 513
    assert content["layers"][-1]["output_shape"] == [4, 10]


@pytest.mark.parametrize("name", ["alexnet", "googlenet"])
def test_a_function_that_is_named_like_its_module(tmp_path, name):
    words = ("count", f"torchvision.models.{name}", "--format", "json")
    content = json.loads(dse(tmp_path, *words).stdout)
    assert content["totals"]["params"] == sum(p.numel() for p in get_model(name).parameters())


MODEL = """
import torch
class Net(torch.nn.Module):
    def __init__(self, width: int = 8):
        super().__init__()
        self.embedding = torch.nn.Embedding(50, width)
        self.mix = torch.nn.Linear(width + 3, 2)
    def forward(self, tokens, features):
        return self.mix(torch.cat([self.embedding(tokens), features], -1))
class Strange(torch.nn.Module):
    def forward(self, x):
        return torch.linalg.qr(x).R
class OnData(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Linear(4, 4)
    def forward(self, x):
        return self.mix(x) if x.sum() < 1e9 else x
not_a_model = 3
"""


def test_a_model_in_a_file_with_several_inputs(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    words = ("model.py:Net", "width=5", "--input", "7:int64", "--input", "7,3", "--format", "json")
    content = json.loads(dse(tmp_path, "count", *words).stdout)
    assert content["input"] == [[1, 7], [1, 7, 3]]
    assert content["totals"]["macs"] == 7 * 8 * 2


def test_operators_of_unknown_cost_are_told(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    done = dse(tmp_path, "count", "model.py:Strange", "--input", "4,4")
    assert "operators of unknown cost, not counted: aten.linalg_qr (×1)" in done.stderr
    refused(tmp_path, "count", "model.py:Strange", "--input", "4,4", "--strict")


def test_tables_fold_collapse_and_become_markdown(tmp_path):
    folded = json.loads(dse(tmp_path, *RESNET, "--depth", "1", "--format", "json").stdout)
    assert len(folded["layers"]) == 10
    assert "layer1.[0-1].conv1" in dse(tmp_path, *RESNET, "--collapse").stdout
    markdown = dse(tmp_path, *RESNET, "--depth", "1", "--format", "markdown").stdout
    assert markdown.startswith("| layer | type | output |")
    assert "| macs | 1,814,073,344 |" in markdown


def test_times_and_the_backward_pass_on_request(tmp_path):
    words = (*RESNET[:2], "--input", "3,64,64", "--time", "--backward", "--depth", "1")
    content = json.loads(dse(tmp_path, *words, "--format", "json").stdout)
    assert all(layer["seconds"] > 0 for layer in content["layers"])
    assert content["totals"]["macs"] < content["totals"]["backward_macs"]
    assert content["totals"]["backward_macs"] <= 2 * content["totals"]["macs"]
    assert "%" in dse(tmp_path, *words).stdout


def test_a_model_whose_control_flow_depends_on_data(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    words = ("count", "model.py:OnData", "--input", "4")
    line = refused(tmp_path, *words, "--real", "never")
    assert "control flow that depends on data cannot be traced without any: use --real)" in line
    with_note = dse(tmp_path, *words)
    assert "OnData ran on random data and random weights; without any, " in with_note.stderr
    for real in (("--real",), ("--real", "always"), ("--real", "auto"), ()):
        counted = dse(tmp_path, *words, *real, "--format", "json")
        assert json.loads(counted.stdout)["totals"]["macs"] == 16
        assert ("ran on random data" in counted.stderr) == (real in ((), ("--real", "auto")))


def test_other_counters_numbers(tmp_path):
    assert (
        "595,948,032"
        in dse(tmp_path, *RESNET[:2], "--input", "3,128,128", "--convention", "thop").stdout
    )
    compared = dse(tmp_path, *RESNET, "--compare", "thop,torch").stdout
    assert "thop − ours = +9,960,448" in compared
    assert "4 · I" in dse(tmp_path, "count", "x", "--convention", "thop", "--rules").stdout


def test_debug_shows_the_traceback(tmp_path):
    done = dse(tmp_path, "count", "torchvision.models.resnet18", "--input", "4,8,8", "--debug",
               status=1)  # fmt: skip
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: layer 'conv1'")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["torchvision.models.resnet81"], "has no 'resnet81'; did you mean 'resnet18'?"),
        (["torchvison.models.resnet18"], "no module named 'torchvison'"),
        (["resnet18"], "did you mean torchvision.models.resnet18?"),
        (["levit_128"], "a path such as timm.models.resnet18, or FILE.py:NAME"),
        (["model.py"], "model.py is a module; which model of it? model.py:Net"),
        (["torchvision"], "torchvision is a module; which model of it? torchvision."),
        (["torchvision.models.list_models"], "builds no torch.nn.Module but list"),
        (["model.py:not_a_model"], "model.py:not_a_model is not callable"),
        (["model.py:Nett"], "model has no 'Nett'; did you mean 'Net'?"),
        (["missing.py:Net"], "missing.py: no such file"),
        (["model.py:Net", "widht=3"], "takes no argument 'widht'; did you mean 'width'?"),
        (["torchvision.models.resnet18", "3,8,8"], "a shape goes with --input 3,8,8"),
        (["torchvision.models.resnet18", "budget.macs=1G"], "is --budget 'macs <= 1G'"),
        (["torchvision.models.resnet18", "--budget", "macs=1G"], "the budget: macs = 1G (it has"),
        (["torchvision.models.resnet18", "classes"], "'classes' is not an argument of the form"),
        (["torchvision.models.resnet18", "--convention", "thopp"], "did you mean 'thop'?"),
        (["torchvision.models.resnet18", "--compare", "thop,fvcor"], "did you mean 'fvcore'?"),
        (["torchvision.models.resnet18", "--rules"], "--rules needs the --convention"),
        (["torchvision.models.resnet18", "--time", "--collapse"], "leave out one of them"),
        (["torchvision.models.resnet18", "--input", "3,a"], "expected positive sizes"),
        (["torchvision.models.resnet18", "--input", "3,8:in64"], "did you mean 'int64'?"),
        (["torchvision.models.resnet18", "--input", "4,32,32"], "layer 'conv1' (Conv2d) fails"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, message):
    (tmp_path / "model.py").write_text(MODEL)
    assert message in refused(tmp_path, "count", *words)


PIPED = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("a|b", nn.Linear(4, 4))
    def forward(self, given):
        return self._modules["a|b"](given)
"""


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "markdown", "--budget", "macs <= 1"),
        ("--format", "github", "--budget", "macs <= 1"),
        ("--format", "markdown", "--convention", "thop"),
        ("--format", "markdown", "--compare", "thop"),
    ],
    ids=" ".join,
)
def test_a_bar_in_a_name_ends_no_cell(tmp_path, words):
    (tmp_path / "piped.py").write_text(PIPED)
    status, printed, _ = run_words(tmp_path, "count", "piped.py:Net", "--input", "4", *words)
    assert status == ("--budget" in words)
    shown = printed.decode()
    assert "a\\|b" in shown or "--compare" in words
    assert "a|b" not in shown
