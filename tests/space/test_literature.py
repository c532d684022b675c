"""Spaces from the literature, against the figures that their authors published."""

import csv
import itertools

import pytest
from hypothesis import given, settings

from dse.costs.cost_list import Costs
from dse.space import BlockTable, build_network
from tests.space.shipped import default_grid, family, random_settings

NAMES = {"0": "identity", "1": "mb3_k3", "2": "mb6_k5"}
LAYERS = ("op_1_1", "op_1_2", "op_2_1", "op_2_2", "op_2_3", "op_3_1", "op_3_2", "op_3_3")


def macro(arch):
    page = family("nas_bench_macro")
    return page.resolve(dict(zip(LAYERS, map(NAMES.get, arch), strict=True)))


def test_all_networks_of_nas_bench_macro_cost_what_was_published(reference_data):
    rows = list(csv.DictReader((reference_data / "nas-bench-macro" / "nas_bench_macro.csv").open()))
    assert len(rows) == default_grid("nas_bench_macro").size == 6561
    table, keys = BlockTable(), set()
    for row in rows:
        candidate = macro(row["arch"])
        costs = table.cost(candidate)
        assert isinstance(costs, Costs)
        assert (costs.params, costs.macs) == (int(row["params"]), int(row["flops"])), row["arch"]
        keys.add(candidate.key)
    assert len(keys) == 3969


@pytest.mark.parametrize(
    ("one", "other"),
    [("11101200", "11110200"), ("10000000", "10000000"), ("21202200", "21220200")],
)
def test_identities_of_a_stage_commute(one, other):
    assert macro(one).key == macro(other).key


def test_an_identity_that_changes_the_shape_does_not_commute():
    assert macro("01000000").key != macro("10000000").key
    assert len(macro("00000000").blocks) == 1 + 3 + 2


def pycls_rows(reference_data):
    return list(csv.DictReader((reference_data / "published" / "pycls_complexity.csv").open()))


def test_regnets_from_their_five_numbers_have_the_published_parameters(reference_data):
    page, table = family("regnet"), BlockTable()
    rows = [row for row in pycls_rows(reference_data) if row["w0"]]
    assert len(rows) == 12
    for row in rows:
        chosen = {"rounding": "pycls", "wa": float(row["wa"]), "wm": float(row["wm"])}
        chosen |= {name: int(row[name]) for name in ("depth", "w0", "group_width")}
        costs = table.cost(page.resolve(page.settings_of(chosen)))
        assert isinstance(costs, Costs)
        assert costs.params == int(row["params"]), row["model"]


RESNETS = {
    "R-50-1x64d": {"depth_2": 4, "depth_3": 6},
    "R-101-1x64d": {"depth_2": 4, "depth_3": 23},
    "R-152-1x64d": {"depth_2": 8, "depth_3": 36},
    "X-50-32x4d": {"depth_2": 4, "depth_3": 6, "groups": 32, "group_width": 4},
    "X-101-32x4d": {"depth_2": 4, "depth_3": 23, "groups": 32, "group_width": 4},
    "X-152-32x4d": {"depth_2": 8, "depth_3": 36, "groups": 32, "group_width": 4},
}


def test_resnets_and_efficientnets_have_the_published_parameters(reference_data):
    table, seen = BlockTable(), 0
    for row in pycls_rows(reference_data):
        model = row["model"]
        if model in RESNETS:
            page = family("resnet")
            candidate = page.resolve(page.settings_of(RESNETS[model]))
        elif model.startswith("EN-"):
            page = family("efficientnet").variant(f"efficientnet_{model[3:].lower()}")
            candidate = page.resolve(page.settings_of({"resolution": int(row["input"])}))
        else:
            continue
        costs = table.cost(candidate)
        assert isinstance(costs, Costs)
        assert costs.params == int(row["params"]), model
        seen += 1
    assert seen == 12


def test_an_anynet_with_the_stages_of_a_regnet_costs_what_that_costs():
    anynet, regnet, table = family("anynet"), family("regnet"), BlockTable()
    assert table.cost(anynet.resolve({})) == table.cost(regnet.resolve({}))
    assert anynet.resolve({}).key == regnet.resolve({}).key


@settings(max_examples=100, deadline=None)
@given(chosen=random_settings("ofa_mobilenet_v3"))
def test_layers_beyond_the_depth_of_a_stage_do_not_exist(chosen):
    page = family("ofa_mobilenet_v3")
    candidate = page.resolve(chosen)
    depths = [chosen[f"depth_{stage}"] for stage in range(1, 6)]
    assert len(candidate.blocks) == sum(depths) + 6
    kept = {
        f"{axis}_{stage}_{layer}"
        for axis in ("kernel", "expansion")
        for stage, depth in enumerate(depths, start=1)
        for layer in range(1, depth + 1)
    }
    assert {name for name in candidate.settings if name.count("_") == 2} == kept
    assert page.resolve(candidate.settings).key == candidate.key
    other = {
        column: 3 if "_" in column and column not in candidate.settings else value
        for column, value in chosen.items()
    }
    assert page.resolve(other).key == candidate.key


def test_the_largest_once_for_all_network_is_built_from_the_tables_of_the_paper():
    page = family("ofa_mobilenet_v3")
    network = build_network(page.resolve({}))
    kernels = [
        module.kernel_size[0] for module in network.modules() if getattr(module, "groups", 1) > 1
    ]
    assert kernels == [3] + [7] * 20
    assert default_grid("ofa_mobilenet_v3").size == 25 * 3**5 * 9**20


def compound(phi, **ratios):
    page = family("efficientnet_compound")
    return page.resolve(page.settings_of({"phi": phi, **ratios}))


def test_compound_scaling_starts_at_efficientnet_b0():
    page = family("efficientnet").variant("efficientnet_b0")
    assert compound(0).key == compound(0, alpha=1.4, gamma=1.0).key == page.resolve({}).key


def test_compound_scaling_sets_width_depth_and_resolution_together():
    page = family("efficientnet")
    # With the ratios of the paper: 1.2², 1.1², and 224 · 1.15² = 296.24 pixels.
    expected = page.settings_of({"depth": 1.44, "width": 1.21, "resolution": 296})
    assert compound(2).key == page.resolve(expected).key


def test_compound_scaling_about_doubles_the_cost_a_step():
    table = BlockTable()
    macs = [table.cost(compound(phi)).macs for phi in range(6)]
    ratios = [larger / smaller for smaller, larger in itertools.pairwise(macs)]
    assert all(1.5 < ratio < 2.5 for ratio in ratios), ratios
    # 1.2 · 1.1² · 1.15² = 1.92 in the mean over steps that round to whole layers and channels.
    assert (macs[-1] / macs[0]) ** (1 / 5) == pytest.approx(1.92, rel=0.05)
