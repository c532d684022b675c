"""The optimizers whose state a training step holds, as PyTorch runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.optim import SGD, AdamW, Optimizer

from dse.costs import OPTIMIZERS
from dse.errors import DseError, nearest

_MAKERS: dict[str, Callable[[Sequence[Parameter]], Optimizer]] = {
    # One parameter after the other, PyTorch's default on the CPU: its temporaries are those of
    # the largest parameter, where `foreach` holds those of all parameters at once.
    "sgd": lambda parameters: SGD(parameters, lr=1e-3, foreach=False),
    "sgd-momentum": lambda parameters: SGD(parameters, lr=1e-3, momentum=0.9, foreach=False),
    "adamw": lambda parameters: AdamW(parameters, lr=1e-3, foreach=False),
}
assert set(_MAKERS) == set(OPTIMIZERS)
WITHOUT_SPARSE = {"adamw"}
"""Those that take no sparse gradients."""


def make_optimizer(name: str, parameters: Sequence[Parameter]) -> Optimizer:
    """Return an optimizer over parameters, none of whose state exists yet.

    Raises:
        DseError: for a name that is not in `OPTIMIZERS`.
    """
    if name not in _MAKERS:
        raise DseError(f"unknown optimizer {name!r}; {nearest(name, OPTIMIZERS)}")
    return _MAKERS[name](parameters)


def state_tensors(optimizer: Optimizer) -> list[Tensor]:
    """Return the tensors that an optimizer keeps from one step to the next."""
    values: Iterable[object] = (
        value for state in optimizer.state.values() for value in state.values()
    )
    return [value for value in values if isinstance(value, torch.Tensor)]
