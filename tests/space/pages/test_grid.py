import csv
from itertools import permutations

import pytest
import yaml

import dse
from dse.configs.config_places import config_directory
from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.space import BlockTable, build_network, read_budget, read_grid, require_feasible, space_of
from dse.space.tables.exclusions import removed as removed_points
from tests.space.shipped import family

MOBILE = family("mobilenet_v2")


def points(content):
    return [
        {column: settings[column] for column in ("width", "resolution", "depth")}
        for settings in read_grid(MOBILE, content)
    ]


def test_a_grid_is_the_product_of_its_axes():
    found = points({"width": [0.5, 1.0], "resolution": [160, 224]})
    assert [(p["width"], p["resolution"]) for p in found] == [
        (0.5, 160), (0.5, 224), (1.0, 160), (1.0, 224)]  # fmt: skip
    assert {p["depth"] for p in found} == {1.0}


def test_one_value_needs_no_list():
    assert points({"width": 0.5}) == [{"width": 0.5, "resolution": 224, "depth": 1.0}]


def test_zipped_axes_run_together():
    found = points({"zip": {"depth": [1, 2], "resolution": [224, 160]}, "width": [0.5, 1.0]})
    assert sorted((p["width"], p["depth"], p["resolution"]) for p in found) == [
        (0.5, 1, 224), (0.5, 2, 160), (1.0, 1, 224), (1.0, 2, 160)]  # fmt: skip


def test_exclusions_tell_how_many_points_each_removes_with_an_example():
    content = {
        "width": [0.5, 1.0, 1.4],
        "resolution": [96, 128],
        "exclude": ["width > 1 and resolution < 128", "resolution < 128"],
    }
    grid = read_grid(MOBILE, content)
    removed = removed_points(grid)
    assert [(r.rule, r.number) for r in removed] == [
        ("width > 1 and resolution < 128", 1), ("resolution < 128", 2)]  # fmt: skip
    assert removed[0].example is not None
    assert removed[0].example["width"] == 1.4
    assert len(list(grid)) == 3


def test_an_axis_per_stage_varies_in_every_stage_or_in_one():
    resnet = family("resnet")
    assert read_grid(resnet, {"depth": [2, 3]}).size == 2**4
    assert [s["depth_3"] for s in read_grid(resnet, {"depth_3": [6, 23]})] == [6, 23]


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ({"from": 0.25, "to": 1.0, "step": 0.25}, [0.25, 0.5, 0.75, 1.0]),
        ({"from": 0.1, "to": 0.5, "step": 0.1}, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ({"from": 16, "to": 256, "factor": 2}, [16, 32, 64, 128, 256]),
        ({"from": 1, "to": 2.5, "step": 1}, [1.0, 2.0]),
        ({"from": 3, "to": 3, "step": 1}, [3]),
    ],
)
def test_a_range_has_steps_or_a_factor(written, values):
    assert [p["width"] for p in points({"width": written})] == values
    zipped = points({"zip": {"width": written, "depth": values}})
    assert [(p["width"], p["depth"]) for p in zipped] == [(v, v) for v in values]


def test_an_axis_per_layer_varies_in_every_layer_of_a_stage_or_in_one():
    page = family("ofa_mobilenet_v3")
    assert read_grid(page, {"kernel": [3, 5]}).size == 2**20
    assert read_grid(page, {"kernel_2": [3, 5]}).size == 2**4
    assert read_grid(page, {"kernel_2_1": [3, 5]}).size == 2


def test_the_points_of_a_union_are_those_of_its_grids_each_once():
    grids = [
        {"width": [0.5, 1.0], "resolution": [160, 224]},
        {"width": [1.0, 1.4], "resolution": [160, 224], "exclude": ["width > 1"]},
        {"zip": {"width": [0.5, 0.75], "depth": [1, 2]}, "resolution": [160, 224]},
        {"union": [{"width": 1.0, "resolution": [160, 224]}]},
    ]
    singly = [settings for grid in grids for settings in points(grid)]
    together = points({"union": grids})
    assert len(together) == len({tuple(each.values()) for each in together}) == 6
    assert {tuple(each.values()) for each in together} == {tuple(e.values()) for e in singly}
    kept = points({"union": grids, "exclude": "resolution = 160 or depth = 2"})
    assert [(each["width"], each["resolution"]) for each in kept] == [(0.5, 224), (1.0, 224)]


def test_what_the_grids_of_a_union_vary_alike_is_not_listed():
    ops = family("nas_bench_macro")
    wide = {"op": ["mb3_k3", "mb6_k5"]}
    found = read_grid(
        ops, {"union": [{**wide, "op_1_1": ["identity"]}, {**wide, "op_1_1": "mb3_k3"}]}
    )
    assert (found.sizes, found.size) == ((2,) * 8, 2**8)
    half = {"union": [wide, {**wide, "exclude": ["op_1_1 = 'mb3_k3'"]}]}
    assert read_grid(ops, half).sizes == (2,) * 8
    assert read_grid(ops, {"union": [wide, wide]}).size == 2**8
    with pytest.raises(DseError, match=r"grid.union: the grids have .* more than the 100,000"):
        read_grid(family("ofa_mobilenet_v3"), {"union": [{"kernel": [3, 5]}, {"depth": [2, 3]}]})


def test_a_union_costs_what_its_grids_cost():
    parts = [{"width": [0.5, 1.0]}, {"resolution": [96, 224]}]
    singly = {point.key: point.costs for part in parts for point in space(part).points()}
    together = space({"union": parts})
    assert {point.key: point.costs for point in together.points()} == singly
    assert together.graph.count() == len(singly) == 3


def test_an_axis_that_a_row_leaves_out_is_at_its_default(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("width,resolution,top1\n0.5,96,60\n0.5,,64\n,96,70\n1.0,96,70\n")
    assert [(p["width"], p["resolution"]) for p in points({"file": str(file)})] == [
        (0.5, 96), (0.5, 224), (1.0, 96)]  # fmt: skip
    assert points({"from": str(file)}) == points({"file": str(file)})
    both = points({"union": [{"file": str(file)}, {"width": 0.5}], "exclude": "resolution < 100"})
    assert [(p["width"], p["resolution"]) for p in both] == [(0.5, 224)]


def test_a_value_in_a_file_that_is_none_of_its_axis_is_told_by_its_row(tmp_path):
    file = tmp_path / "rows.csv"
    rows = ("mobilenet_v2,0.5", "resnet,0.5", "mobilenet_v2,0.5", "mobilenet_v2,wide")
    file.write_text("\n".join(("family,width", *rows)) + "\n")
    with pytest.raises(
        DseError, match=r"grid\.file: .*rows\.csv: row 4: width: 'wide' is not a num"
    ):
        read_grid(MOBILE, {"file": str(file)})


def test_a_choice_among_blocks_that_is_not_there():
    with pytest.raises(DseError, match="unknown choice 'mb3'; did you mean 'mb3_k3'"):
        read_grid(family("nas_bench_macro"), {"op": ["mb3"]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"width": {"from": 1, "to": 2}}, "grid.width: a range has 'from', 'to', and either"),
        ({"width": {"from": 1, "to": 2, "stop": 1}}, "unknown key 'stop'; did you mean"),
        ({"width": {"from": 1, "to": 2, "step": 0}}, "grid.width: the range never gets"),
        ({"width": {"from": 0, "to": 2, "factor": 2}}, "grid.width: the range never gets"),
        ({"width": {"from": 2, "to": 1, "step": 1}}, "grid.width: the range never gets"),
        ({"width": {"from": 0, "to": 1, "step": 1e-9}}, "has more than 100000 values"),
        ({"width": {"from": "a", "to": 1, "step": 1}}, "grid.width.from: 'a' is not a number"),
        ({"widht": [1.0]}, "family 'mobilenet_v2' has no axis 'widht'; did you mean 'width'?"),
        ({"width": []}, "grid.width: expected a list of values"),
        ({"width": ["wide"]}, "grid.width: 'wide' is not a number"),
        ({"zip": {"width": [1], "depth": [1, 2]}}, "lists of unequal length: width 1, depth 2"),
        (
            {"zip": {"width": [1.0, 0.5], "depth": [1, 2]}, "depth": [3]},
            "grid.depth: grid.zip has it as well (width+depth); leave one of them out",
        ),
        (
            {"zip": [{"width": [1.0], "depth": [1]}, {"depth": [2], "resolution": [224]}]},
            "grid.zip: depth is in two of the lists",
        ),
        ({"union": [{"depth": [1]}], "widht": [1.0]}, "no axis 'widht'; did you mean 'width'"),
        ({"exclude": ["widht > 1"]}, "grid.exclude[0]: unknown name 'widht'"),
        ({"union": []}, "grid.union: expected a list of grids, not []"),
        ({"union": [{}, 3]}, "grid.union[1]: expected a grid, not 3"),
        ({"union": [{}, {"width": ["w"]}]}, "grid.union[1].width: 'w' is not a number"),
        ({"union": [{"exclude": "width > 0"}]}, "grid.union: the exclusions of its grids leave no"),
        ({"union": [{}], "file": "a.csv"}, "grid: 'file' and 'union' are each a whole grid"),
    ],
)
def test_a_mistake_in_a_grid(content, message):
    with pytest.raises(DseError) as caught:
        read_grid(MOBILE, content)
    assert message in str(caught.value)


def space(content):
    return space_of(read_grid(MOBILE, content), BlockTable())


def test_an_impossible_budget_names_the_cheapest_candidate():
    small = space({"width": [0.5, 1.0], "resolution": [96, 224]})
    with pytest.raises(DseError) as caught:
        require_feasible(small, read_budget({"macs": "1M"}))
    assert "no candidate meets macs <= 1M; the nearest is" in str(caught.value)
    assert "resolution=96, width=0.5" in str(caught.value)


def test_a_grid_with_nothing_in_it():
    with pytest.raises(DseError, match="the grid is empty"):
        require_feasible(space({"width": [1.0], "exclude": ["width == 1"]}), read_budget({}))


def test_the_22_published_mobilenets(reference_data):
    """Oracle: the table of the MobileNetV2 authors, who cut MACs to whole millions."""
    page = config_directory() / "grid" / "mobilenet_v2_published.yaml"
    grid = read_grid(MOBILE, yaml.safe_load(page.read_text()))
    found = {}
    for point in space_of(grid, BlockTable()).points():
        assert isinstance(point.costs, Costs)
        found[point.settings["width"], point.settings["resolution"]] = point.costs
    rows = list(csv.DictReader((reference_data / "published" / "mobilenet_v2.csv").open()))
    assert len(rows) == len(found) == 22
    for row in rows:
        costs = found[float(row["width"]), int(row["resolution"])]
        assert costs.macs // 10**6 == int(row["macs_m"]), row["model"]


@pytest.mark.parametrize("width", [0.35, 0.5, 0.75, 1.0, 1.3, 1.4])
def test_published_params_leave_out_the_norms(reference_data, width):
    candidate = MOBILE.resolve(MOBILE.settings_of({"width": width}))
    layers = dse.count(build_network(candidate), (1, 3, 224, 224)).layers
    params = sum(layer.costs.params for layer in layers if layer.type != "BatchNorm2d")
    rows = csv.DictReader((reference_data / "published" / "mobilenet_v2.csv").open())
    published = {float(row["width"]): float(row["params_m"]) for row in rows}
    assert abs(params / 1e6 - published[width]) < 0.01


@pytest.mark.parametrize(
    ("of_pages", "texts"),
    {
        "width == 1.0": ("width = 1.0", "width in (1.0, 9)", "width in [1.0]"),
        "width != 1": ("width <> 1.0", "width not in (1)", "not width = 1"),
        "width > 0.5 and resolution < 128": ("0.5 < width and not (resolution >= 0.128k)",),
        "ceil(width) == 1": ("ceil(width) = 1",),
        "width * 2 - 1 <= 0": ("width * 2 - 1 <= 0 and resolution != 300M",),
    }.items(),
)
def test_exclusions_in_either_notation_remove_the_same(of_pages, texts):
    content = {"width": [0.5, 1.0, 1.4], "resolution": [96, 128]}
    kept = list(space({**content, "exclude": [of_pages]}).grid)
    assert 0 < len(kept) < 6
    for text in texts:
        assert list(space({**content, "exclude": [text]}).grid) == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("widht = 1", "grid.exclude[0]: 'widht = 1', column 1: unknown name 'widht'; did you mean"),
        ("width = 1 and", "column 14: the text ends too early"),
        ("width is null", "column 1: this can be asked of a store"),
        ("width = 3Q", "column 9: unknown unit 'Q'"),
        ("cell(width) = 1", "column 1: unknown function 'cell'; did you mean 'ceil'"),
    ],
)
def test_a_mistake_in_an_exclusion_is_pointed_at(text, message):
    with pytest.raises(DseError) as caught:
        space({"exclude": [text]})
    assert message in str(caught.value)


SAID = {"kernel": 7, "kernel_1": 5, "kernel_1_2": 3}


@pytest.mark.parametrize("names", list(permutations(SAID)))
def test_what_is_said_of_fewer_columns_holds_in_any_order(tmp_path, names):
    ofa = family("ofa_mobilenet_v3")
    expected = dict.fromkeys(ofa.columns("kernel"), 7)
    expected |= {f"kernel_1_{layer}": 5 for layer in (1, 2, 3, 4)} | {"kernel_1_2": 3}
    file = tmp_path / "points.csv"
    file.write_text(f"{','.join(names)}\n{','.join(str(SAID[name]) for name in names)}\n")
    lists = {name: [SAID[name]] for name in names}
    grids = [lists, {"zip": lists}, {"file": str(file)}, {"union": [lists]}]
    found = [next(iter(read_grid(ofa, grid))) for grid in grids]
    for settings in [*found, ofa.settings_of({name: SAID[name] for name in names})]:
        assert {column: settings[column] for column in expected} == expected
