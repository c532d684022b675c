"""A page that names others under `defaults` says the same to commands and in Python."""

import contextlib
import json
import re

import pytest

import dse as library
from dse.configs.own_pages import composed_page
from dse.errors import DseError
from dse.project.config_groups.cost_group import read_cost_group
from tests.cli.command import dse, query, refused

WIDE = "defaults: [mobilenet_v2]\naxes: {{width: {width}, resolution: 32}}\n"
PAGES = {
    "family/wide.yaml": WIDE.format(width=1.4),
    "family/wider.yaml": "defaults: [wide, _self_]\naxes: {width: 2.0}\n",
    "family/below.yaml": "defaults: [_self_, wide]\naxes: {width: 2.0}\n",
    "cost/large.yaml": "defaults: [training]\nbatch: 4\n",
    "budget/small.yaml": "macs: 300M\n",
    "budget/smaller.yaml": "defaults: [small]\nparams: 9M\n",
}
WIDTHS = {"wide": 1.4, "wider": 2.0, "below": 1.4}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pages")
    for path, text in PAGES.items():
        (directory / "own" / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / "own" / path).write_text(text)
    return directory


@pytest.mark.parametrize("name", WIDTHS)
def test_a_family_upon_a_shipped_one(directory, name):
    own = ("--config-dir", "own")
    dse(directory, "sweep", *own, f"family={name}", "grid=none")
    (row,) = query(directory, f"family = '{name}'")
    settings = {"width": WIDTHS[name], "resolution": 32}
    shipped = library.build("mobilenet_v2", settings)
    params = sum(parameter.numel() for parameter in shipped.parameters())
    assert (row["width"], row["params"]) == (WIDTHS[name], params)
    page = f"own/family/{name}.yaml"
    for words in ((name, *own), (page,)):
        assert f"{page}: 6 axes, 1 variant, 10 lines" in dse(directory, "check", *words).stdout
    with contextlib.chdir(directory):
        for family, place in ((name, "own"), (page, None)):
            space = library.design_space(family, grid={"resolution": [32]}, config_dir=place)
            (found,) = space.sample(1).iter_rows(named=True)
            assert found["params"] == params
    for width in (1.0, 1.4):
        # What is listed of a page is kept, and must not outlive what it stands upon.
        (directory / "own" / "family" / "wide.yaml").write_text(WIDE.format(width=width))
        axes = json.loads(dse(directory, "families", name, *own, "--format", "json").stdout)
        (listed,) = (each["default"] for each in axes if each["axis"] == "width")
        assert float(listed) == (2.0 if name == "wider" else width)


@pytest.mark.parametrize(
    ("defaults", "told"),
    [("second", "lead in a circle"), ("sceond", "unknown family 'sceond'; did you mean 'second'?")],
)
def test_pages_that_lead_nowhere(tmp_path, defaults, told):
    (tmp_path / "own" / "family").mkdir(parents=True)
    (tmp_path / "own" / "family" / "first.yaml").write_text(f"defaults: [{defaults}]\n")
    (tmp_path / "own" / "family" / "second.yaml").write_text("defaults: [first]\n")
    assert told in refused(tmp_path, "check", "first", "--config-dir", "own")
    with contextlib.chdir(tmp_path), pytest.raises(DseError, match=re.escape(told)):
        library.build("own/family/first.yaml")


def test_conditions_upon_shipped_ones(directory):
    words = ("count", "torchvision.models.squeezenet1_1", "--input", "3,64,64", "--format", "json")
    typed = dse(directory, *words, "--cost", "training", "--batch", "4").stdout
    by_page = dse(directory, *words, "--cost", "own/cost/large.yaml").stdout
    assert json.loads(by_page)["totals"] == json.loads(typed)["totals"]
    with contextlib.chdir(directory):
        named = read_cost_group("own/cost/large.yaml", {})
    assert (named.batch, named.precision, named.optimizer) == (4, "mixed", "adamw")


def test_a_page_keeps_the_order_of_hydra(directory):
    read = composed_page(directory / "own" / "budget" / "smaller.yaml", "budget")
    assert read == {"macs": "300M", "params": "9M"}
    words = ("--config-dir", "own", "family=wide", "grid.resolution=[32]", "budget=smaller")
    assert "macs <= 300M and params <= 9M" in dse(directory, "space", *words).stdout
