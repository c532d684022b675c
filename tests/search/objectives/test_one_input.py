"""Objectives run networks of named inputs on what their page says, or say that they cannot."""

import inspect
import sys

import pytest
import torch

from dse.errors import DseError
from dse.search.objectives import OBJECTIVES, latency, train
from dse.space import BlockTable, CostedPoint, build_network, load_family

OWN = """
import torch
from torch import nn
class Seer(nn.Module):
    def __init__(self, width: int = 4):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
            nn.Flatten(), nn.Linear(width, 10),
        )
        self.steps = nn.Embedding(9, 10)
    def forward(self, pixels=None, step=None, order=None, scale=None):
        assert list(step) == [7] * len(pixels) and list(order) == [9, *range(9)]
        return (self.look(pixels) * scale + 0 * self.steps(step))[:, order]
class Reader(Seer):
    def forward(self, words, mask=None):
        return self.steps(words).mean(1)
class Comparer(Seer):
    def forward(self, one, other):
        return self.look(one - other)
class Boxes(Seer):
    def forward(self, pixels):
        return {"boxes": self.look(pixels)}
"""

INPUTS = {
    "Seer": """
  step: {shape: [], dtype: int64, values: 7}
  order: {shape: [10], dtype: int64, values: [9, 0, 1, 2, 3, 4, 5, 6, 7, 8], batch: false}
  pixels: {shape: [3, 8, 8]}
  scale: {shape: [1], values: 0.5}
""",
    "Reader": """
  words: {shape: [6], dtype: int64}
  mask: {shape: [6], values: 1}
""",
    "Comparer": """
  one: {shape: [3, 8, 8]}
  other: {shape: [3, 8, 8], dtype: float32}
""",
    "Boxes": """
  pixels: {shape: [3, 8, 8]}
""",
}
NEEDING = {
    path.rpartition(".")[2]: objective
    for path, objective in OBJECTIVES.items()
    if "module" in inspect.signature(objective).parameters
}
"""The objectives that run a network, by name."""


@pytest.fixture
def built(tmp_path, monkeypatch):
    (tmp_path / "seeing_models.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "seeing_models", raising=False)

    def build(kind):
        page = tmp_path / "seer.yaml"
        page.write_text(
            f"kind: callable\ntarget: seeing_models.{kind}\naxes: {{width: 4}}\n"
            f"input:{INPUTS[kind]}"
        )
        candidate = load_family(page, ["seeing_models"]).resolve({})
        torch.manual_seed(0)
        network = build_network(candidate)
        return CostedPoint({}, candidate.key, candidate, BlockTable().cost(candidate)), network

    return build


def measured(objective, point, network):
    options = {"device": "cpu", "seed": 0, "report": lambda step, value: False}
    options |= {"epochs": 1, "limit": 64} if objective is train else {}
    options |= {"repeats": 2, "warmup": 0, "batch": 3} if objective is latency else {}
    wanted = inspect.signature(objective).parameters
    given = {name: value for name, value in options.items() if name in wanted}
    return objective(point, network, **given)


@pytest.mark.parametrize("name", NEEDING)
def test_the_other_inputs_are_what_the_page_says(built, name):
    assert measured(NEEDING[name], *built("Seer"))


@pytest.mark.parametrize("name", sorted(NEEDING.keys() - {"latency"}))
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("Reader", r"seer has no input of numbers to choose \(words, mask\)"),
        ("Comparer", r"seer has several inputs of numbers to choose \(one, other\)"),
    ],
)
def test_a_family_that_cannot_be_served_is_told(built, name, kind, reason):
    with pytest.raises(DseError, match=reason):
        measured(NEEDING[name], *built(kind))


@pytest.mark.parametrize("kind", ["Reader", "Comparer"])
def test_latency_is_of_any_inputs(built, kind):
    assert measured(latency, *built(kind))["latency_ms"] > 0


@pytest.mark.parametrize("name", ["snip", "train"])
def test_an_output_that_scores_no_classes_is_told(built, name):
    with pytest.raises(DseError, match=r"seer returns no scores of classes, but .*dict"):
        measured(NEEDING[name], *built("Boxes"))
