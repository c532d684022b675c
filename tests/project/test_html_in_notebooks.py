"""What a cell of a notebook may end in has a small table of HTML, from which nothing runs."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import types
import typing
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import torch

import dse
from dse.counting import Count
from dse.devices import DevicePage
from dse.html_tables import html_table
from dse.project import ListedFamily
from dse.space import BlockSpace, CallableSpace

GRID = {"width": [8, 16, 24], "depth": [1, 2], "resolution": 8}
HOSTILE = "<script>alert(1)</script>\"'&\u202e\x1b[31m"

OF_THE_ROOMS_BELOW = {BlockSpace, CallableSpace, DevicePage}
"""What a space is made of, which is not of the public package."""


@pytest.fixture(scope="module")
def space() -> dse.Space:
    return dse.design_space("mlp", GRID, cost={"batch": 2})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, space: dse.Space) -> dse.Project:
    project = dse.open(tmp_path_factory.mktemp("html") / "dse.db")
    project.sweep(space)
    return project


def calls() -> Iterator[tuple[str, Any]]:
    """Yield what the package, and each object that it is used by, can be asked."""
    for name in dse.__all__:
        if inspect.isfunction(found := getattr(dse, name)):
            yield name, found
    for kind in (dse.Space, dse.Project, dse.Study, Count):
        for name in dir(kind):
            found = inspect.getattr_static(kind, name)
            found = getattr(found, "fget", None) or getattr(found, "func", found)
            if name[0] != "_" and inspect.isfunction(found):
                yield f"{kind.__name__}.{name}", found


def classes_in(hint: Any) -> Iterator[type]:
    """Yield the classes of dse within the type that a call returns."""
    for inner in typing.get_args(hint):
        yield from classes_in(inner)
    is_class = isinstance(hint, type) and not isinstance(hint, types.GenericAlias)
    if is_class and hint.__module__.partition(".")[0] == "dse":
        yield hint


def names_of(call: Any) -> dict[str, Any]:
    """Return what the annotations of a call may name; some are imported for the checker alone."""
    found: dict[str, Any] = {}
    source = inspect.getsource(importlib.import_module(call.__module__))
    for module, taken in re.findall(r"^    from ([\w.]+) import (.+)$", source, flags=re.M):
        if "(" not in taken:
            for name in taken.split(", "):
                name, _, other = name.partition(" as ")
                found[other or name] = getattr(importlib.import_module(module), name)
    return found


def returned() -> dict[type, str]:
    """Return each class of dse that a call returns, with one such call."""
    found: dict[type, str] = {dse.Cost: "Cost", dse.Convention: "Convention", dse.Input: "Input"}
    for name, call in calls():
        own = {**names_of(call), "polars": importlib.import_module("polars")}
        hint = typing.get_type_hints(call, {**call.__globals__, **own}).get("return")
        found |= dict.fromkeys(classes_in(hint), name)
    return {each: name for each, name in found.items() if each not in OF_THE_ROOMS_BELOW}


RETURNED = returned()


@pytest.mark.parametrize("kind", RETURNED, ids=lambda kind: kind.__name__)
def test_whatever_a_call_returns_has_a_table(kind: type) -> None:
    assert callable(getattr(kind, "_repr_html_", None)), f"{RETURNED[kind]} returns it"


def test_the_calls_that_matter_are_among_them() -> None:
    assert {dse.Space, dse.Project, dse.Study, Count, ListedFamily} <= RETURNED.keys()
    assert {"Swept", "ShownCandidate", "Overview", "Costs"} <= {k.__name__ for k in RETURNED}


class Reader(HTMLParser):
    """Reads a page, and notes what might run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.open, self.tags = "", [], set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style", "value", "max"}
        assert all(re.fullmatch(r"text-align:\w+|\d+", value or "") for _, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


TAGS = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "progress"}


def read(shown: Any) -> str:
    """Return the text of what a notebook shows of a value."""
    page = shown if isinstance(shown, str) else shown._repr_html_()
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert reader.tags <= TAGS
    assert "\x1b" not in page
    assert "\u202e" not in page
    return " ".join(reader.text.split())


def test_a_count_tells_its_costs_and_layers() -> None:
    network = torch.nn.Sequential(*(torch.nn.Linear(32, 32) for _ in range(30)))
    counted = dse.count(network, (1, 32))
    shown = read(counted)
    assert "macs 30.72k 30,720" in shown
    assert "peak_memory" in shown
    assert "train_memory" not in shown, "nothing is traced for it"
    assert "Linear" in shown
    assert "… and 10 more" in shown
    assert counted.train_memory
    assert f"{counted.train_memory:,}" in read(counted)
    assert "1,056" in read(counted.layers[0].costs)
    assert "Linear" in read(counted.layers[0])


def test_a_space_is_not_asked_for_more_than_it_says(
    space: dse.Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = dataclasses.replace(space)
    monkeypatch.setattr(dse.Space, "overview", lambda *_: pytest.fail("took long"))
    shown = read(fresh)
    assert "Space of mlp" in shown
    assert "8, 16, 24" in shown
    assert "6 points" in shown
    assert "cost.batch 2" in shown
    assert "networks" not in shown
    large = dse.design_space("ofa_mobilenet_v3")
    assert "points" in read(large)


def test_a_space_that_does_not_hold_is_shown_with_the_reason(space: dse.Space) -> None:
    assert "'width'" in read(dataclasses.replace(space, grid={"widht": [1]}))


def test_a_space_in_numbers_has_units(space: dse.Space) -> None:
    shown = read(space.overview("macs <= 1M"))
    assert re.search(r"peak_memory +[\d.]+KiB", shown)
    assert read(space.extremes("macs")[0])
    assert read(space.fits("macs <= 1M"))
    assert read(space.check())


def test_what_a_project_returns_is_shown(
    project: dse.Project, space: dse.Space, tmp_path: Path
) -> None:
    shown = read(project)
    assert "candidates 6" in shown
    assert "none yet" in read(dse.open(tmp_path / "none.db"))
    (tmp_path / "other.db").write_text("no database" * 1000)
    assert "contents" in read(dse.open(tmp_path / "other.db"))
    secret = read(dse.open("postgresql://me:secret@127.0.0.1:1/dse"))
    assert "secret" not in secret
    assert "127.0.0.1" in secret
    assert "points 6" in read(project.sweep(space))
    candidate = read(project.show(1))
    assert "width 8" in candidate
    assert "layer" in candidate
    assert re.search(r"layers that differ.*ratio.*macs", read(project.diff(1, 2)))
    table = tmp_path / "errors.csv"
    table.write_text("id,error\n1,2.5\n")
    assert "measurements 1" in read(project.import_(table))
    assert "error 2.5" in read(project.show(1))


def test_a_study_tells_its_goal_budget_and_best(project: dse.Project, space: dse.Space) -> None:
    study = project.search(space, "params", "macs <= 1M", trials=3, best=2)
    shown = read(study)
    best = study.best
    assert f"Study {study.id} of mlp: params" in shown
    assert "macs <= 1M" in shown
    assert best.height == 2
    assert all(f" {number} " in shown for number in best["id"])
    front = project.search(space, minimize="macs", maximize="params")
    assert "the front" in read(front)


def test_nothing_from_outside_runs(space: dse.Space, project: dse.Project) -> None:
    shown = project.show(1)
    row = dataclasses.replace(shown.stored.row, family=HOSTILE)
    for hostile in (
        dataclasses.replace(space, family=HOSTILE, grid={HOSTILE: [HOSTILE]}),
        dataclasses.replace(dse.listed_families()[0], description=HOSTILE),
        dse.open(HOSTILE),
        html_table([HOSTILE], [[HOSTILE * 100]], numbers=[HOSTILE]),
        dataclasses.replace(shown, stored=dataclasses.replace(shown.stored, row=row)),
    ):
        assert "<script>alert(1)</script>" in read(hostile)


def test_a_long_table_is_cut() -> None:
    cost = read(dse.Cost("mine", "What I mean."))
    assert "What I mean." in cost
    shape = read(dse.Input(tuple(range(1, 40))))
    assert "and 27 more" in shape
