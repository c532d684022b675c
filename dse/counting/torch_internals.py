"""Every door into PyTorch that is not part of its public interface, each with what it is for.

What stands here may change with any release; `tests/counting/test_torch_internals.py` says what
did. Nothing else of dse names anything private of PyTorch.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch._ops import HigherOrderOperator, OpOverload, OpOverloadPacket
from torch._prims_common import suggest_memory_format
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils.checkpoint import _StopRecomputationError

Operator = OpOverload
"""An operator that is dispatched, with its overload."""

Packet = OpOverloadPacket
"""An operator with all of its overloads."""


class DispatchMode(TorchDispatchMode):
    """A context in which every dispatched operator is seen."""

    def __init_subclass__(cls) -> None:
        """Have a compiler pass over what the mode does, and over all that it calls."""
        super().__init_subclass__()  # type: ignore[no-untyped-call]
        own = vars(cls).get("__torch_dispatch__")
        if own is not None:
            frames = torch._C._dynamo.eval_frame
            skip = frames._FrameAction.SKIP
            frames.set_code_exec_strategy(own.__code__, frames._FrameExecStrategy(skip, skip))

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # PyTorch would say so at each dispatch, which takes a seventh of its time.
        return False


CPU_ATTENTION: OpOverloadPacket = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
"""The kernel that attention runs as on a CPU."""
FLASH_ATTENTION: OpOverloadPacket = torch.ops.aten._scaled_dot_product_flash_attention
FLASH_ATTENTION_BACKWARD: OpOverloadPacket = (
    torch.ops.aten._scaled_dot_product_flash_attention_backward
)
EFFICIENT_ATTENTION: OpOverloadPacket = torch.ops.aten._scaled_dot_product_efficient_attention
"""Those on a GPU."""

STOPS_EARLY = _StopRecomputationError
"""By which a checkpoint leaves a forward pass that it needs no more of."""

PACK_PADDED: OpOverload = torch.ops.aten._pack_padded_sequence.default
"""The operator behind `torch.nn.utils.rnn.pack_padded_sequence`."""
PAD_PACKED = torch._pad_packed_sequence
"""The function behind `torch.nn.utils.rnn.pad_packed_sequence`."""


def is_higher_order(operator: Any) -> bool:
    """Return whether an operator takes functions, as `torch.cond` does."""
    return isinstance(operator, HigherOrderOperator)


def is_control_flow(function: Any) -> bool:
    """Return whether a function is an operator that calls others as Python's `if` and `for` do."""
    named = torch.ops.higher_order
    return is_higher_order(function) and function in (
        *(named.cond, named.while_loop, named.map_impl),
    )


def run_higher_order(operator: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run an operator that takes functions by calling them.

    Raises:
        NotImplementedError: where it has no such kernel.
    """
    if operator is torch.ops.higher_order.cond:
        condition, if_true, if_false, operands = args
        return (if_true if condition else if_false)(*operands)
    kernel = operator.py_kernels.get(torch._C.DispatchKey.CompositeExplicitAutograd)
    if kernel is None:
        raise NotImplementedError(f"{operator} cannot be followed")
    return kernel(*args, **kwargs)


def is_composed(operator: Operator) -> bool:
    """Return whether PyTorch makes an operator of others everywhere, and has no kernel for it."""
    has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key
    name = operator.name()
    return has_kernel(name, "CompositeImplicitAutograd") and not has_kernel(name, "CPU")


_lock = threading.Lock()
_made: list[Any] = []
"""The library of kernels on the meta device, once for each run that needs it."""


@contextlib.contextmanager
def whole_on_meta(kernels: Mapping[Operator, Callable[..., Any]]) -> Iterator[None]:
    """Dispatch operators as one that PyTorch would make of others on the meta device.

    It does so before any mode is told of them, unless the device has a kernel of its own: there is
    one for as long as a model runs.
    """
    with _lock:
        library = _made[0] if _made else torch._C._dispatch_library("IMPL", "aten", "", __file__, 0)
        if not _made:
            for operator, kernel in kernels.items():
                library.impl(operator.name().removeprefix("aten::"), "Meta", kernel)
        _made.append(library)
    try:
        yield
    finally:
        with _lock:
            _made.pop()
            if not _made:
                library.reset()


def memory_format_of(tensor: Tensor) -> torch.memory_format:
    """Return the order of axes in memory that a kernel takes a tensor to be laid out in."""
    found: torch.memory_format = suggest_memory_format(tensor)
    return found


def schema_of(operator: Operator) -> Any:
    """Return the schema of an operator: its arguments, and which of them it writes to."""
    return operator._schema


def qualified_name(packet: OpOverloadPacket) -> str:
    """Return the name of an operator without its overload, such as `aten::mm`."""
    name: str = packet._qualified_op_name
    return name


def overloads(packet: Packet) -> list[Operator]:
    """Return an operator's overloads."""
    return [getattr(packet, name) for name in packet.overloads()]


def packet_named(name: str) -> Packet | None:
    """Return the operator of a name such as `aten.mm`, or None where there is none."""
    namespace, _, operator = name.partition(".")
    packet = getattr(getattr(torch.ops, namespace), operator, None)
    return packet if isinstance(packet, OpOverloadPacket) else None


def storage_key(storage: torch.UntypedStorage) -> int:
    """Return what tells a living storage from all others; two views of one have the same."""
    key: int = storage._cdata
    return key


def is_known_zero(tensor: Tensor) -> bool:
    """Return whether PyTorch knows a tensor to be zeros, as forward-mode tangents of weights are.

    What operators do with such a one is not what they do with others of its layout.
    """
    return bool(tensor._is_zerotensor())


def times_written(tensor: Tensor) -> int | None:
    """Return how often operators have written to a tensor; None where PyTorch does not note it."""
    return None if tensor.is_inference() else tensor._version


def stored_values(tensor: Tensor) -> Tensor:
    """Return the elements that a sparse tensor stores, also where it holds some twice."""
    return tensor._values() if tensor.layout is torch.sparse_coo else tensor.values()


def stored_indices(tensor: Tensor) -> tuple[Tensor, ...]:
    """Return the tensors that say where a sparse tensor's elements are."""
    if tensor.layout is torch.sparse_coo:
        return (tensor._indices(),)
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return tensor.crow_indices(), tensor.col_indices()
    return tensor.ccol_indices(), tensor.row_indices()


def is_jagged(kind: type) -> bool:
    """Return whether a class is that of nested tensors in the jagged layout."""
    return kind.__module__.startswith("torch.nested.") and kind.__name__ == "NestedTensor"


def held_parameters(module: nn.Module) -> dict[str, nn.Parameter | None]:
    """Return the parameters that a module itself holds, those that are None included."""
    return module._parameters


def uncompiled(module: nn.Module) -> nn.Module | None:
    """Return the model that `torch.compile` wrapped; None for any other one."""
    kind = type(module)
    is_wrapper = kind.__module__.startswith("torch._dynamo.") and kind.__name__ == "OptimizedModule"
    original: nn.Module | None = held_modules(module).get("_orig_mod") if is_wrapper else None
    return original


def is_scripted(module: nn.Module) -> bool:
    """Return whether a module is one of TorchScript, which runs what is within it unseen."""
    return isinstance(module, torch.jit.ScriptModule)


def is_frozen(module: nn.Module) -> bool:
    """Return whether `torch.jit.freeze` put the modules within a scripted one into its graph."""
    held: Any = module
    return is_scripted(module) and not held._c.hasattr("training")


def unflattened_type(module: nn.Module) -> str | None:
    """Return the full name of the type that a module of `torch.export.unflatten` was exported from.

    None for any other one.
    """
    if type(module).__module__ != "torch.export.unflatten":
        return None
    return getattr(module, "_ty", None)


def without_compiled_call(module: nn.Module) -> dict[str, Any]:
    """Return the attributes of a module without what `Module.compile` made it call."""
    held = module.__dict__
    if held.get("_compiled_call_impl") is None:
        return held
    return {**held, "_compiled_call_impl": None}


def held_buffers(module: nn.Module) -> dict[str, Tensor | None]:
    """Return the buffers that a module itself holds, those that are None included."""
    return module._buffers


def held_modules(module: nn.Module) -> dict[str, nn.Module | None]:
    """Return the modules that a module itself holds, those that are None included."""
    return module._modules


def has_hooks(module: nn.Module) -> bool:
    """Return whether anything is to be called around a module's forward or backward pass."""
    return any(value for name, value in vars(module).items() if name.endswith("_hooks"))


unseen_functions: Callable[[], contextlib.AbstractContextManager[object]] = (
    torch._C.DisableTorchFunction
)
"""Makes a context in which no mode is told of the functions that are called."""


def without_modes() -> contextlib.AbstractContextManager[object]:
    """Return a context in which no mode sees what is dispatched."""
    if not torch._C._len_torch_dispatch_stack():
        return contextlib.nullcontext()
    return _disable_current_modes()


def is_graph_made() -> bool:
    """Return whether operators are being written to a graph, as `torch.func.linearize` does.

    That is done below all modes of others: what these run instead would be written.
    """
    key = torch._C._TorchDispatchModeKey.PROXY
    return torch._C._get_dispatch_mode(key) is not None


def is_innermost_mode(mode: DispatchMode) -> bool:
    """Return whether a mode is the first of this thread to see what is dispatched."""
    depth = torch._C._len_torch_dispatch_stack()
    return bool(depth) and torch._C._get_dispatch_stack_at(depth - 1) is mode


def load_dispatch() -> None:
    """Load what PyTorch would at the first operator that is dispatched to a mode.

    Loading leaves cycles that hold on to the frames which are running: what is local to the forward
    of a layer would stay alive until the collector comes.
    """
    import torch._dynamo  # noqa: F401


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Let `torch.compiler.is_compiling()` say True, as it does under `torch.export`."""
    before = torch.compiler._is_compiling_flag
    torch.compiler._is_compiling_flag = True
    try:
        yield
    finally:
        torch.compiler._is_compiling_flag = before


@contextlib.contextmanager
def uncompiled_attention() -> Iterator[None]:
    """Let `flex_attention`, where a model has loaded it, run its operator without a compiler."""
    module: Any = sys.modules.get("torch.nn.attention.flex_attention")
    if module is None:
        yield
        return
    before = module._FLEX_ATTENTION_DISABLE_COMPILE_DEBUG
    module._FLEX_ATTENTION_DISABLE_COMPILE_DEBUG = True
    try:
        yield
    finally:
        module._FLEX_ATTENTION_DISABLE_COMPILE_DEBUG = before


@contextlib.contextmanager
def without_fast_paths() -> Iterator[None]:
    """Let layers of attention run their operators, where one operator might hide all of them."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def fake_tensor_mode() -> Any:
    """Return a mode under which tensors without data are dispatched like those of a device."""
    # Imported here, as it brings in PyTorch's symbolic shapes, which take a tenth of a second.
    from torch._subclasses.fake_tensor import FakeTensorMode, log

    # What it raises it logs as well, with a traceback.
    log.setLevel(logging.CRITICAL)
    return FakeTensorMode()


def is_fake(tensor: Tensor) -> bool:
    """Return whether a tensor passes for one on a device; its class is loaded only where needed."""
    return type(tensor).__name__ == "FakeTensor"


def fake_tensor(mode: Any, tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor without data that passes for one on a device."""
    from torch._subclasses.fake_tensor import FakeTensor

    return FakeTensor(mode, tensor.detach().to("meta"), device)
