import json

import pytest

from dse.costs.cost_list import COST_NAMES, telling
from tests.cli.command import dse, query, refused


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("store")
    words = ("family=resnet", "grid=none", "grid.resolution=[16,64]", "objective=params")
    dse(directory, "sweep", *words[:3], "cost.batch=2")
    dse(directory, "search", *words, "cost.batch=2", "trials=5")
    return directory


def test_a_candidate_with_its_costs_measurements_and_layers(directory):
    (row,) = query(directory, "resolution = 64")
    content = json.loads(dse(directory, "show", str(row["id"]), "--format", "json").stdout)
    assert content["settings"]["resolution"] == 64
    assert content["costs"]["macs"] == row["macs"]
    assert sum(layer["macs"] for layer in content["layers"]) == row["macs"]
    assert content["layers"][0]["output_shape"] == [2, 64, 32, 32]
    (measurement,) = content["measurements"]
    assert (measurement["what"], measurement["value"]) == ("params", row["params"])
    printed = dse(directory, "show", str(row["id"])).stdout
    assert f"{row['macs']:,}" in printed


def test_layers_and_memory_down_to_a_depth(directory):
    id = str(query(directory, "resolution = 64")[0]["id"])
    whole = json.loads(dse(directory, "show", id, "--format", "json").stdout)
    folded = json.loads(dse(directory, "show", id, "--format", "json", "--depth", "1").stdout)
    assert 1 < len(folded["layers"]) < len(whole["layers"])
    assert sum(layer["macs"] for layer in folded["layers"]) == whole["costs"]["macs"]
    assert all("." not in layer["name"] for layer in folded["layers"])
    bars = dse(directory, "show", id, "--memory", "--depth", "1").stdout.split("\nalive")[0]
    names = {line.split()[1] for line in bars.splitlines() if line.startswith("forward")}
    assert names <= {layer["name"] for layer in folded["layers"]}


def test_a_picture_of_another_format_is_refused_before_anything_is_read(directory):
    line = refused(directory, "show", "99", "--picture", "memory.gif")
    assert "memory.gif: unknown picture format; " in line


@pytest.mark.parametrize("cost", ["training", "microcontroller"])
def test_the_table_shows_the_costs_under_the_conditions_of_the_candidate(tmp_path, cost):
    dse(tmp_path, "sweep", "family=mlp", "grid=none", f"cost={cost}")
    (row,) = query(tmp_path)
    printed = dse(tmp_path, "show", "1").stdout
    shown = {words[0]: words[1] for words in map(str.split, printed.splitlines()) if words[1:]}
    # An MLP has neither experts nor a cache.
    assert not {"active_params", "kv_cache"} & set(shown)
    for name in telling({name: row.get(name) for name in COST_NAMES}):
        value = row.get(name)
        assert shown[name] == ("–" if value is None else f"{value:,}"), name
    moved = row["memory_read"] + row["memory_written"]
    assert shown["arithmetic_intensity"] == f"{row['macs'] / moved:g}"
    content = json.loads(dse(tmp_path, "show", "1", "--format", "json").stdout)
    stored = sum(layer["weight_memory"] for layer in content["layers"])
    assert stored == row["weight_memory"]


def test_a_candidate_that_cannot_be_built_shows_why(directory):
    (row,) = query(directory, "invalid is not null")
    assert "cannot be built: block" in dse(directory, "show", str(row["id"])).stdout


def test_an_id_that_is_not_there(directory):
    assert "99" in refused(directory, "show", "99")
