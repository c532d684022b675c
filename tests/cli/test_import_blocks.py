"""`dse import-blocks`: numbers by id and by key, what is left over, and what is refused."""

import csv
import json
import subprocess
import zipfile

import onnx
import pytest

import dse as package
from dse.devices import block_digest
from dse.devices.matching_rules import find_rule, shipped_rules
from dse.errors import DseError
from tests.cli.command import DSE, dse, refused

SPACE = ("family=mobilenet_v2", "grid=none", "grid.width=[0.5,1.0]", "grid.resolution=96")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A directory with the blocks of the space as files, and the rows of their manifest."""
    directory = tmp_path_factory.mktemp("exported")
    printed = dse(directory, "measure", *SPACE, "export=out/blocks.zip").stdout
    with zipfile.ZipFile(directory / "out" / "blocks.zip") as archive:
        rows = list(csv.DictReader(archive.read("manifest.csv").decode().splitlines()))
        assert sorted(archive.namelist()) == sorted([*(r["file"] for r in rows), "manifest.csv"])
        archive.extractall(directory)
    assert f"wrote {len(rows)} blocks and manifest.csv to out/blocks.zip" in printed
    return directory, rows


def table(directory, rows, numbers, name="timed.csv", column="ms"):
    """Write a table of numbers beside the ids of blocks."""
    path = directory / name
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], column])
        writer.writeheader()
        writer.writerows({**row, column: n} for row, n in zip(rows, numbers, strict=True))
    return path


def test_blocks_that_were_exported_run_and_come_back_with_times(exported, tmp_path):
    import torch

    directory, rows = exported
    row = rows[3]
    program = torch.export.load(directory / row["file"]).module()
    shape = list(map(int, row["input"].split("x")))
    program(torch.zeros(shape[0] + 1, *shape[1:]))
    path = table(tmp_path, rows, [f"{n}.25" for n in range(len(rows))])
    words = (*SPACE, "device=pixel6")
    printed = dse(tmp_path, "import-blocks", path.name, *words, "unit=ms").stdout
    assert f"latency of {len(rows)} blocks on pixel6: {len(rows)} new or changed" in printed
    assert "every block of the space has one, and so have all 2 networks" in printed
    again = dse(tmp_path, "import-blocks", path.name, *words, "unit=ms").stdout
    assert "0 new or changed" in again
    found = json.loads(dse(tmp_path, "space", *words, "format=json").stdout)
    ends = {each["cost"]: each for each in found["ranges"]}
    number = {row["id"]: n * 10**6 + 250_000 for n, row in enumerate(rows)}
    grid = {"width": [0.5, 1.0], "resolution": 96}
    design = package.design_space("mobilenet_v2", grid).design
    chains = (design.blocks.chain(design.point(settings).candidate) for settings in design.grid)
    sums = [
        sum(number[f"{block_digest(block, spec, 'float32'):016x}"] for block, spec, _ in chain)
        for chain in chains
    ]
    times = ends["latency"]
    assert [times["least"]["value"], times["greatest"]["value"]] == sorted(sums)


def test_blocks_as_onnx_and_nothing_else_is_printed(tmp_path):
    words = ("family=mlp", "grid=none", "export=blocks.zip", "to=onnx")
    printed = dse(tmp_path, "measure", *words).stdout.splitlines()
    assert len(printed) == 2
    with zipfile.ZipFile(tmp_path / "blocks.zip") as archive:
        (name,) = (each for each in archive.namelist() if "classifier" in each or "linear-" in each)
        assert onnx.load_from_string(archive.read(name)).graph.node


def test_a_score_is_a_cost_by_any_name(exported, tmp_path):
    _, rows = exported
    path = table(tmp_path, rows, [1.5] * len(rows), column="loss")
    words = (*SPACE, "name=sensitivity")
    message = "timed.csv:2: 1.5 is not a whole number; scale=1000000 counts millionths"
    assert message in refused(tmp_path, "import-blocks", path.name, *words)
    printed = dse(tmp_path, "import-blocks", path.name, *words, "scale=10").stdout
    assert f"sensitivity of {len(rows)} blocks: " in printed
    blocks = 19
    goal = ("minimize=sensitivity",)
    best = json.loads(dse(tmp_path, "search", *SPACE, *goal, "--format", "json").stdout)
    assert best[0]["sensitivity"] % 15 == 0
    assert best[0]["sensitivity"] >= blocks * 15 - 15
    budget = f"budget.sensitivity={best[0]['sensitivity']}"
    assert "2 of 2 networks fit" in dse(tmp_path, "space", *SPACE, budget).stdout
    dse(tmp_path, "sweep", *SPACE, budget)
    row = json.loads(dse(tmp_path, "query", "sensitivity > 0", "--format", "json").stdout)
    assert [each["sensitivity"] for each in row] == [best[0]["sensitivity"]] * 2
    # Processes that evaluate know the name as well.
    searched = ("exact=false", "sampler=random", "trials=2", "workers=2", "seed=1")
    again = json.loads(dse(tmp_path, "search", *SPACE, *goal, *searched, "--format", "json").stdout)
    assert [each["sensitivity"] for each in again] == [best[0]["sensitivity"]] * 2


def test_a_run_is_repeated_with_the_numbers_of_the_store_that_it_is_in(exported, tmp_path):
    _, rows = exported
    path = table(tmp_path, rows, range(1, len(rows) + 1))
    words = (*SPACE, "device=pixel6")
    dse(tmp_path, "import-blocks", path.name, *words, "unit=us", "store.url=first.db")
    dse(tmp_path, "search", *words, "minimize=latency", "cost.latency=table", "store.url=first.db")
    (tmp_path / "first.db").rename(tmp_path / "second.db")
    printed = dse(tmp_path, "rerun", "2", "--store", "second.db").stdout
    assert "best by latency (minimize), in order: proven over the whole space" in printed


def test_sums_that_no_longer_hold_are_worked_out_again(exported, tmp_path):
    _, rows = exported
    words = (*SPACE, "device=pixel6")
    for number in (1, 2):
        path = table(tmp_path, rows, [number] * len(rows))
        dse(tmp_path, "import-blocks", path.name, *words, "unit=us")
        swept = dse(tmp_path, "sweep", *words).stdout
        found = json.loads(dse(tmp_path, "query", "--format", "json").stdout)
        assert {each["latency"] % (number * 1000) for each in found} == {0}
        assert len({each["latency"] for each in found}) == 1, swept


def test_blocks_without_a_number_are_listed_with_what_they_block(exported, tmp_path):
    _, rows = exported
    path = table(tmp_path, rows[1:], [1] * (len(rows) - 1))
    words = (*SPACE, "device=pixel6")
    printed = dse(tmp_path, "import-blocks", path.name, *words, "unit=ms").stdout
    assert "1 block of the space has none; 1 of 2 networks have latency:" in printed
    assert rows[0]["block"] in printed
    assert "1 of 2 networks fit" in dse(tmp_path, "space", *words, "budget.latency=1s").stdout
    swept = dse(tmp_path, "sweep", *words, "budget.latency=1s").stdout
    assert "1 of 2 fit" in swept
    # A candidate that has none is whole without.
    assert "2 candidates, all 2 present" in dse(tmp_path, "sweep", *words).stdout
    found = json.loads(dse(tmp_path, "query", "--format", "json").stdout)
    assert sorted(each.get("latency") is None for each in found) == [False, True]
    by_roofline = dse(tmp_path, "space", *words, "budget.latency=1s", "cost.latency=roofline")
    assert "2 of 2 networks fit" in by_roofline.stdout


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        ({}, (), "timed.csv:2: 1 of what unit? unit=ns|us|"),
        ({}, ("unit=mz",), "timed.csv:2: unit: unknown 'mz'; did you mean 'm"),
        ({"ms": "-1"}, ("unit=ms",), "timed.csv:2: -1 is negative"),
        ({"ms": "1h 2h"}, (), "timed.csv:2: '1h 2h' is not a number"),
        ({"id": "0123456789abcdef"}, ("unit=ms",), "timed.csv:2: no block '0123456789abcdef'; "),
        ({}, ("unit=ms", "column=mz"), "timed.csv: no column 'mz'; did you mean 'ms'?"),
        ({}, ("unit=ms", "scale=0"), "scale: 0 is not positive"),
        ({}, ("name=macs",), "name: 'macs' is a cost that is counted, and not given"),
        ({}, ("unit=ms", "name=a-b"), "cost 'a-b': a name is of letters, digits and underscores"),
        ({}, ("unit=ms", "rule=once"), "rule: unknown format 'once'; did you mean 'once_for_all'?"),
        ({"ms": "99999999"}, ("unit=h",), "timed.csv:2: 99999999 is more than"),
    ],
)
def test_tables_that_are_refused(exported, tmp_path, change, words, message):
    _, rows = exported
    path = table(tmp_path, [{**rows[0], **{k: v for k, v in change.items() if k != "ms"}}], ["1"])
    path.write_text(path.read_text().replace(",1\n", f",{change.get('ms', '1')}\n"))
    assert message in refused(tmp_path, "import-blocks", path.name, *SPACE, *words)
    assert not (tmp_path / "outputs").exists()


def test_files_that_are_none(tmp_path):
    assert "no file is named" in refused(tmp_path, "import-blocks", *SPACE)
    assert "nix.csv: there is no such file" in refused(tmp_path, "import-blocks", "nix.csv", *SPACE)
    (tmp_path / "a.csv").write_text("block,ms\nx,1\n")
    printed = refused(tmp_path, "import-blocks", "a.csv", *SPACE)
    assert "a.csv: no column id or key names the blocks" in printed


KEYS = {
    "Conv-input:96x96x3-output:48x48x32": 1.5,
    "expanded_conv-input:48x48x32-output:48x48x16-expand:32-kernel:3-stride:1-idskip:0": 2,
}


def test_keys_of_somebodys_table(tmp_path):
    words = ("family=mobilenet_v2", "grid=none", "grid.resolution=96", "rule=once_for_all")
    (tmp_path / "t.yaml").write_text(json.dumps(KEYS))
    printed = dse(tmp_path, "import-blocks", "t.yaml", *words).stdout
    assert "latency of 2 blocks: 2 new or changed" in printed
    other = {"Conv-input:9x9x3-output:5x5x32": 1, **KEYS}
    (tmp_path / "t.yaml").write_text("\n".join(f"{key}: {value}" for key, value in other.items()))
    printed = dse(tmp_path, "import-blocks", "t.yaml", *words).stdout
    assert "t.yaml:1: no block of the space is Conv-input:9x9x3" in printed
    for key, message in (
        ("Comv-input:1x1x1", "t.yaml:1: key 'Comv-input:1x1x1': once_for_all has no 'Comv'; did"),
        ("expanded_conv-kernl:3", "no field 'kernl'; did you mean 'kernel'?"),
    ):
        (tmp_path / "t.yaml").write_text(f"{key}: 1\n")
        assert message in refused(tmp_path, "import-blocks", "t.yaml", *words)
    (tmp_path / "t.yaml").write_text("Conv-input:9x9x3: 1\n")
    assert "none of its 1 entries is a block of the space" in refused(
        tmp_path, "import-blocks", "t.yaml", *words
    )
    without = ("family=mobilenet_v2", "grid=none", "unit=ms")
    assert "rule=NAME says what keys mean" in refused(tmp_path, "import-blocks", "t.yaml", *without)


@pytest.mark.parametrize("name", sorted(shipped_rules()))
def test_every_shipped_rule_is_whole(name):
    rule = find_rule(name)
    assert rule.unit
    assert rule.keys


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1", "mine.yaml: expected unit, value and keys"),
        ("{keys: {x: {blocks: [conv_nrom_act]}}}", "unknown block 'conv_nrom_act'; did you mean"),
        ("{keys: {x: {blocks: [classifier], k: kernle}}}", "unknown name 'kernle'"),
        ("{keys: {x: {k: kernel}}}", "mine.yaml: keys.x: expected blocks"),
        ("{keys: {}, unti: ms}", "unknown key 'unti'; did you mean 'unit'?"),
    ],
)
def test_rules_of_ones_own_that_are_none(tmp_path, text, message):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(DseError) as caught:
        find_rule(str(tmp_path / "mine.yaml"))
    assert message in str(caught.value)


def test_numbers_of_blocks_hide_no_measurements_of_their_name(exported, tmp_path):
    _, rows = exported
    (tmp_path / "top1.csv").write_text("width,resolution,top1\n0.5,96,61.5\n1.0,96,63\n")
    dse(tmp_path, "import", "top1.csv", "--family", "mobilenet_v2")
    path = table(tmp_path, rows, range(len(rows)))
    assert refused(tmp_path, "import-blocks", path.name, *SPACE, "name=top1") == (
        "error: cost 'top1': the store has measurements of this name, which it would hide; "
        "choose another name, or `dse forget --measurement top1`"
    )
    found = dse(tmp_path, "query", "top1 > 62", "--columns", "width", "--format", "csv")
    assert found.stdout.split() == ["width", "1.0"]


def test_no_measurement_has_the_name_of_numbers_of_blocks(exported, tmp_path, monkeypatch):
    _, rows = exported
    path = table(tmp_path, rows, range(len(rows)))
    dse(tmp_path, "import-blocks", path.name, *SPACE, "name=score")
    (tmp_path / "score.csv").write_text("width,resolution,score\n0.5,96,61.5\n")
    told = "'score' is a declared cost; give the measurement another name"
    # Another process knows of the cost by the store alone.
    words = [*DSE, "import", "score.csv", "--family", "mobilenet_v2"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.strip()) == (1, f"error: score.csv: column: {told}")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "scoring.py").write_text(
        "def score(candidate):\n    return 1.0\n\n\n"
        "def other(candidate):\n    return {'other': 1.0, 'score': 2.0}\n"
    )
    for function, said in (("score", f"objective: {told}"), ("other", told)):
        words = (*SPACE, f"objective=scoring.{function}", "allow=[scoring]", "trials=1")
        assert said in refused(tmp_path, "search", *words)
    assert dse(tmp_path, "search", *SPACE, "minimize=score", "best=1", "exact=false").stdout
