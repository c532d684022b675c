"""The largest batch and context that fit a device: they do, and one more does not."""

import json

import pytest

import dse
from dse.project import fits_of
from tests.cli.command import dse as command
from tests.cli.command import refused

MLP = ("family=mlp", "grid.resolution=8", "grid.width=16")
PAGE = "memory: 1MiB\nsources: {memory: a guess}\n"


@pytest.fixture
def device(tmp_path):
    (tmp_path / "conf" / "device").mkdir(parents=True)
    (tmp_path / "conf" / "device" / "small.yaml").write_text(PAGE)
    return ("--config-dir", "conf", "device=small")


def test_one_more_does_not_fit(tmp_path, device):
    done = command(tmp_path, "fit", *MLP, *device, "format=json")
    found = {row["task"]: row for row in json.loads(done.stdout)}
    assert found.keys() == {"inference", "training"}
    for task, cost in (("inference", "peak_memory"), ("training", "train_memory")):
        for more, fits in ((0, True), (1, False)):
            batch = found[task]["value"] + more
            space = dse.design_space("mlp", {"resolution": 8, "width": 16}, {"batch": batch})
            assert (space.extremes(cost)[0].value <= 2**20) == fits
    assert found["inference"]["value"] > found["training"]["value"] > 1


def test_a_language_model_by_hand():
    """Llama 3.1 8B in bfloat16 on 80 GB: weights and cache, and hardly anything else."""
    cost = {"dtype": "bfloat16", "context": 8192}
    named = {"variant": "llama_3_1_8b", "device": "h100_sxm"}
    space = dse.design_space("llama", {}, cost, **named)
    found = {(fit.task, fit.largest): fit for fit in fits_of(space)}
    weights, token = 8_030_261_248 * 2, 32 * 2 * 8 * 128 * 2
    context, batch = found["decode", "context"].value, found["decode", "batch"].value
    assert 0.99 < context / ((80_000_000_000 - weights) / token) <= 1
    assert 0 <= (80_000_000_000 - weights) // (8192 * token) - batch <= 1
    assert all(fit.nbytes <= 80_000_000_000 for fit in found.values())
    # Weights, gradients and momentum alone are three times the weights.
    assert 3 * weights < found["training", "batch"].nbytes
    adamw = {**cost, "optimizer": "adamw"}
    one, eight = (
        fits_of(dse.design_space("llama", {}, {**adamw, "shards": shards}, **named))[-1]
        for shards in ({}, {"zero": 3, "data": 8})
    )
    assert one.value < eight.value


def test_the_largest_network_is_that_of_all_of_them(tmp_path, device):
    """As going through all of them finds it."""
    axes = {"resolution": 8, "width": [8, 64, 256, 512], "depth": [1, 2, 3]}
    words = [f"grid.{axis}={value}".replace(" ", "") for axis, value in axes.items()]
    done = command(tmp_path, "fit", "family=mlp", *words, *device, "maximize=macs", "format=json")
    found = {row["task"]: row for row in json.loads(done.stdout)}
    space = dse.design_space("mlp", axes)
    costs = [point.costs for point in space.design.points()]
    for task, cost in (("inference", "peak_memory"), ("training", "train_memory")):
        within = [each for each in costs if each[cost] <= 2**20]
        best = max(within, key=lambda each: each.macs)
        assert (found[task]["value"], found[task]["bytes"]) == (best.macs, best[cost])
        assert 0 < len(within) < len(costs)
    assert {"width", "depth"} < found["training"].keys()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("device=none",), "which memory?; name a device that does"),
        (("device=stm32f746",), "device stm32f746 says no memory"),
        (("device=h100_sxm", "maximize=parms"), "maximize: unknown cost 'parms'"),
        (("device=h100_sxm", "cost.shards.zero=5"), "cost.shards.zero: 5 is no stage"),
    ],
)
def test_what_cannot_be_answered_is_told(tmp_path, words, reason):
    assert reason in refused(tmp_path, "fit", *MLP, *words)


def test_a_context_is_no_longer_than_the_learned_positions():
    space = dse.design_space("gpt2", {"sequence": 64, "layers": 2}, device="h100_sxm")
    found = {(fit.task, fit.largest): fit.value for fit in fits_of(space)}
    assert found["decode", "context"] == 1024
    assert found.keys() == {
        *(("inference", "batch"), ("decode", "batch"), ("decode", "context"), ("training", "batch"))
    }


LAYERS = {"layers": [1, 2], "sequence": 32}
"""Two networks of GPT-2."""


def largest(maximize, cost=None, device="h100_sxm"):
    space = dse.design_space("gpt2", LAYERS, cost, device=device)
    return {fit.task: fit.value for fit in fits_of(space, maximize)}


def test_the_largest_is_looked_for_by_any_cost_that_networks_have():
    """Also by one that the device gives blocks, in each task by its conditions."""
    for task, cost in (("inference", {}), ("decode", {"phase": "decode", "context": 32})):
        space = dse.design_space("gpt2", LAYERS, cost, device="h100_sxm")
        assert largest("latency")[task] == space.extremes("latency")[1].value > 0


def test_no_task_is_told_that_has_not_the_cost_which_is_looked_for():
    assert largest("train_memory").keys() == {"inference", "training"}
    assert largest("train_memory", {"context": 64}).keys() == {"inference", "training"}


@pytest.mark.parametrize(
    ("maximize", "cost", "reason"),
    [
        ("arena", {}, "no network has arena on h100_sxm: it is no sum over blocks"),
        ("sram", {}, "no network has sram on h100_sxm: name a runtime"),
        ("params + sram", {}, "no network has sram on h100_sxm: name a runtime"),
        ("train_memory", {"dtype": "int8"}, "networks that are not trained have no train_memory"),
    ],
)
def test_a_cost_that_no_network_has_is_told(maximize, cost, reason):
    with pytest.raises(dse.DseError, match=reason):
        largest(maximize, cost)
