"""`dse count --budget` fails where a bound is broken, and says by what and where."""

import json

import pytest
import torchvision

import dse as package
from dse.costs.cost_list import COSTS
from tests.cli.command import dse, refused

MODEL = ("count", "torchvision.models.squeezenet1_1", "--input", "3,64,64")
PUBLISHED = torchvision.models.SqueezeNet1_1_Weights.DEFAULT.meta["num_params"]


def test_a_budget_that_is_kept_ends_well(tmp_path):
    shown = dse(tmp_path, *MODEL, "--budget", f"params <= {PUBLISHED}").stdout
    assert "kept" in shown
    assert "broken" not in shown


def test_a_budget_that_is_broken_is_an_error_that_names_every_bound(tmp_path):
    budget = f"params < {PUBLISHED} and macs <= 1k and (params < 5 or macs < 5) and flops >= 1"
    done = dse(tmp_path, *MODEL, "--budget", budget, status=1)
    assert done.stdout.count("broken") == 3
    assert done.stdout.count("kept") == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: torchvision.models.squeezenet1_1 breaks the budget: ")
    assert "macs <= 1k" in line


@pytest.mark.parametrize("cost", [name for name, cost in COSTS.items() if not cost.is_given])
def test_every_cost_can_be_bounded(tmp_path, cost):
    counted = package.count(torchvision.models.squeezenet1_1(), (1, 3, 64, 64))
    found = counted.with_training()[cost]
    dse(tmp_path, *MODEL, "--budget", f"{cost} <= {found}")
    dse(tmp_path, *MODEL, "--budget", f"{cost} <= {found - 1}", status=1)


@pytest.mark.parametrize("short_of", [1, 50])
def test_a_bound_that_is_all_but_kept_is_told_to_the_last_digit(tmp_path, short_of):
    macs = package.count(torchvision.models.squeezenet1_1(), (1, 3, 64, 64)).macs
    done = dse(tmp_path, *MODEL, "--budget", f"macs <= {macs - short_of}", status=1)
    assert f"(it has {macs:,})" in done.stderr
    assert f"  {macs:,}  broken" in done.stdout
    space = ("space", "family=mobilenet_v2", "grid=none", "grid.resolution=[32]")
    ranges = json.loads(dse(tmp_path, *space, "format=json").stdout)["ranges"]
    (least,) = (each["least"]["value"] for each in ranges if each["cost"] == "macs")
    line = refused(tmp_path, *space, f"budget.macs={least - short_of}")
    assert line.endswith(f" with macs {least:,}")


@pytest.mark.parametrize("cost", ["sram", "arena"])
def test_what_a_runtime_takes_can_be_bounded(tmp_path, cost):
    words = (*MODEL, "--runtime", "tflm", "--format", "json")
    totals = json.loads(dse(tmp_path, *words).stdout)["totals"]
    # The first pooling, of 31×31×64 to 15×15×64, and both are aligned.
    assert totals[cost] == 31 * 31 * 64 + 15 * 15 * 64
    dse(tmp_path, *words, "--budget", f"{cost} <= {totals[cost]}")
    dse(tmp_path, *words, "--budget", f"{cost} < {totals[cost]}", status=1)


def test_without_a_runtime_nothing_is_known_of_it(tmp_path):
    done = dse(tmp_path, *MODEL, "--budget", "sram <= 1MiB", status=1)
    assert "sram <= 1MiB (it has no sram: name a runtime or a microcontroller" in done.stderr
    assert "as in --runtime tflm or --device stm32f746)" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--runtime", "tfml"), "runtime: unknown 'tfml'; did you mean 'tflm'?"),
        (("--runtime", "tflm", "--compare", "thop"), "--runtime: --compare sets other counters'"),
        (("--runtime", "tflm", "--real"), "leave out --real"),
    ],
)
def test_a_runtime_that_cannot_be_had(tmp_path, words, said):
    assert said in refused(tmp_path, *MODEL, *words)


def test_the_layers_that_most_is_in_are_named(tmp_path):
    words = (*MODEL, "--budget", "params <= 1", "--format", "json")
    content = json.loads(dse(tmp_path, *words, status=1).stdout)
    (bound,) = content["budget"]
    assert (bound["holds"], bound["costs"]) == (False, {"params": PUBLISHED})
    most = max(content["layers"], key=lambda layer: layer["params"])
    assert bound["largest"][0].startswith(f"{most['name']} ")


@pytest.mark.parametrize("format", ["markdown", "github"])
def test_a_comment_on_a_pull_request_has_a_table_of_the_bounds(tmp_path, format):
    words = (*MODEL, "--budget", "macs <= 1k and params <= 2M", "--format", format)
    shown = dse(tmp_path, *words, status=1).stdout
    assert ("❌" in shown, "✅" in shown) == (True, True)
    if format == "github":
        assert shown.startswith("**torchvision.models.squeezenet1_1** on 1×3×64×64: 1.235M params")
        assert len(shown.splitlines()) == 6


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--budget", "mcas <= 3"), "did you mean 'macs'"),
        (("--budget", ""), "bounds nothing"),
        (("--budget", "macs <= 1G", "--compare", "thop"), "--budget: --compare sets other"),
        (("--format", "github", "--compare", "thop"), "--format github is a summary"),
    ],
)
def test_what_is_no_check_is_refused(tmp_path, words, message):
    assert message in refused(tmp_path, *MODEL, *words)


def test_the_same_is_a_call():
    counted = package.count(torchvision.models.squeezenet1_1(), (1, 3, 64, 64))
    kept, broken = package.checked_bounds(
        f"params <= {PUBLISHED} and macs <= 1k", counted.costs, counted.layers
    )
    assert (kept.holds, broken.holds) == (True, False)
    assert kept.costs == (("params", PUBLISHED),)
    assert len(broken.largest) == 3
