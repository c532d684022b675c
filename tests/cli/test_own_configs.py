"""Families, grids, budgets and models of the user's own, from a directory of theirs."""

import json
import sys

import pytest

from dse.configs.config_places import family_pages
from tests.cli.command import dse, query, refused
from tests.space.shipped import default_grid, family

MODELS = """
from pathlib import Path
from torch import nn

class Net(nn.Module):
    def __init__(self, width: int = 8, depth: int = 1):
        super().__init__()
        with Path("built.txt").open("a") as file:
            file.write(f"{width} {depth}\\n")
        if width % depth:
            raise ValueError(f"width {width} does not divide by {depth}")
        layers = [nn.Conv2d(3 if not i else width, width, 3, padding=1) for i in range(depth)]
        self.layers = nn.Sequential(*layers, nn.ReLU())

    def forward(self, images):
        return self.layers(images).mean((2, 3))
"""

PAGES = {
    "family/net.yaml": "kind: callable\ntarget: my_nets.Net\n"
    "axes: {width: 8, depth: 1, resolution: 16}\ninput: [3, resolution, resolution]\n",
    "family/mlp.yaml": "axes: {width: 4}\ninput: [1, 8, 8]\nblocks:\n"
    "  - {block: flatten}\n  - {block: linear, features: width}\n",
    "grid/net.yaml": "width: [8, 9]\ndepth: [1, 2, 3]\n",
    "grid/mlp.yaml": "width: [1, 2, 3]\n",
    "budget/tiny.yaml": "params: 150\n",
}


@pytest.fixture
def directory(tmp_path, monkeypatch):
    for path, text in PAGES.items():
        (tmp_path / "mine" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / path).write_text(text)
    (tmp_path / "my_nets.py").write_text(MODELS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("my_nets", None)


def built(directory):
    file = directory / "built.txt"
    return sorted(set(file.read_text().splitlines())) if file.exists() else []


OWN = ("--config-dir", "mine", "family=net", "allow=[my_nets]")


def test_a_second_sweep_of_a_callable_builds_nothing(directory):
    printed = dse(directory, "sweep", *OWN).stdout
    assert "6 candidates, 2 invalid, 0 present, 6 stored, 6 networks traced" in printed
    assert built(directory) == ["8 1", "8 2", "8 3", "9 1", "9 2", "9 3"]
    (directory / "built.txt").unlink()
    assert "all 6 present, nothing to do" in dse(directory, "sweep", *OWN).stdout
    words = ("objective=params", "budget.params=700", "trials=9")
    assert "2 candidates meet params <= 700" in dse(directory, "search", *OWN, *words).stdout
    assert built(directory) == []
    grown = dse(directory, "sweep", *OWN, "grid.width=[8,9,10]", "grid.depth=[1,2,3]").stdout
    assert "9 candidates, 3 invalid, 6 present, 3 stored, 3 networks traced" in grown
    assert built(directory) == ["10 1", "10 2", "10 3"]
    reasons = query(directory, "invalid is not null", "--columns", "width,depth,invalid")
    assert {row["invalid"] for row in reasons} == {
        f"width {width} does not divide by {depth}" for width, depth in ((8, 3), (9, 2), (10, 3))
    }


def test_a_run_that_named_a_module_asks_for_it_again(directory):
    """A store may come from someone else, whose run allowed what it liked."""
    dse(directory, "sweep", *OWN)
    (directory / "built.txt").unlink()
    line = refused(directory, "rerun", "1", "--into", "again.db")
    assert "run 1 ran code of my_nets; to run it again: --allow my_nets" in line
    assert built(directory) == []
    assert not (directory / "again.db").exists()
    printed = dse(directory, "rerun", "1", "--into", "again.db", "--allow", "my_nets").stdout
    assert "6 candidates, 2 invalid, 0 present, 6 stored" in printed


def test_a_search_of_a_callable_keeps_what_it_traced(directory):
    words = ("search", *OWN, "objective=naswot", "objective.batch=4", "budget.params=700")
    assert "2 candidates meet params <= 700; 2 evaluated" in dse(directory, *words).stdout
    assert "all 6 present" in dse(directory, "sweep", *OWN).stdout
    best = query(directory, "naswot is not null", "--sort", "-naswot")[0]
    shown = json.loads(
        dse(directory, "show", str(best["id"]), "--allow", "my_nets", "--format", "json").stdout
    )
    assert shown["costs"]["params"] == best["params"]
    assert "layers.0" in [layer["name"] for layer in shown["layers"]]


def test_an_impossible_budget_of_a_callable_names_the_cheapest(directory):
    line = refused(directory, "sweep", *OWN, "budget.params=3")
    assert "no candidate meets params <= 3; the nearest is width=8, depth=1, resolution=16" in line


def test_a_page_a_grid_and_a_budget_of_ones_own_hide_the_shipped_ones(directory):
    words = ("--config-dir", "mine", "family=mlp", "budget=tiny")
    printed = dse(directory, "sweep", *words).stdout
    assert "mlp: width 3 = 3 points" in printed
    assert "budget params <= 150: 2 of 3 fit" in printed
    shown = dse(directory, "families", "mlp", "--config-dir", "mine").stdout
    assert "page mine/family/mlp.yaml" in shown
    assert "grid mine/grid/mlp.yaml: 3 points" in shown
    line = refused(directory, "sweep", "--config-dir=mine", "family=mlp", "grid.widht=[1]")
    assert "grid.widht: family 'mlp' has no axis 'widht'; did you mean 'width'?" in line


def test_a_mistake_in_a_page_of_ones_own_names_its_line_in_every_command(directory):
    page = directory / "mine" / "family" / "mlp.yaml"
    page.write_text(page.read_text().replace("features: width", "featuers: width"))
    expected = "mine/family/mlp.yaml:5: blocks[1].featuers: block 'linear' has no setting"
    for words in (
        ("sweep", "--config-dir", "mine", "family=mlp"),
        ("search", "--config-dir", "mine", "family=mlp"),
        ("families", "mlp", "--config-dir", "mine"),
        ("families", "--config-dir", "mine"),
        ("check", "mlp", "--config-dir", "mine"),
    ):
        if words == ("families", "--config-dir", "mine"):
            words = (*words, "--allow", "my_nets")
        assert expected in refused(directory, *words)
    page.write_text("axes: {width: 4, width: 5}\n")
    line = refused(directory, "sweep", "--config-dir", "mine", "family=mlp")
    assert "mine/family/mlp.yaml:1: found duplicate key width" in line


@pytest.mark.parametrize("name", sorted(family_pages(None)))
def test_a_family_in_detail(tmp_path, name):
    printed = dse(tmp_path, "families", name).stdout
    page = family(name)
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(page.axes)]] == list(page.axes)
    assert [line.split()[1] for line in lines if line.startswith("variant ")] == [
        f"{variant}:" for variant in page.variants
    ]
    assert lines[-2] == f"page {family_pages(None)[name]}"
    assert lines[-1].endswith(f"{default_grid(name).size:,} points")


def test_the_list_of_families(tmp_path):
    rows = json.loads(dse(tmp_path, "families", "--format", "json").stdout)
    assert [row["family"] for row in rows] == sorted(family_pages(None))
    assert {row["family"]: row["points"] for row in rows}["mobilenet_v2"] == 480


def test_a_package_that_an_extra_installs_is_missing(tmp_path, monkeypatch):
    from dse.space.blocks import block_registry

    monkeypatch.setitem(sys.modules, "timm", None)
    monkeypatch.setattr(block_registry, "_TRUSTED", set())
    line = refused(tmp_path, "sweep", "family=timm_model", "grid=none")
    assert "'timm.create_model' needs timm: pip install 'dse-nas[timm]'" in line
    rows = json.loads(dse(tmp_path, "families", "--format", "json").stdout)
    assert "needs timm" in {row["family"]: row["description"] for row in rows}["timm_model"]


MISTAKES = {
    "an axis": ("grid", "width: [1, 2]\nwidht: [3]\n", "2: grid.widht: family 'mlp' has no axis"),
    "a value": ("grid", "# Wide.\nwidth: [1, wide]\n", "2: grid.width: 'wide' is not a number"),
    "an exclusion": (
        *("grid", "width: [1, 2]\nexclude: ['width > 1', 'widht > 1']\n"),
        "2: grid.exclude[1]: unknown name 'widht'",
    ),
    "an axis in a zip": (
        "grid",
        "zip: {width: [1, 2], deep: [1, 2]}\n",
        "1: grid.zip.deep: family",
    ),
    "a cost": ("budget", "params: 10M\nmcas: 3M\n", "2: budget: unknown cost 'mcas'; did you mean"),
    "a unit": ("budget", "params: 10M\nmacs: 3X\n", "2: budget.macs: unknown unit 'X'"),
    "a condition": ("cost", "batch: 2\nbacth: 3\n", "2: unknown key 'cost.bacth'; did you mean 'b"),
    "its type": ("cost", "dtype: float16\nbatch: many\n", "2: cost.batch: Value 'many' of type"),
    "its value": (
        "cost",
        "batch: 2\ndtype: float61\n",
        "2: cost.dtype: unknown 'float61'; did you",
    ),
    "a path": ("objective", "_target_: dse.search.objectives.prams\n", "1: objective._target_: 'd"),
    "an argument": (
        *("sampler", "_target_: optuna.samplers.TPESampler\nsead: 3\n"),
        "2: sampler: unknown argument 'sead'",
    ),
    "an executor's": ("executor", "kind: local\nworkres: 2\n", "2: executor"),
    "a device's": ("device", "sram: 320KiB\nflsh: 1MiB\n", "2: "),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_page_that_was_chosen_is_told_with_its_file_and_line(directory, mistake):
    group, text, told = MISTAKES[mistake]
    (directory / "mine" / group).mkdir(exist_ok=True)
    (directory / "mine" / group / "wrong.yaml").write_text(text)
    words = ("--config-dir", "mine", "family=mlp", f"{group}=wrong")
    asked = {"budget": "trials=2", "cost": "trials=2"}.get(group, "objective=params")
    of_a_search = () if group == "objective" else (asked,)
    assert f"mine/{group}/wrong.yaml:{told}" in refused(directory, "search", *words, *of_a_search)
    if group in ("grid", "budget", "cost", "device"):
        for command in ("space", "sweep"):
            line = refused(directory, command, *words)
            assert f"mine/{group}/wrong.yaml:{told}" in line, command


def test_two_directories_are_refused(directory):
    words = ("--config-dir", "mine", "--config-dir=other", "family=mlp")
    assert "--config-dir: mine and other; name one directory" in refused(directory, "space", *words)


def test_what_a_command_line_gives_is_not_blamed_on_the_page(directory):
    (directory / "mine" / "grid" / "wrong.yaml").write_text("width: [1, 2]\n")
    words = ("--config-dir", "mine", "family=mlp", "grid=wrong")
    line = refused(directory, "space", *words, "grid.width=[1,wide]")
    assert line.startswith("error: grid.width: 'wide' is not a number")


BITS = """
axes: {dtype: auto, width: 8}
input: [3, 8, 8]
blocks:
  - {block: conv_norm_act, channels: width, dtype: dtype}
  - {block: classifier, classes: 3}
"""


def test_an_axis_of_a_condition_s_name_is_told_from_it(tmp_path):
    (tmp_path / "own" / "family").mkdir(parents=True)
    (tmp_path / "own" / "family" / "bits.yaml").write_text(BITS)
    words = ("--config-dir", "own", "family=bits", "grid.dtype=[auto,int4]", "cost.dtype=int8")
    dse(tmp_path, "sweep", *words)
    asked = dse(tmp_path, "query", "dtype = 'int8'")
    assert len(asked.stdout.splitlines()) > 2
    told = "`dtype` is what costs depend on here, not the axis of that name of bits"
    assert told in asked.stderr
    assert told not in dse(tmp_path, "query", "width = 8").stderr
