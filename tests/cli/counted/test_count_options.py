"""Each option of `dse count` makes a difference to what is printed, or is refused beside it."""

import pytest

from dse.cli.main import command_tree
from tests.cli.command import run_words

NET = """
from torch import nn
from torch.nn import functional as F

INPUT = (4, 8)

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.lift = nn.Linear(8, 8)

    def forward(self, x):
        x = self.lift(x)
        return F.scaled_dot_product_attention(x, x, x)

class Net(nn.Module):
    def __init__(self, kind="two"):
        super().__init__()
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        return self.head(self.blocks(x).mean(1))
"""

OPTIONS = {
    "--input": "6,8",
    "--no-batch": "x",
    "--inputs": "inputs.yaml",
    "--batch": "3",
    "--depth": "1",
    "--collapse": None,
    "--convention": "thop",
    "--compare": "thop",
    "--rules": None,
    "--backward": None,
    "--time": None,
    "--memory": None,
    "--training": None,
    "--picture": "memory.svg",
    "--cost": "training",
    "--dtype": "float16",
    "--precision": "mixed",
    "--optimizer": "adamw",
    "--kernels": "math",
    "--device": "h100_sxm",
    "--runtime": "graph",
    "--loss": "cross_entropy",
    "--budget": "macs <= 1",
    "--label": "5:float32",
    "--format": "json",
}
"""A value of each option that is none of its default's."""

TELLS_NOTHING_BY_ITSELF = {
    "--strict": "fails where an operator is unknown",
    "--real": "runs on data, where every number that needs none stays what it was",
    "--help": "is tested with the pages of help",
}

VIEWS = (
    (),
    ("--format", "json"),
    ("--format", "csv"),
    ("--format", "csv", "--depth", "0"),
    ("--format", "markdown"),
    ("--format", "github"),
    ("--format", "github", "--budget", "train_memory <= 1"),
    ("--memory",),
    ("--memory", "--format", "json"),
    ("--training",),
    ("--convention", "thop"),
    ("--convention", "torchstat"),
    ("--convention", "thop", "--rules"),
    ("--compare", "thop,fvcore"),
    ("--collapse",),
    ("--real", "never"),
)


@pytest.fixture
def net(tmp_path):
    (tmp_path / "net_of_options.py").write_text(NET)
    (tmp_path / "inputs.yaml").write_text("x: {shape: [7, 8]}\n")
    return tmp_path


def test_every_option_is_tried():
    count = command_tree().commands["count"]
    options = {option for each in count.params for option in each.opts if option.startswith("--")}
    assert options == {*OPTIONS, *TELLS_NOTHING_BY_ITSELF} - {"--help"}


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_an_option_shows_or_is_refused(net, view):
    base = ("count", "net_of_options.py:Net", *view)
    before = run_words(net, *base)
    passed_over = []
    for option, value in OPTIONS.items():
        if option in view or (view[:1] == ("--training",) and option == "--memory"):
            continue
        words = (option,) if value is None else (option, value)
        if option == "--no-batch":
            words = ("--input", "x=4,8", *words)
        status, printed, told = run_words(net, *base, *words)
        is_refused = status != 0 and b"error: " in told and not printed
        is_drawn = option == "--picture" and (net / "memory.svg").exists()
        if not is_refused and (status, printed) == before[:2] and not is_drawn:
            passed_over.append(option)
    assert passed_over == []
