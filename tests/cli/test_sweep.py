import hashlib
import json
import re

import pytest

from dse.costs.cost_declarations import register_cost, unregister_cost
from tests.cli.command import dse, process, query, refused

SMALL = ("family=mobilenet_v2", "grid=none", "grid.width=[0.5,1.0]", "grid.resolution=[160,224]")


def test_a_sweep_costs_and_stores_every_candidate(tmp_path):
    printed = dse(tmp_path, "sweep", *SMALL, "budget.macs=200M").stdout
    assert "width 2 × resolution 2 = 4 points" in printed
    assert "4 candidates, 0 present, 4 stored" in printed
    assert "budget macs <= 200M: 3 of 4 fit" in printed
    rows = query(tmp_path, "family = 'mobilenet_v2'", "--sort", "macs")
    assert [row["macs"] // 10**6 for row in rows] == [50, 97, 154, 300]


def test_the_second_run_finds_everything_present(tmp_path):
    dse(tmp_path, "sweep", *SMALL)
    before = query(tmp_path)
    assert "all 4 present, nothing to do" in dse(tmp_path, "sweep", *SMALL).stdout
    grown = dse(tmp_path, "sweep", *SMALL, "grid.width=[0.5,1.0,1.4]").stdout
    assert "6 candidates, 4 present, 2 stored" in grown
    assert query(tmp_path, "--sort", "id")[:4] == before


def test_only_the_feasible_are_kept_on_request(tmp_path):
    dse(tmp_path, "sweep", *SMALL, "budget.macs=200M", "keep=feasible")
    assert len(query(tmp_path)) == 3


def test_candidates_that_cannot_be_built_are_stored_with_their_reason(tmp_path):
    printed = dse(
        tmp_path,
        "sweep",
        "family=resnet",
        "grid=none",
        "grid.block=[basic,bottleneck]",
        "grid.groups=[1,2]",
        "grid.resolution=[16,64]",
    ).stdout
    assert "8 candidates, 5 invalid" in printed
    reasons = query(tmp_path, "invalid is not null", "--columns", "invalid,resolution,groups")
    assert len(reasons) == 5
    assert all("resolution is too small" in r["invalid"] or r["groups"] == 2 for r in reasons)
    assert len(query(tmp_path)) == 3


def test_several_families_in_one_command(tmp_path):
    dse(tmp_path, "sweep", "-m", "family=resnet,mobilenet_v2", "grid=none")
    assert {row["family"] for row in query(tmp_path)} == {"resnet", "mobilenet_v2"}


def test_hydra_works_as_its_users_know_it(tmp_path):
    assert "width: 1.0" in dse(tmp_path, "sweep", "--cfg", "job").stdout
    help_text = dse(tmp_path, "sweep", "--help").stdout
    assert re.search("mobilenet_v2,.* resnet,", help_text, flags=re.DOTALL)
    dse(tmp_path, "sweep", *SMALL)
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["dse.db"], "and no record"
    dse(tmp_path, "sweep", *SMALL, "hydra.run.dir=outputs/here", "--config-dir", ".")
    assert (tmp_path / "outputs" / "here" / ".hydra" / "overrides.yaml").is_file()
    assert (
        "stored in sqlite:///other.db"
        in dse(tmp_path, "sweep", *SMALL, "store.url=sqlite:///other.db").stdout
    )
    assert len(query(tmp_path, "--store", "sqlite:///other.db")) == 4


def test_values_on_the_command_line_take_the_place_of_the_grids(tmp_path):
    shown = dse(
        tmp_path,
        "sweep",
        "grid.width=[0.5]",
        "grid.depth={from: 0.5, to: 1.5, step: 0.5}",
        "grid.expansion=null",
        "grid.resolution=96",
    ).stdout
    assert "width 1 × depth 3 × resolution 1 = 3 points" in shown


def test_a_grid_too_large_to_go_through_is_refused_at_once(tmp_path):
    assert "7.38578e+22 points, more than" in refused(tmp_path, "sweep", "family=ofa_mobilenet_v3")


MY_FAMILY = """
axes: {resolution: 32, width: 1.0}
input: [1, resolution, resolution]
blocks:
  - {block: conv_norm_act, channels: "int(8 * width)", kernel: 5}
  - {block: classifier, classes: 10}
"""


def test_a_family_of_ones_own_joins_by_config_dir(tmp_path):
    (tmp_path / "my_conf" / "family").mkdir(parents=True)
    (tmp_path / "my_conf" / "family" / "mine.yaml").write_text(MY_FAMILY)
    words = ("--config-dir", "my_conf", "family=mine", "grid.width=[1,2,4]")
    assert "3 candidates" in dse(tmp_path, "sweep", *words).stdout
    macs = [row["macs"] for row in query(tmp_path, "family = 'mine'", "--sort", "macs")]
    assert macs == [32 * 32 * 25 * c + c * 10 for c in (8, 16, 32)]
    assert "mine" in dse(tmp_path, "families", "--config-dir", "my_conf").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["family=resnett"], "unknown family 'resnett'; did you mean 'resnet'?"),
        (["grid.widht=[1]"], "family 'mobilenet_v2' has no axis 'widht'; did you mean 'width'?"),
        (["grid.width=[wide]"], "grid.width: 'wide' is not a number"),
        (["budget.mac=1"], "budget: unknown cost 'mac'; did you mean 'macs'?"),
        (["budget.macs=3X"], "budget.macs: unknown unit 'X'"),
        (
            ["grid=none", "grid.resolution=[96,128]", "budget.macs=5M"],
            "no candidate meets macs <= 5M; the nearest is resolution=96",
        ),
        (["budget=mobil"], "unknown budget 'mobil'; did you mean 'mobile'?"),
        (["keeep=all"], "unknown key 'keeep'; did you mean 'keep'?"),
        (["+more=1"], "unknown key 'more'"),
        (["keep=some"], "keep: unknown 'some'"),
        (["cost.batch=0"], "cost.batch: 0 is not positive"),
        (["cost.batch=x"], "could not be converted to Integer"),
        (["variant=v3"], "has no variant 'v3'"),
        (["grid=["], "cannot read 'grid=['"),
        (["--confg", "x"], "unknown flag '--confg'; did you mean '--cfg'?"),
        (["grid.exclude=[width.real]"], "reaches beyond the allowed functions"),
        (["family.blocks=[{block: conv}]"], "unknown block 'conv'; did you mean 'conv_"),
        (["family.inputs=[3]"], "unknown key"),
    ],
)
def test_bad_input_is_one_line_and_leaves_the_store_alone(swept, words, message):
    before = hashlib.sha256((swept / "outputs" / "dse.db").read_bytes()).hexdigest()
    assert message in refused(swept, "sweep", *words)
    assert hashlib.sha256((swept / "outputs" / "dse.db").read_bytes()).hexdigest() == before


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    directory = tmp_path_factory.mktemp("swept")
    dse(directory, "sweep", *SMALL)
    return directory


def test_a_refused_command_ends_its_process_with_one_line_and_status_1(tmp_path):
    done = process(tmp_path, "sweep", "family=resnett")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: unknown family 'resnett'; did you mean 'resnet'? (valid: ")


def test_a_store_that_is_no_database(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, just a few words of text\n" * 100)
    line = refused(tmp_path, "sweep", *SMALL, "store.url=notes.txt")
    assert "notes.txt is not a SQLite database" in line
    assert (tmp_path / "notes.txt").read_text().startswith("not a database")


def test_a_pareto_front_is_the_one_of_all_candidates(tmp_path):
    goals = ("min=[macs,peak_memory]", "max=[params]")
    everything = dse(tmp_path, "sweep", *LARGER, "store.url=all.db").stdout
    assert "512 candidates, 0 present, 512 stored" in everything
    words = ("pareto", "--min", "macs", "--min", "peak_memory", "--max", "params")
    words = (*words, "--columns", "macs,params")
    best = json.loads(dse(tmp_path, *words, "--store", "all.db", "--format", "json").stdout)
    printed = dse(tmp_path, "sweep", *LARGER, "keep=pareto", *goals).stdout
    assert f"{len(best)} candidates kept of 512 points" in printed
    assert 1 < len(best) < 512
    kept = query(tmp_path)
    assert sorted((r["macs"], r["params"]) for r in kept) == sorted(
        (r["macs"], r["params"]) for r in best
    )
    words = ("keep=pareto", *goals, "limit=1", "store.url=one.db")
    printed = dse(tmp_path, "sweep", *LARGER, *words).stdout
    assert "1 candidate kept of 512 points" in printed
    assert f", {len(best) - 1} more of the front left out by the limit, " in printed


LARGER = (
    *("family=vgg", "grid=none", "grid.width=[0.125,0.25,0.5,0.75]"),
    *("grid.resolution=[32,64,96,128]", "grid.depth=[1,2]"),
)


def test_a_limit_keeps_the_first_candidates_of_the_grid(tmp_path):
    dse(tmp_path, "sweep", *LARGER, "store.url=all.db")
    rows = query(tmp_path, "--store", "all.db", "--sort", "id")
    printed = dse(tmp_path, "sweep", *LARGER, "limit=10").stdout
    assert "10 candidates, 0 present, 10 stored" in printed
    assert [r["key"] for r in query(tmp_path, "--sort", "id")] == [r["key"] for r in rows[:10]]


def test_blocks_are_traced_once_for_all_runs(tmp_path):
    first = dse(tmp_path, "sweep", *LARGER, "limit=1").stdout
    assert re.search(r"1 stored, \d\d+ blocks traced", first)
    again = dse(tmp_path, "sweep", *LARGER, "keep=feasible", "budget.macs=300M").stdout
    assert "stored, 0 blocks traced" in again
    other = dse(tmp_path, "sweep", *LARGER, "cost.batch=2").stdout
    assert re.search(r"512 stored, \d\d+ blocks traced", other)


SAMPLE = (
    *("family=ofa_mobilenet_v3", "grid.resolution=[128]", "sample=300"),
    *("budget.macs=[150M,157M]", "budget.params=6M"),
)


def test_a_sample_lies_inside_the_budget_and_is_drawn_once(tmp_path):
    printed = dse(tmp_path, "sweep", *SAMPLE).stdout
    assert "300 candidates drawn of between" in printed
    assert "0 of 300 present, 300 stored" in printed
    rows = query(tmp_path)
    assert len({row["key"] for row in rows}) == 300
    assert all(150e6 <= row["macs"] <= 157e6 and row["params"] <= 6e6 for row in rows)
    # Columns of layers that a network does not have are empty.
    shallow = query(tmp_path, "depth_2 < 4", "--columns", "depth_2,kernel_2_2,kernel_2_4")
    assert shallow
    assert {row["kernel_2_2"] for row in shallow} <= {3, 5, 7}
    assert {row["kernel_2_4"] for row in shallow} == {None}
    assert "300 of 300 present, 0 stored" in dse(tmp_path, "sweep", *SAMPLE).stdout
    more = dse(tmp_path, "sweep", *SAMPLE, "seed=1").stdout
    assert "300 stored" in more


def test_a_stratified_sample(tmp_path):
    words = (*LARGER, "sample=16", "stratify=macs", "strata=4", "budget.macs=[0.1G,2.1G]")
    printed = dse(tmp_path, "sweep", *words).stdout
    assert re.search(
        r"\d+ candidates drawn of \d+ networks that meet 100M <= macs <= 2.1G", printed
    )
    assert "fewer than" not in printed
    macs = [row["macs"] for row in query(tmp_path)]
    assert all(0.1e9 <= each <= 2.1e9 for each in macs)
    assert max(sum(lo <= m / 1e9 < lo + 0.5 for m in macs) for lo in (0.1, 0.6, 1.1, 1.6)) <= 4


def test_ranges_that_hold_too_few_are_told(tmp_path):
    printed = dse(tmp_path, "sweep", *LARGER, "sample=60", "stratify=macs", "strata=30").stdout
    (drawn,) = re.findall(r"^(\d+) candidates drawn", printed, re.MULTILINE)
    assert 0 < int(drawn) < 60
    assert f"\n{60 - int(drawn)} fewer than the sample that was asked for: some of the" in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["keep=pareto"], "keep=pareto goes with costs to compare by, as in min=[macs]"),
        (["keep=pareto", "min=[mcas]"], "min: unknown cost 'mcas'; did you mean 'macs'?"),
        (["min=[macs]"], "keep=pareto goes with costs"),
        (["limit=0"], "limit: 0 is not positive"),
        (["sample=-1"], "sample: -1 is not positive"),
        (["sample=5", "keep=feasible"], "keep and limit are for whole grids"),
        (["stratify=macs"], "stratify goes with a sample"),
        (["family=torchvision_model", "sample=5"], "for families of blocks, not of callables"),
        (["sample=5", "stratify=mcas"], "stratify: unknown cost 'mcas'; did you mean 'macs'?"),
        (["sample=50"], "sample: 50 candidates are asked for, and there are 4"),
        (["sample=4", "budget.macs=200M"], "4 candidates are asked for, and 3 meet macs <= 200M"),
    ],
)
def test_mistakes_in_what_to_keep_or_draw(swept, words, message):
    grid = SMALL if not words[0].startswith("family=") else ("grid=none",)
    assert message in refused(swept, "sweep", *grid, *words)


@pytest.mark.parametrize("more", [[], ["sample=4"]])
def test_what_is_present_is_told_to_get_a_cost_that_was_declared_since(tmp_path, more):
    dse(tmp_path, "sweep", *SMALL, *more)
    register_cost("weighed", meaning="Weights.", over="weight")(lambda weight: 1)
    try:
        printed = dse(tmp_path, "sweep", *SMALL, *more).stdout
        assert "present, 4 of them given weighed, 0 stored" in printed
        assert "given" not in dse(tmp_path, "sweep", *SMALL, *more).stdout
    finally:
        unregister_cost("weighed")


GENERATED = ("family=regnet", "grid=regnet_published", "grid.resolution=32", "budget.macs=[4M,16M]")
"""Settings of generated stages, far too many to list."""


def test_a_sample_of_generated_stages_tells_how_many_settings_fit(tmp_path):
    printed = dse(tmp_path, "sweep", *GENERATED, "sample=3").stdout
    found = re.search(
        r"3 distinct networks drawn: ([\d,]+) settings were drawn uniformly, ", printed
    )
    assert found is not None
    told = dse(tmp_path, "sweep", *GENERATED, "sample=3", "--format", "json")
    (row,) = json.loads(told.stdout)
    assert row["present"] == 3
    assert row["tried"] == int(found[1].replace(",", ""))
    assert row["acceptance"] == 3 / row["tried"]
    assert {4 <= each["macs"] / 10**6 <= 16 for each in query(tmp_path)} == {True}
    assert "draw from them, as in sample=500" in refused(tmp_path, "sweep", *GENERATED)
    assert "draw from them" in refused(tmp_path, "space", *GENERATED)
    assert "stratify: the range of macs is unknown" in refused(
        tmp_path, "sweep", *GENERATED, "sample=3", "stratify=macs"
    )


def test_a_search_among_generated_stages_is_over_draws(tmp_path, monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_GENERATED_CANDIDATES", "4")
    words = ("search", *GENERATED, "objective=params", "trials=3")
    printed = dse(tmp_path, *words).stdout
    assert "4 candidates meet 4M <= macs <= 16M; 3 evaluated" in printed
    assert "they are networks of settings that were drawn uniformly" in printed
    assert "proven" not in printed


def test_where_nothing_can_be_built_the_reason_is_told_at_the_end(tmp_path):
    words = ("family=resnet", "grid=none", "grid.width=[0.5,1.0]", "cost.shards.tensor=2")
    swept = dse(tmp_path, "sweep", *words, status=1)
    assert "2 candidates, 2 invalid" in swept.stdout
    assert "error: no candidate of the grid can be built: " in swept.stderr
    assert "share layers of transformers" in swept.stderr
    again = dse(tmp_path, "sweep", *words, "--format", "json", status=1)
    assert [(row["present"], row["invalid"]) for row in json.loads(again.stdout)] == [(2, 2)]
