"""`dse count --memory`, the config group `cost`, and budgets on memory."""

import json

import pytest

from tests.cli.command import dse, process, query, refused

RESNET = ("count", "torchvision.models.resnet18", "--input", "3,224,224", "--batch", "8")


def test_memory_names_the_peak_and_what_is_alive_there(tmp_path):
    printed = dse(tmp_path, *RESNET, "--memory").stdout
    assert (
        "memory of inference of torchvision.models.resnet18 on 8×3×224×224: 98.22MiB in bn1"
        in printed
    )
    (peak,) = [line for line in printed.splitlines() if line.endswith("← peak")]
    assert peak.split()[:3] == ["forward", "bn1", "98.22MiB"]
    alive = printed.split("alive at the peak\n")[1]
    assert "conv1" in alive
    assert "8×64×112×112" in alive


def test_memory_of_a_training_step_as_json(tmp_path):
    content = json.loads(dse(tmp_path, *RESNET, "--training", "--format", "json").stdout)
    memory, totals = content["memory"], content["totals"]
    assert memory["peak"] == totals["train_memory"]
    alive = sum(tensor["bytes"] for tensor in memory["alive_at_peak"])
    assert memory["weights"] + memory["optimizer_state"] + alive == memory["peak"]
    assert memory["peak_phase"] == "backward"
    # Figures of a first real run, in MiB: 98 to infer, 169 saved for backward, 290 to train.
    figures = [totals[name] / 2**20 for name in ("peak_memory", "saved_memory", "train_memory")]
    assert list(map(round, figures)) == [98, 169, 290]


def test_a_real_run_prints_the_allocator_and_its_workspace(tmp_path):
    words = ("count", "torchvision.models.resnet18", "--input", "3,64,64", "--memory", "--real")
    done = process(tmp_path, *words)
    figures = {
        words[0]: int(words[1].replace(",", ""))
        for words in map(str.split, done.stdout.split("a real run")[1].splitlines()[1:])
    }
    assert done.stderr == "", "nothing of the profiler's own"
    assert 0 <= figures["allocator"] - figures["tensors"] - figures["workspace"] < 6_000


def test_a_picture_is_drawn_in_any_format_of_output(tmp_path):
    printed = dse(tmp_path, *RESNET, "--picture", "memory.svg", "--format", "csv")
    assert printed.stderr == "drawn in memory.svg\n"
    assert (tmp_path / "memory.svg").read_text().count("torchvision.models.resnet18") == 1


def test_the_group_cost_gives_count_its_conditions(tmp_path):
    words = ("count", "torchvision.models.resnet18", "--format", "json")
    small = json.loads(dse(tmp_path, *words, "--cost", "microcontroller").stdout)["totals"]
    assert small["weight_memory"] == 11_689_512 + 9_600 + 20 * 8
    assert small["train_memory"] is None
    step = json.loads(dse(tmp_path, *words, "--cost", "training", "--batch", "8").stdout)
    assert step["input"] == [8, 3, 224, 224]
    plain = json.loads(dse(tmp_path, *words, "--batch", "8", "--optimizer", "adamw").stdout)
    assert step["totals"]["saved_memory"] < plain["totals"]["saved_memory"]
    assert step["totals"]["peak_memory"] == plain["totals"]["peak_memory"]


SMALL = ("sweep", "family=mobilenet_v2", "grid=none", "grid.width=[0.1,0.35]")


WAKE = """
axes: {resolution: 96, width: 0.25}
input: [3, resolution, resolution]
blocks:
  - {block: conv_norm_act, channels: "round_to(32 * width, 8)", stride: 2, activation: relu6}
  - {block: inverted_residual, channels: "round_to(16 * width, 8)", expansion: 1}
  - {block: inverted_residual, channels: "round_to(32 * width, 8)", repeat: 2, stride: 2}
  - {block: inverted_residual, channels: "round_to(96 * width, 8)", repeat: 3, stride: 2}
  - {block: inverted_residual, channels: "round_to(160 * width, 8)", repeat: 2, stride: 2}
  - {block: classifier, classes: 2}
"""


def test_networks_for_a_microcontroller(tmp_path):
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / "wake.yaml").write_text(WAKE)
    space = ("--config-dir", ".", "family=wake", "grid.width=[0.25,0.5,1.0]")
    budget = ("budget.peak_memory=320KiB", "budget.weight_memory=1MiB", "keep=feasible")
    words = (*space, "grid.resolution=[48,96,160]", "cost=microcontroller", *budget)
    printed = dse(tmp_path, "sweep", *words).stdout
    rows = query(tmp_path, "dtype = 'int8'")
    assert f"{len(rows)} candidates kept of 9 points" in printed
    assert 0 < len(rows) < 9
    for row in rows:
        assert row["peak_memory"] <= 320 * 2**10
        assert row["weight_memory"] <= 2**20
        assert row["train_memory"] is None


def test_other_conditions_are_other_rows(tmp_path):
    words = (*SMALL, "grid.resolution=[64]", "cost.batch=2")
    dse(tmp_path, *words)
    dse(tmp_path, *words, "cost.optimizer=adamw")
    dse(tmp_path, *words, "cost.precision=mixed")
    assert "all 2 present" in dse(tmp_path, *words).stdout
    rows = query(tmp_path, "width = 0.35", "--sort", "train_memory")
    columns = [(row["optimizer"], row["precision"]) for row in rows]
    assert columns == [("sgd-momentum", "mixed"), ("sgd-momentum", "full"), ("adamw", "full")]
    # AdamW keeps one number more a parameter, and counts the steps of each of its 158 tensors.
    more = rows[2]["train_memory"] - rows[1]["train_memory"]
    assert more >= 4 * rows[0]["params"] + 4 * 158


@pytest.mark.parametrize("words", [(), ("--training",), ("--memory",)])
def test_a_picture_of_another_format_is_refused_before_anything_runs(tmp_path, words):
    line = refused(tmp_path, "count", "no.such.model", "--picture", "memory.gif", *words)
    assert line.startswith("error: memory.gif: unknown picture format; ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--dtype", "int9"), "cost.dtype: unknown 'int9'; did you mean 'int8'?"),
        (("--optimizer", "adam"), "cost.optimizer: unknown 'adam'; did you mean 'adamw'?"),
        (("--cost", "trainig"), "unknown cost 'trainig'; did you mean 'training'?"),
        (("--memory", "--format", "csv"), "--memory prints as table or json, not as csv"),
        (("--picture", "a.jpeg"), "a.jpeg: unknown picture format"),
        (("--training", "--dtype", "int8"), "a network of int8 cannot be trained"),
    ],
)
def test_bad_words_of_count_are_refused(tmp_path, words, message):
    assert message in refused(tmp_path, *RESNET, *words)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("cost.batch=0", "cost.batch: 0 is not positive"),
        ("cost.dtype=float31", "cost.dtype: unknown 'float31'; did you mean 'float32'?"),
        ("cost.optimiser=adamw", "unknown key 'cost.optimiser'; did you mean 'optimizer'?"),
        ("cost=micro", "unknown cost 'micro'; did you mean 'microcontroller'?"),
        ("budget.peak_memory=320KiX", "budget.peak_memory: unknown unit 'KiX'"),
    ],
)
def test_bad_conditions_of_a_sweep_are_refused(tmp_path, word, message):
    assert message in refused(tmp_path, *SMALL, word)
