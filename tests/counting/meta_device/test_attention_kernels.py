"""Attention is counted as the kernel that a device runs it as.

Oracle: PyTorch's own operators, called by their names on tensors that pass for a GPU's.
"""

import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.attention import SDPBackend, sdpa_kernel

import dse
from dse.costs.cost_conditions import KERNELS, Conditions
from dse.counting import trace
from dse.counting.meta_device.attention_kernels import (
    CHOICES,
    DTYPES,
    RULES,
    AttentionCall,
    chosen_kernel,
)
from dse.errors import RanOnData

SHAPE = (2, 4, 24, 16)
FLASH = "aten._scaled_dot_product_flash_attention"
EFFICIENT = "aten._scaled_dot_product_efficient_attention"


class Attention(nn.Module):
    """Attention of a query that is trained, with options."""

    def __init__(self, shape, dtype=torch.bfloat16, **options):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(shape[1:], dtype=dtype))
        self.options = options

    def forward(self, query, key, value, mask=None):
        given = {**self.options, "dropout_p": self.options.get("dropout_p", 0.0) * self.training}
        return F.scaled_dot_product_attention(query * self.scale, key, value, mask, **given)


def saved_on_a_gpu(kernel, shape, dtype, mask, dropout, is_causal):
    """Bytes that the operator of a kernel saves besides what it was given, on a fake GPU."""
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        storages[storage._cdata] = storage.nbytes()
        return tensor

    with FakeTensorMode():
        query, key, value = (
            torch.empty(shape, dtype=dtype, device="cuda", requires_grad=True) for _ in range(3)
        )
        given = [query, key, value]
        if mask is not None:
            mask = torch.empty(mask.shape, dtype=dtype, device="cuda").expand(
                *shape[:2], *mask.shape
            )
            given.append(mask)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            if kernel == "flash":
                torch.ops.aten._scaled_dot_product_flash_attention(
                    query, key, value, dropout, is_causal
                )
            else:
                torch.ops.aten._scaled_dot_product_efficient_attention(
                    query, key, value, mask, True, dropout, is_causal
                )
        for tensor in given:
            storages.pop(tensor.untyped_storage()._cdata, None)
    return sum(storages.values())


CASES = [
    (kernel, dtype, with_mask, dropout, size, is_causal)
    for kernel, dtype, with_mask, dropout, size, is_causal in itertools.product(
        ("flash", "efficient"),
        (torch.bfloat16, torch.float16, torch.float32),
        (False, True),
        (0.0, 0.1),
        (16, 64),
        (False, True),
    )
    if not with_mask or (kernel == "efficient" and not is_causal)
]


@pytest.mark.parametrize(("kernel", "dtype", "with_mask", "dropout", "size", "is_causal"), CASES)
def test_what_is_saved_is_what_the_operator_saves(
    kernel, dtype, with_mask, dropout, size, is_causal
):
    shape = (2, 4, 32, size)
    mask = torch.zeros(32, 32, dtype=dtype) if with_mask else None
    model = Attention(shape, dtype, dropout_p=dropout, is_causal=is_causal)
    inputs = [*[dse.Input(shape, dtype)] * 3, mask]
    counted = dse.count(model, inputs, kernels=kernel)
    mine = saved_on_a_gpu(kernel, shape, dtype, mask, dropout, is_causal)
    elements = 2 * 4 * 32 * size * dtype.itemsize
    # Saved besides: the query that is multiplied, the product, key and value; and a mask.
    of_mask = 0 if mask is None else mask.nbytes
    assert counted.saved_memory == mine + 4 * elements + of_mask
    name = FLASH if kernel == "flash" else EFFICIENT
    assert [o.name for o in counted.trace.operations if "attention" in o.name] == [name]


@pytest.mark.parametrize("size", [4, 12, 20])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_heads_are_padded_for_the_flash_kernel_in_memory_and_not_in_macs(dtype, size):
    shape, padded = (2, 4, 32, size), (2, 4, 32, size + -size % 8)
    counted = dse.count(Attention(shape, dtype), [dse.Input(shape, dtype)] * 3, kernels="flash")
    assert counted.macs == 2 * 2 * 4 * 32 * 32 * size
    mine = saved_on_a_gpu("flash", padded, dtype, None, 0.0, False)
    # Saved besides: the query that is multiplied, and query, key and value with room.
    besides = math.prod(shape) + 3 * math.prod(padded)
    assert counted.saved_memory == mine + besides * dtype.itemsize
    backward = [o for o in counted.step.operations if o.name == f"{FLASH}_backward"]
    assert [operation.macs for operation in backward] == [5 * counted.macs // 2]


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("precision", ["full", "mixed"])
def test_macs_are_the_same_whatever_the_kernel(kernels, precision):
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True).train()
    counted = dse.count(layer, (2, 24, 32), kernels=kernels, precision=precision)
    assert counted.macs == 2 * (4 * 24 * 32 * 32 + 2 * 24 * 24 * 32 + 2 * 24 * 32 * 64)
    assert counted.train_memory > counted.saved_memory > 0


def test_a_fused_kernel_keeps_neither_probabilities_nor_masks():
    shape = (2, 4, 256, 64)
    saved = {
        (kernels, dropout): dse.count(
            Attention(shape, dropout_p=dropout),
            [dse.Input(shape, "bfloat16")] * 3,
            kernels=kernels,
        ).saved_memory
        for kernels in ("cuda", "flash", "math")
        for dropout in (0.0, 0.1)
    }
    scores = 2 * 4 * 256 * 256
    assert saved["flash", 0.1] == saved["flash", 0.0] == saved["cuda", 0.1]
    assert saved["math", 0.0] >= saved["flash", 0.0] + 2 * scores - 2**15
    assert saved["math", 0.1] >= saved["math", 0.0] + scores


def call(dtype=torch.bfloat16, size=16, **options):
    query, key, value = (torch.empty(2, 4, 24, size, dtype=dtype, device="meta") for _ in range(3))
    return AttentionCall(query, key, value, **options)


def with_key(shape, **options):
    tensors = [torch.empty(2, 4, 24, 16, dtype=torch.bfloat16, device="meta")]
    tensors += [torch.empty(shape, dtype=torch.bfloat16, device="meta")] * 2
    return AttentionCall(*tensors, **options)


def beginning_at(offset):
    """A call with a mask whose value does not begin where its storage does."""
    made = call(mask=MASK)
    whole = torch.empty(made.value.numel() + offset, dtype=torch.bfloat16, device="meta")
    return replace(made, value=whole[offset:].view(made.value.shape))


MASK = torch.empty(24, 24, dtype=torch.bfloat16, device="meta")
ON_A_GPU = {
    "flash": [
        call(),
        call(torch.float16),
        call(size=256),
        call(size=20),
        call(dropout=0.1),
        call(is_causal=True),
        with_key((2, 2, 24, 16), shares_heads=True),
        with_key((2, 1, 24, 16)),
        with_key((2, 4, 7, 16)),
    ],
    "efficient": [
        call(torch.float32),
        call(mask=MASK),
        call(size=264),
        call(torch.float32, size=20),
        call(torch.float32, mask=MASK.float(), dropout=0.1),
        with_key((2, 4, 7, 16), is_causal=True),
        with_key((2, 2, 24, 16), shares_heads=True, mask=MASK),
        with_key((2, 1, 24, 16), mask=MASK),
        call(mask=MASK[:, :1]),
    ],
    "math": [
        call(torch.float64),
        call(size=20, mask=MASK),
        call(torch.float32, size=18),
        call(mask=MASK, is_causal=True),
        call(mask=MASK[:, :1].expand(24, 24)),
        beginning_at(1),
        AttentionCall(*[torch.empty(4, 24, 16, dtype=torch.bfloat16, device="meta")] * 3),
    ],
}
"""Which kernel PyTorch chooses on a device of compute capability 8.0 or later."""


@pytest.mark.parametrize("kernel", ON_A_GPU)
def test_the_choice_on_a_gpu(kernel):
    for each in ON_A_GPU[kernel]:
        assert chosen_kernel("cuda", each) == kernel, each


def test_every_condition_has_choices_that_there_are():
    assert CHOICES.keys() == set(KERNELS)
    assert DTYPES.keys() | {"cpu"} == RULES.keys()
    assert {kernel for kernels in CHOICES.values() for kernel in kernels} == RULES.keys()


def test_the_manual_says_every_rule():
    text = (Path(__file__).parents[3] / "dse" / "guide" / "memory.md").read_text()
    for kernel, rules in RULES.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| `{kernel}` |"))
        assert row.endswith(f"| {'; '.join(rules)} |")


def test_the_former_name_of_the_default_is_read_as_it():
    assert Conditions(kernels="fused") == Conditions(kernels="cpu") == Conditions()
    assert not Conditions(kernels="fused").stated


def test_shared_heads_and_odd_head_sizes_run_as_they_do_on_a_gpu():
    inputs = [dse.Input(SHAPE, "bfloat16"), *[dse.Input((2, 2, 24, 16), "bfloat16")] * 2]
    shared = Attention(SHAPE, enable_gqa=True)
    assert FLASH in [o.name for o in trace(shared, inputs, kernels="cuda").operations]
    odd = trace(Attention((2, 4, 24, 20)), [dse.Input((2, 4, 24, 20), "bfloat16")] * 3,
                kernels="cuda")  # fmt: skip
    assert [o.name for o in odd.operations].count("aten.constant_pad_nd") == 3
    assert odd.outputs.shape == (2, 4, 24, 20)


CALLS = {
    "plain": (SHAPE, SHAPE, None, {}),
    "causal": (SHAPE, SHAPE, None, {"is_causal": True}),
    "of other lengths": (SHAPE, (2, 4, 7, 16), None, {}),
    "dropout": (SHAPE, SHAPE, None, {"dropout_p": 0.1}),
    "shared heads": (SHAPE, (2, 2, 24, 16), None, {"enable_gqa": True}),
    "one head for all": (SHAPE, (2, 1, 24, 16), None, {}),
    "heads of no multiple of 8": ((2, 4, 24, 20), (2, 4, 7, 20), None, {}),
    "no batch": (SHAPE[1:], SHAPE[1:], None, {}),
    "no batch, masked": (SHAPE[1:], SHAPE[1:], torch.ones(24, 24).tril().bool(), {}),
    "added mask": (SHAPE, SHAPE, torch.zeros(24, 24), {}),
    "mask": (SHAPE, SHAPE, torch.ones(24, 24).tril().bool(), {}),
    "mask of rows": (SHAPE, SHAPE, torch.ones(2, 1, 24, 1).bool(), {}),
    "mask of columns": (SHAPE, SHAPE, torch.ones(2, 1, 1, 24).bool(), {}),
    "mask of three axes": (SHAPE, SHAPE, torch.ones(4, 24, 24).bool(), {}),
}
"""By name: shapes of the query and of key and value, a mask, and further options."""


def counted_call(name, **options):
    query, key, mask, given = CALLS[name]
    model = Attention(query, torch.float32, **given)
    return dse.count(model, [*(dse.Input(shape) for shape in (query, key, key)), mask], **options)


@pytest.mark.parametrize("precision", ["full", "mixed"])
@pytest.mark.parametrize("name", CALLS)
def test_without_data_a_cpu_is_predicted_to_run_what_it_runs(name, precision):
    found, ran = (counted_call(name, real=real, precision=precision) for real in (False, True))
    operators = [[each.name for each in one.trace.operations] for one in (found, ran)]
    assert operators[0] == operators[1]
    assert found.peak_memory == ran.peak_memory
    assert (found.saved_memory, found.train_memory) == (ran.saved_memory, ran.train_memory)


@pytest.mark.parametrize("precision", ["full", "mixed"])
@pytest.mark.parametrize("name", CALLS)
def test_math_is_what_runs_where_no_kernel_may_fuse(name, precision):
    found = counted_call(name, real=False, precision=precision, kernels="math")
    with sdpa_kernel(SDPBackend.MATH):
        ran = counted_call(name, real=True, precision=precision)
        assert found.saved_memory == ran.saved_memory
        assert found.train_memory == ran.train_memory


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_the_macs_that_follow_from_its_shapes(name, kernels):
    query, key, _, _ = CALLS[name]
    macs = 2 * math.prod(query[:-2]) * query[-2] * key[-2] * query[-1]
    for precision in ("full", "mixed"):
        counted = counted_call(name, real=False, kernels=kernels, precision=precision)
        assert counted.macs == macs
        assert counted.train_memory > counted.saved_memory > 0


def test_kernels_that_a_run_on_data_does_not_take_are_said():
    inputs = [dse.Input(SHAPE, "bfloat16")] * 3
    with pytest.warns(RanOnData, match="whatever kernels=flash says"):
        dse.count(Attention(SHAPE), inputs, kernels="flash", real=True)
