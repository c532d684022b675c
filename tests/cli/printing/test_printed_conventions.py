"""How other counters' tables, their rules and comparisons are printed."""

import csv
import io
import json

import pytest
from torch import nn
from torchvision.models import get_model

from dse.cli.printing.printed_conventions import print_comparison, print_convention, print_rules
from dse.counting import build_without_weights, trace
from dse.counting.conventions import CONVENTIONS, read_convention
from dse.errors import DseError
from tests.cli.command import dse, refused

RESNET = trace(
    build_without_weights(lambda: get_model("resnet18", weights=None)),
    (8, 3, 224, 224),
    functions=True,
)
ODD = trace(nn.Sequential(nn.GroupNorm(2, 4), nn.LSTM(6, 3)), (5, 4, 6), functions=True)
FORMATS = ("table", "json", "csv", "markdown")


def printed(capsys, show, *arguments):
    show(*arguments)
    return capsys.readouterr().out


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("traced", [RESNET, ODD], ids=["resnet18", "odd"])
def test_every_convention_prints_in_every_format(name, format, traced, capsys):
    text = printed(capsys, print_convention, traced, name, format)
    rows = read_convention(traced, name).rows
    if format == "json":
        assert len(json.loads(text)["rows"]) == len(rows)
    elif format == "csv":
        assert len(list(csv.DictReader(io.StringIO(text)))) == len(rows)
    else:
        assert len(text.splitlines()) > len(rows)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_rule_is_printed(name, format, capsys):
    text = printed(capsys, print_rules, name, format)
    assert all(rule.names and json.dumps(rule.formula)[1:-1] for rule in CONVENTIONS[name].rules)
    for rule in CONVENTIONS[name].rules:
        assert rule.names[0] in text


def test_torchsummary_prints_its_lines(capsys):
    lines = printed(capsys, print_convention, RESNET, "torchsummary").splitlines()
    assert lines[1].split("  ")[0] == "Conv2d-1"
    assert lines[1].split() == ["Conv2d-1", "[8,", "64,", "112,", "112]", "9,408"]
    assert "Forward/backward pass size (MB): 502.34" in lines


def test_torchstat_shows_times_where_they_were_measured(capsys):
    lines = printed(capsys, print_convention, RESNET, "torchstat").splitlines()
    assert "-" in lines[1].split()
    seconds = {"conv1": 3.0, "fc": 1.0}
    lines = printed(capsys, print_convention, RESNET, "torchstat", "table", seconds).splitlines()
    assert "75.00%" in lines[1].split()
    header = lines[0].split()
    assert header[-5:] == ["Flops", "MemRead(B)", "MemWrite(B)", "duration[%]", "MemR+W(B)"]


def test_layers_that_a_counter_does_not_know_are_marked(capsys):
    text = printed(capsys, print_convention, ODD, "thop")
    assert any("GroupNorm" in line and "0*" in line for line in text.splitlines())
    assert "* not known to thop 0.1.1, which counts nothing there: GroupNorm (×1)" in text


def test_the_amounts_of_a_comparison_add_up(capsys):
    names = ["thop", "fvcore", "torch"]
    document = json.loads(printed(capsys, print_comparison, RESNET, names, "json"))
    rows = list(
        csv.DictReader(io.StringIO(printed(capsys, print_comparison, RESNET, names, "csv")))
    )
    for each in document["conventions"]:
        amounts = [int(row["amount"]) for row in rows if row["convention"] == each["convention"]]
        assert sum(amounts) == each["number"]
        assert document["macs"] + each["difference"] == each["number"]


def test_a_comparison_says_why(capsys):
    text = printed(capsys, print_comparison, RESNET, ["thop", "torchsummary"])
    assert text.splitlines()[0].split() == ["ours", "thop", "torchsummary"]
    assert "BatchNorm2d ×20: 4 · I" in text
    assert "torchsummary has no number of operations to compare." in text


def test_an_unknown_convention_names_the_nearest():
    for show in (print_convention, print_comparison):
        with pytest.raises(DseError, match="did you mean 'thop'"):
            show(RESNET, "thopp" if show is print_convention else ["thopp"])
    with pytest.raises(DseError, match="did you mean 'thop'"):
        print_rules("thopp")


def test_rules_need_no_model_and_a_count_does(tmp_path):
    rules = dse(tmp_path, "count", "--convention", "fvcore", "--rules", "--format", "json").stdout
    for rule in json.loads(rules)["rules"]:
        names = rule["applies to"].split(", ")
        assert len(names) == len(set(names))
    assert "of which MODEL?" in refused(tmp_path, "count", "--convention", "fvcore")
