"""The optimizer's part of a training step, which follows from its parameters and gradients alone.

Blocks of the same weights, at other resolutions say, take the same step: it is run once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.meta_device import Uncacheable, run_known
from dse.counting.modules import borrowed_weights
from dse.counting.running import Recorder
from dse.counting.tensors import Lifetime, is_sparse, spec_of
from dse.counting.torch_internals import DispatchMode, is_fake, without_modes
from dse.counting.trace_records import Operation
from dse.counting.training.optimizers import WITHOUT_SPARSE, make_optimizer, state_tensors
from dse.errors import DseError

MOST_RUNS = 1_000
"""To remember, of some ten kilobytes each."""


@dataclass(frozen=True, slots=True)
class OptimizerRun:
    """What a step of an optimizer left behind, counted from its own beginning."""

    operations: tuple[Operation, ...]
    lifetimes: tuple[Lifetime, ...]
    state_bytes: int

    def append_to(self, recorder: Recorder) -> None:
        """Record the step as one that has run now."""
        storages = recorder.storages
        first, call, alive = len(recorder.operations), recorder.call, storages.alive
        recorder.operations += [
            each._replace(call=call, alive=alive + each.alive) for each in self.operations
        ]
        storages.lifetimes += [_moved(each, first) for each in self.lifetimes]
        storages.now += len(self.operations)


_RUNS: dict[Any, OptimizerRun] = {}


def run_optimizer(model: nn.Module, name: str, recorder: Recorder) -> int:
    """Run an optimizer as in any step but the first, and return the bytes of its state.

    Args:
        model: whose parameters have gradients.
        name: one of `dse.costs.OPTIMIZERS`.
        recorder: of the whole training step.

    Raises:
        DseError: for sparse gradients, of an optimizer that takes none.
    """
    borrowed = borrowed_weights(model)
    parameters = [
        parameter
        for parameter in model.parameters()
        if parameter.grad is not None and id(parameter) not in borrowed
    ]
    if not parameters:
        return 0
    key = _key(name, parameters, recorder)
    known = None if key is None else _RUNS.get(key)
    if known is not None:
        known.append_to(recorder)
        return known.state_bytes
    storages = recorder.storages
    first, noted, alive = len(recorder.operations), len(storages.lifetimes), storages.alive
    if key is None:
        state_bytes = _run(name, parameters, recorder)
    else:
        with without_modes():
            state_bytes = _run(name, [_twin(each, recorder) for each in parameters], recorder)
    new = storages.lifetimes[noted:]
    if key is not None and storages.alive == alive and all(each.died for each in new):
        if len(_RUNS) >= MOST_RUNS:
            _RUNS.clear()
        made = recorder.operations[first:]
        _RUNS[key] = OptimizerRun(
            tuple(each._replace(alive=each.alive - alive) for each in made),
            tuple(_moved(each, -first) for each in new),
            state_bytes,
        )
    return state_bytes


def _run(name: str, parameters: Sequence[nn.Parameter], recorder: Recorder) -> int:
    optimizer = make_optimizer(name, parameters)
    if name in WITHOUT_SPARSE and any(is_sparse(parameter.grad) for parameter in parameters):
        raise DseError(f"{name} takes no sparse gradients, as of nn.Embedding(…, sparse=True)")
    with _KnownKernels():
        optimizer.step()
    state = state_tensors(optimizer)
    recorder.storages.exclude(state)
    with recorder:
        optimizer.step()
    return sum(map(recorder.storages.nbytes, state))


def _key(name: str, parameters: Sequence[nn.Parameter], recorder: Recorder) -> Any:
    """Return all that a step follows from; None where it may follow from more."""
    storages = recorder.storages
    if recorder.real or recorder.marked or not recorder.shares_costs:
        return None
    if storages.counted_as is not None or storages.has_several_sizes:
        return None
    specs: list[Any] = [name]
    for parameter in parameters:
        gradient = parameter.grad
        assert gradient is not None
        if not (_is_plain(parameter) and _is_plain(gradient)):
            return None
        specs += spec_of(parameter), spec_of(gradient)
    return tuple(specs)


def _is_plain(tensor: Tensor) -> bool:
    return (tensor.is_meta or is_fake(tensor)) and tensor.layout is torch.strided


def _twin(parameter: nn.Parameter, recorder: Recorder) -> nn.Parameter:
    """Return a parameter and gradient of the same layouts on the meta device, which is quicker."""
    assert parameter.grad is not None
    twin = nn.Parameter(_on_meta(parameter))
    twin.grad = _on_meta(parameter.grad)
    recorder.storages.exclude([twin, twin.grad])
    return twin


def _on_meta(tensor: Tensor) -> Tensor:
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


class _KnownKernels(DispatchMode):
    """Runs operators whose results are known by their layouts without their kernels."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        try:
            return run_known(func, args, kwargs or {})[0]
        except Uncacheable:
            return func(*args, **(kwargs or {}))


def _moved(lifetime: Lifetime, by: int) -> Lifetime:
    died = None if lifetime.died is None else lifetime.died + by
    return replace(lifetime, born=lifetime.born + by, died=died)
