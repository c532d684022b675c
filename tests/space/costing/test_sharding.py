"""What one of several devices holds: as the papers of the formulas say, and as FSDP divides."""

from dataclasses import replace

import pytest
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.testing._internal.distributed.fake_pg import FakeStore

import dse
from dse.costs.cost_conditions import Conditions
from dse.errors import DseError
from dse.space.costing import BlockTable, build_network, cost_of
from dse.space.costing.block_costs import StepInput
from dse.space.costing.tracing import trace_step
from dse.space.costing.tracing.divided_blocks import divided_step

PARAMS = 7_500_000_000
GPT2 = {"sequence": 16, "vocabulary": 64, "positions": 32, "hidden": 64, "heads": 4, "ffn": 128}


def candidate_of(family="gpt2", **axes):
    page = dse.design_space(family).design.grid.family
    return page.resolve({**page.defaults, **axes})


@pytest.fixture(scope="module")
def gpt2():
    return candidate_of(**GPT2, layers=2)


def costs(candidate, **conditions):
    return cost_of(candidate, BlockTable(Conditions(**conditions)))


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_the_stages_of_zero_hold_what_its_paper_says(gpt2, stage, gigabytes):
    """Figure 1 of arXiv:1910.02054: mixed precision with Adam, K = 12, over 64 devices."""
    table = BlockTable()
    step = trace_step(
        StepInput(gpt2.blocks[0], table.input_of(gpt2), (False,), None), table.conditions
    )
    whole = replace(
        step, weight_bytes=2 * PARAMS, gradient_bytes=2 * PARAMS, state_bytes=12 * PARAMS
    )
    conditions = Conditions(zero_stage=stage, data_parallel=64)
    step = divided_step(whole, conditions)
    held = step.weight_bytes + step.gradient_bytes + step.state_bytes
    assert round(held / 1e9, 1) == gigabytes


@pytest.fixture
def eight_devices():
    dist.init_process_group("fake", rank=0, world_size=8, store=FakeStore())
    yield dist.init_device_mesh("cpu", (8,))
    dist.destroy_process_group()


def test_the_third_stage_holds_what_fsdp_does(eight_devices):
    """Of weights whose first axis is a multiple of the devices, which FSDP need not fill up."""
    gpt2 = candidate_of(**GPT2, layers=2, tied=False)
    network = build_network(gpt2)
    for block in network:
        fully_shard(block, mesh=eight_devices)
    held = sum(each.to_local().nbytes for each in network.parameters())
    conditions = Conditions(zero_stage=3, data_parallel=8, optimizer="adamw")
    table = BlockTable(conditions)
    steps = table.block_steps(gpt2.blocks, table.input_of(gpt2))
    assert sum(step.weight_bytes for step in steps) == held
    assert sum(step.gradient_bytes for step in steps) == held
    # Two copies, and of every parameter a count of steps, which is whole with FSDP.
    counts = sum(4 for _ in network.parameters())
    state = sum(step.state_bytes for step in steps)
    assert 2 * held < state <= 2 * held + counts


def test_tensor_parallelism_divides_all_but_the_input(gpt2):
    """Equation 4 of arXiv:2205.05198: with that of the sequence, all activations by t."""
    one, four = costs(gpt2), costs(gpt2, tensor_parallel=4)
    assert four.weight_memory * 4 == one.weight_memory
    assert four.kv_cache * 4 == one.kv_cache
    tokens = 16 * 8
    assert (four.saved_memory - tokens) * 4 == one.saved_memory - tokens
    assert (four.train_memory - tokens) * 4 == one.train_memory - tokens
    assert four.peak_activations < one.peak_activations / 4 + tokens
    unchanged = ("params", "macs", "activations", "memory_read", "activation_memory")
    assert all(four[name] == one[name] for name in unchanged)


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_more_stages_hold_less(gpt2, stage):
    conditions = {"optimizer": "adamw", "data_parallel": 8}
    before = costs(gpt2, zero_stage=stage - 1, **conditions)
    after = costs(gpt2, zero_stage=stage, **conditions)
    assert after.train_memory < before.train_memory
    assert after.saved_memory == before.saved_memory
    assert after.peak_memory == before.peak_memory


def test_a_space_is_divided_as_its_networks_are():
    """Along the graph of a space, and within its bounds, as of each network by itself."""
    shards = {"zero": 3, "data": 4, "tensor": 2}
    grid = {**GPT2, "layers": [1, 2, 3], "hidden": [32, 64]}
    space = dse.design_space("gpt2", grid, {"shards": shards})
    family = space.design.grid.family
    conditions = space.conditions
    assert conditions.stated == {"zero_stage": 3, "data_parallel": 4, "tensor_parallel": 2}
    alone = [cost_of(family.resolve(each), BlockTable(conditions)) for each in space.design.grid]
    for cost in ("weight_memory", "peak_memory", "kv_cache", "saved_memory", "train_memory"):
        values = sorted(each[cost] for each in alone)
        least, greatest = space.extremes(cost)
        assert (least.value, greatest.value) == (values[0], values[-1])
        assert space.fits(f"{cost} <= {values[2]}").most == sum(v <= values[2] for v in values)


@pytest.mark.parametrize(
    ("shards", "reason"),
    [
        ({"zer": 1}, "cost: unknown key 'shards.zer'; did you mean 'shards.zero'"),
        ({"zero": 4, "data": 2}, "cost.shards.zero: 4 is no stage; valid: 0, 1, 2, 3"),
        ({"zero": 3}, "cost.shards.zero: it divides among devices of other inputs"),
        ({"data": 0}, "cost.shards.data: 0 is no number of devices"),
        ({"tensor": 1.5}, "cost.shards.tensor: 1.5 is no number of devices"),
    ],
)
def test_what_is_no_way_to_divide_is_told(shards, reason):
    with pytest.raises(DseError) as told:
        dse.design_space("mlp", cost={"shards": shards})
    assert reason in str(told.value)


def test_what_cannot_be_divided_is_told(gpt2):
    assert "cannot share 4 heads" in costs(gpt2, tensor_parallel=3).reason
    mobilenet = candidate_of("mobilenet_v2", resolution=32)
    assert "Conv2d is none" in costs(mobilenet, tensor_parallel=2).reason
    assert costs(mobilenet, batch=2, zero_stage=3, data_parallel=2).train_memory
    with pytest.raises(DseError, match="runtime tflm are on one device"):
        Conditions(runtime="tflm", dtype="int8", tensor_parallel=2)
    with pytest.raises(DseError, match="no times are known"):
        assert dse.design_space(
            "gpt2", GPT2, {"shards": {"tensor": 2}, "latency": "roofline"}, device="h100_sxm"
        ).design
