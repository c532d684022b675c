"""Once-for-All's table of a phone: read whole, and its network for 30 ms takes that long."""

import json

import pytest

import dse
from tests.cli.command import dse as run

GRID = {"width": 1.2, "resolution": 224, "depth": [2, 3, 4], "kernel": [3, 5, 7]}
SPACE = ("family=ofa_mobilenet_v3", "grid.width=1.2", "grid.resolution=224", "device=note10")
FILE = "note10_224_lookup_table.yaml"


@pytest.fixture(scope="module")
def store(reference_data, tmp_path_factory):
    directory = tmp_path_factory.mktemp("note10")
    table = str(reference_data / "ofa" / FILE)
    printed = run(directory, "import-blocks", table, "rule=once_for_all", *SPACE).stdout
    assert "latency of 96 blocks on note10: 96 new or changed" in printed
    assert "every block of the space has one" in printed
    return directory / "outputs" / "dse.db"


def settings_of(network):
    """The settings of a network as Once-for-All writes it down."""
    blocks = [each["mobile_inverted_conv"] for each in network["blocks"][1:]]
    stages = sorted({each["out_channels"] for each in blocks})
    settings, depth = {}, dict.fromkeys(stages, 0)
    for each in blocks:
        depth[each["out_channels"]] += 1
        place = f"{stages.index(each['out_channels']) + 1}_{depth[each['out_channels']]}"
        settings |= {f"kernel_{place}": each["kernel_size"]}
        settings |= {f"expansion_{place}": each["expand_ratio"]}
    return settings | {f"depth_{i}": number for i, number in enumerate(depth.values(), 1)}


def test_the_published_network_takes_30_ms(reference_data, store):
    network = json.loads((reference_data / "ofa" / "note10_30ms_net.json").read_text())
    space = dse.design_space("ofa_mobilenet_v3", GRID, device="note10", store=store)
    defaults = space.design.grid.family.defaults
    full = {**defaults, "width": 1.2, "resolution": 224, **settings_of(network)}
    costs = space.design.point(full).costs
    assert costs["latency"] == 29_965_347
    # What the table says of each block, rounded to whole nanoseconds.
    assert f"{costs['latency'] / 1e6:.1f}" == "30.0"


def test_the_best_network_under_30_ms_is_proven(store):
    goal = ("maximize=macs", "best=1", "budget.latency=30ms", "--format", "json")
    (best,) = json.loads(run(store.parents[1], "search", *SPACE, *goal).stdout)
    assert best["latency"] <= 30_000_000
    published = 339_352_816
    assert best["macs"] > published
    printed = run(store.parents[1], "search", *SPACE, *goal[:-2]).stdout
    assert "which is optimal: proven over the whole space" in printed
