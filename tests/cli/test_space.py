"""`dse space`: a space of any size in numbers, without storing anything."""

import csv
import json
from itertools import product
from pathlib import Path

import pytest

from tests.cli.command import dse, refused

MACRO = ("family=nas_bench_macro", "grid.op=[identity,mb3_k3,mb6_k5]")
OFA = ("family=ofa_mobilenet_v3", "grid.resolution=[128]")


def described(directory, *words):
    return json.loads(dse(directory, "space", *words, "format=json").stdout)


def test_numbers_of_nas_bench_macro_against_its_table(tmp_path, reference_data):
    """Oracle: the benchmark's own 6,561 rows; networks that only differ in the order of identities
    have equal costs there."""
    with (reference_data / "nas-bench-macro" / "nas_bench_macro.csv").open() as file:
        flops = [int(row["flops"]) for row in csv.DictReader(file)]
    found = described(tmp_path, *MACRO, "budget.macs=60M")
    assert (found["points"], found["buildable"], found["networks"]) == (6561, 6561, 3969)
    (macs,) = (each for each in found["ranges"] if each["cost"] == "macs")
    assert (macs["least"]["value"], macs["greatest"]["value"]) == (min(flops), max(flops))
    assert found["feasible"] == {"least": 2225, "most": 2225}


SHRINKING = """
axes: {resolution: 8, kernel: 3, depth: 2}
input: [3, resolution, resolution]
blocks:
  - {block: conv_norm_act, channels: 8, kernel: kernel, padding: 0, repeat: depth}
  - {block: classifier, classes: 10}
"""


@pytest.mark.parametrize("exclude", ["", "depth > 2"])
def test_points_that_cannot_be_built_are_told(tmp_path, exclude):
    (tmp_path / "conf" / "family").mkdir(parents=True)
    (tmp_path / "conf" / "family" / "shrinking.yaml").write_text(SHRINKING)
    axes = {"resolution": (4, 8, 16), "kernel": (3, 5, 7), "depth": (1, 2, 3)}
    points = [*product(*axes.values())]
    left = [point for point in points if not (exclude and point[2] > 2)]
    # A convolution without padding takes `kernel - 1` off a map, which has to stay.
    built = [size for size, kernel, depth in left if size - depth * (kernel - 1) > 0]
    words = ("--config-dir", "conf", "family=shrinking")
    grid = [f"grid.{name}={[*values]}".replace(" ", "") for name, values in axes.items()]
    printed = dse(tmp_path, "space", *words, *grid, f'grid.exclude=["{exclude or "depth > 9"}"]')
    told = f"{len(built)} distinct networks; {len(left) - len(built)} points cannot be built"
    assert told in printed.stdout.splitlines()


def test_a_space_too_large_to_list(tmp_path):
    printed = dse(tmp_path, "space", *OFA, "budget.macs=[150M,160M]", "histogram=macs").stdout
    assert "depth 3^5 × kernel 3^20 × expansion 3^20" in printed
    assert "2.17587e+19 distinct networks" in printed
    assert "quantiles of 20,000 uniform draws; the ends are exact" in printed
    assert (
        "least of all costs: resolution=128, width=1.0, depth=2, kernel=3, expansion=3" in printed
    )
    assert "budget 150M <= macs <= 160M: between" in printed
    assert "networks by macs; bounds that hold for certain" in printed
    assert not (tmp_path / "outputs" / "dse.db").exists()


def test_bounds_and_estimate_of_a_large_space_agree(tmp_path):
    found = described(tmp_path, *OFA, "budget.macs=[150M,160M]")
    least, most = found["feasible"]["least"], found["feasible"]["most"]
    assert 0 < least <= found["estimate"] <= most < found["networks"]
    assert most < 1.3 * least
    likely = found["likely"]
    assert least <= likely["least"] <= found["estimate"] <= likely["most"] <= most


def test_an_estimate_is_closer_than_bounds_that_hold_for_certain(tmp_path):
    found = described(tmp_path, *OFA, "budget.macs=[150M,160M]", "budget.params=6M")
    likely, feasible = found["likely"], found["feasible"]
    assert 1.06 * feasible["least"] < feasible["most"] < 1.3 * feasible["least"]
    assert likely["most"] < 1.06 * likely["least"]
    assert feasible["least"] <= likely["least"] <= likely["most"] <= feasible["most"]


def test_exclusions_and_points_that_build_the_same(tmp_path):
    words = ("family=mobilenet_v2", "grid=none", "grid.width=[0.5,1.0]", "grid.depth=[0.1,0.2,1.0]")
    exclude = 'grid.exclude=["width > 0.5 and depth < 0.2"]'
    printed = dse(tmp_path, "space", *words, exclude).stdout
    assert "removes 1 (such as width=1.0, depth=0.1)" in printed
    found = described(tmp_path, *words, exclude)
    assert found["points"] == 6
    assert found["buildable"] == 5
    assert found["networks"] == 4


def test_callables_are_described_too(tmp_path):
    words = ("family=torchvision_model", "grid=none", "grid.name=[alexnet,squeezenet1_1]")
    found = described(tmp_path, *words, "budget.params=2M")
    assert found["networks"] == 2
    assert found["feasible"] == {"least": 1, "most": 1}
    (params,) = (each for each in found["ranges"] if each["cost"] == "params")
    assert (params["least"]["value"], params["greatest"]["value"]) == (1_235_496, 61_100_840)


def test_it_is_a_hydra_application(tmp_path):
    assert "histogram: null" in dse(tmp_path, "space", "--cfg", "job").stdout
    assert "how large a space is" in dse(tmp_path, "space", "--help").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["format=jsn"], "format: unknown 'jsn'; did you mean 'json'?"),
        (["histogram=pramas"], "histogram: unknown cost 'pramas'; did you mean 'params'?"),
        (["histogram=peak_memory"], "histogram: peak_memory is no sum over blocks"),
        (["bars=0"], "bars: 0 is not positive"),
        (["budget.macs=[2M,1M]"], "budget.macs: nothing lies between"),
        (
            ["grid=none", "budget.macs=[1M,2M]"],
            "no candidate meets 1M <= macs <= 2M; the nearest is",
        ),
        (
            ["grid=none", 'grid.exclude=["width > 0"]'],
            "the grid is empty: its exclusions remove every point",
        ),
        ([*OFA, "budget.macs=30M"], "the nearest is resolution=128, width=1.0, depth=2, kernel=3"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, message):
    assert message in refused(Path(tmp_path), "space", *words)


WIDTHS = ("family=mlp", "grid=none", "grid.width=[16,32,64]", "grid.resolution=[8]")


@pytest.mark.parametrize("points", ["1", "1000"])
@pytest.mark.parametrize(
    ("bounds", "width"),
    [
        (["budget.macs=1k"], 16),
        (["budget.macs=[1M,2M]"], 64),
        (["budget.macs={min:1M}"], 64),
        (["budget.macs=[3500,8000]"], 32),
        (["budget.macs=[4000,8700]"], 64),
        (["budget.params=[10,20]", "budget.macs={max:1k}"], 16),
    ],
)
def test_what_comes_nearest_is_named_whether_points_are_listed_or_not(
    tmp_path, monkeypatch, points, bounds, width
):
    monkeypatch.setenv("DSE_LIMIT_CHECKED_POINTS", points)
    line = refused(tmp_path, "space", *WIDTHS, *bounds)
    assert f"the nearest is resolution=8, channels=1, width={width}, " in line


def test_what_is_checked_on_whole_candidates_is_told(tmp_path):
    text = "memory_read + memory_written <= 40MB and macs / params < 60"
    space = ("space", "family=mobilenet_v2", "grid.width=1", "grid.depth=1", "--budget")
    printed = dse(tmp_path, *space, text).stdout
    assert "budget memory_read + memory_written <= 38.15MiB and macs / params < 60: " in printed
    assert "checked on whole candidates, listed or drawn: macs / params < 60\n" in printed
    printed = dse(tmp_path, *space, text[:36]).stdout
    assert "checked on whole candidates" not in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("budget.latency=20ms",), "no network has latency: name a device that says its bandwidth"),
        (
            ("budget.latency=20ms", "device=h100_sxm", "cost.dtype=int4"),
            "no network has latency on h100_sxm: name a device that says its bandwidth and its "
            "peak of cost.dtype, as in device=pixel6",
        ),
        (("histogram=latency",), "no network has latency: name a device"),
        (("budget.sram=1MiB",), "no network has sram: name a runtime or a microcontroller"),
        (("budget.arena=1MiB", "device=stm32f746"), "no network has arena on stm32f746: it is no"),
        (("budget.flash=1MiB", "device=pixel6"), "no network has flash on pixel6: name a runtime"),
    ],
)
def test_a_cost_that_no_network_has_is_told_with_where_it_comes_from(tmp_path, words, message):
    assert message in refused(tmp_path, "space", "grid=none", *words)
    if "histogram=latency" not in words:
        assert message in refused(tmp_path, "search", "grid=none", *words)
        assert message in refused(tmp_path, "sweep", "grid=none", *words)
    cost = message.split()[3].rstrip(":")
    device = [word for word in words if word.startswith(("device=", "cost."))]
    for more in ((f"minimize={cost}",), (f"minimize={cost}", "exact=false")):
        assert message in refused(tmp_path, "search", "grid=none", *device, *more)
    assert not (tmp_path / "outputs").exists()
