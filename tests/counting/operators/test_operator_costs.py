"""Every operator of PyTorch is counted, free, or unknown for a reason that is told."""

from __future__ import annotations

import pytest
import torch
import torch._prims

from dse.counting.operators.operator_costs import RULES, is_free, operator_name, rule_of
from dse.counting.operators.unknown_operators import UNKNOWN, reason_unknown


def dispatched(composed=False):
    """Yield each operator of aten by its schema; `composed` ones, which only call others, or not.

    An operator that is composed in every overload is never dispatched, but in inference mode.
    """
    by_name = {}
    for schema in torch._C._jit_get_all_schemas():
        namespace, _, name = schema.name.partition("::")
        packet = getattr(torch.ops.aten, name, None) if namespace == "aten" else None
        if packet is not None and name not in by_name:
            by_name[name] = [getattr(packet, overload) for overload in packet.overloads()]
    for overloads in by_name.values():
        calls_others = [
            torch._C._dispatch_has_kernel_for_dispatch_key(each.name(), "CompositeImplicitAutograd")
            for each in overloads
            if torch._C._dispatch_has_kernel(each.name())
        ]
        if calls_others and all(calls_others) is composed:
            yield overloads[0]


def primitives():
    """Yield each operator that PyTorch's decompositions end in."""
    for name in torch._prims.__all__:
        packet = getattr(torch.ops.prims, name, None)
        if packet is not None:
            yield getattr(packet, packet.overloads()[0])


def test_there_are_operators_to_look_at():
    names = {operator_name(each) for each in dispatched()}
    assert len(names) > 1000
    assert {"aten.mm", "aten.add_", "aten._fft_c2c", "aten._grouped_mm"} <= names
    assert {"prims.add", "prims.svd"} <= {operator_name(each) for each in primitives()}
    assert {"aten.matmul", "aten.einsum"} <= {operator_name(each) for each in dispatched(True)}


def test_every_operator_is_of_exactly_one_kind():
    kinds = {
        operator_name(each): [
            kind
            for kind, is_of in (
                ("counted", rule_of(operator_name(each)) is not None),
                ("free", is_free(each)),
                ("unknown", reason_unknown(operator_name(each)) is not None),
            )
            if is_of
        ]
        for each in (*dispatched(), *primitives())
    }
    assert {name: kind for name, kind in kinds.items() if len(kind) != 1} == {}


@pytest.mark.parametrize("table", [RULES, UNKNOWN], ids=["counted", "unknown"])
def test_every_name_in_the_tables_is_an_operator(table):
    names = {name.removeprefix("aten.") for name in table if name.startswith("aten.")}
    assert names
    assert {name for name in names if not hasattr(torch.ops.aten, name)} == set()


FREE = """
floor_divide index_copy_ _assert_async nansum take kthvalue mode trace linalg_cross unique_dim
_linalg_check_errors _ctc_loss _fused_adam_ _foreach_addcdiv_ silu_backward view_copy
threshold_backward native_layer_norm_backward
"""


@pytest.mark.parametrize("name", FREE.split())
def test_free_operators(name):
    packet = getattr(torch.ops.aten, name)
    assert is_free(getattr(packet, packet.overloads()[0]))
