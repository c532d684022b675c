import json

import pytest

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


def test_a_candidate_that_cannot_be_built_shows_why(directory):
    (row,) = query(directory, "invalid is not null")
    assert "cannot be built: block" in dse(directory, "show", str(row["id"])).stdout


def test_an_id_that_is_not_there(directory):
    assert "99" in refused(directory, "show", "99")
