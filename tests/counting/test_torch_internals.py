"""What stands behind each private door of a library: a failure here says what a release changed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import dse
from dse.counting import FIRST_DISPATCH
from dse.counting import torch_internals as doors

ROOT = Path(dse.__file__).parent

HOMES = {
    "torch": {"counting/torch_internals.py"},
    "hydra": {"cli/composition/page_source.py"},
    "optuna": {"search/samplers/candidate_sampler.py"},
    "alembic": {"store/opening/upgrade.py"},
}
"""The one module of dse that may name what is private in a library."""

OF_TORCH = {"_cdata", "_schema", "_parameters", "_buffers", "_modules", "_qualified_op_name"}
OF_OPTUNA = {"_trial_id", "_storage", "_thread_local", "_contains"}
"""Private attributes of objects that a library makes, by which its uses are found."""


def test_a_storage_has_one_key_whatever_views_it():
    tensor = torch.empty(4, 4, device="meta")
    key = doors.storage_key(tensor.untyped_storage())
    assert key == doors.storage_key(tensor.view(16)[3:].untyped_storage())
    other = torch.empty(4, 4, device="meta")
    assert key != doors.storage_key(other.untyped_storage())


def test_an_operator_has_a_name_and_a_schema():
    operator = torch.ops.aten.add_.Tensor
    assert isinstance(operator, doors.Operator)
    assert doors.qualified_name(operator.overloadpacket) == "aten::add_"
    schema = doors.schema_of(operator)
    assert schema.is_mutable
    assert schema.arguments[0].alias_info.is_write
    assert schema.returns[0].alias_info.is_write
    assert not doors.schema_of(torch.ops.aten.add.Tensor).is_mutable


def test_a_mode_sees_every_operator_that_is_dispatched():
    seen = []

    class Mode(doors.DispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(doors.qualified_name(func.overloadpacket))
            return func(*args, **(kwargs or {}))

    with torch.no_grad(), Mode():
        nn.Linear(2, 3, device="meta")(torch.empty(1, 2, device="meta"))
    assert "aten::addmm" in seen


def test_what_the_first_dispatch_loads_has_a_name():
    """PyTorch loads it at the first operator that a mode sees, at the latest."""
    command = [sys.executable, "-c", _LOADING.format(FIRST_DISPATCH)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert loaded == "True\n"


_LOADING = """
import sys

import {}
from torch.utils._python_dispatch import TorchDispatchMode

loaded = set(sys.modules)

class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {{}}))

import torch

with Mode():
    torch.ones(1) + 1
print(not [name for name in set(sys.modules) - loaded if name.startswith("torch.")])
"""


def test_a_module_tells_what_it_holds_itself():
    module = nn.BatchNorm1d(3)
    module.inner = nn.Identity()
    module.register_parameter("none", None)
    assert set(doors.held_parameters(module)) == {"weight", "bias", "none"}
    assert set(doors.held_buffers(module)) == {"running_mean", "running_var", "num_batches_tracked"}
    assert doors.held_modules(module) == {"inner": module.inner}


@pytest.mark.parametrize(
    "register",
    ["register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"],
)
def test_every_kind_of_hook_is_seen(register):
    module = nn.Identity()
    assert not doors.has_hooks(module)
    handle = getattr(module, register)(lambda *given: None)
    assert doors.has_hooks(module)
    handle.remove()
    assert not doors.has_hooks(module)


def test_a_fake_tensor_passes_for_one_on_the_device():
    mode = doors.fake_tensor_mode()
    fake = doors.fake_tensor(mode, torch.empty(2, 3), torch.device("cpu"))
    with mode:
        assert (fake @ fake.t()).shape == (2, 2)
    assert fake.device == torch.device("cpu")


def test_attention_on_a_cpu_is_one_kernel():
    query = torch.randn(1, 2, 4, 8)
    found = doors.CPU_ATTENTION(query, query, query, 0.0, False)[0]
    expected = nn.functional.scaled_dot_product_attention(query, query, query)
    torch.testing.assert_close(found, expected)


def private_uses(path: Path) -> Iterator[str]:
    """Yield the libraries of whose private names a module makes use."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            names = [ast.unparse(node)]
            if node.attr in OF_TORCH:
                yield "torch"
            if node.attr in OF_OPTUNA and not ast.unparse(node).startswith("self."):
                yield "optuna"
        for name in names:
            library, *parts = name.split(".")
            if library in HOMES and any(p.startswith("_") and p[1:2] != "_" for p in parts):
                yield library


def test_what_is_private_in_a_library_is_named_in_one_module():
    found = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for library in private_uses(path):
            found[library].add(path.relative_to(ROOT).as_posix())
    # Of alembic it is a method of an object that it makes.
    assert "scripts._upgrade_revs" in (ROOT / "store" / "opening" / "upgrade.py").read_text()
    assert found == {name: homes for name, homes in HOMES.items() if name != "alembic"}
