"""The loss of a training step, and the labels that it compares with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from dse.code import foreign_code
from dse.counting.running import Input, Inputs
from dse.counting.tensors import HandedOn, TensorSpec
from dse.errors import DseError, nearest

OWN_LOSS = "model"
"""Names the loss that a model's forward returns, given labels among its inputs."""

_OF_CLASSES = ("cross_entropy", "nll_loss")
_OF_VALUES = (
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
)
LOSSES = (*_OF_CLASSES, *_OF_VALUES)
"""Losses of `torch.nn.functional` that are known by name."""


@dataclass(frozen=True, slots=True)
class TrainingLoss:
    """A loss with its labels."""

    name: str
    function: Callable[..., Any]
    """(output) for the loss of the model itself; (output, labels) for any other."""
    labels: Inputs = None
    """What it compares with; None for what follows from the output."""

    @property
    def is_own(self) -> bool:
        """Whether the model's forward returns it."""
        return self.name == OWN_LOSS

    def of(self, output: Any, labels: Sequence[Any]) -> Tensor:
        """Return the loss of an output.

        Raises:
            DseError: where it fails, or is no tensor of one element.
        """
        with foreign_code(lambda reason: f"loss {self.name} fails on the output: {reason}"):
            found = self.function(output, *labels)
        return scalar_loss(found, self.name)

    def labels_for(self, output: HandedOn | None) -> Input:
        """Return labels that suit an output: a class for each, or a number for each element.

        Raises:
            DseError: for an output of several tensors, or a loss that is not known by name.
        """
        if not isinstance(output, TensorSpec) or self.name not in LOSSES:
            raise DseError(f"loss {self.name}: needs labels, such as --label 1:int64 or labels=")
        shape = output.shape
        if self.name in _OF_CLASSES:
            return Input((*shape[:1], *shape[2:]) if len(shape) > 1 else (), "int64")
        # It refuses all that is no probability.
        return Input(shape, values=0.5 if self.name == "binary_cross_entropy" else None)


def find_loss(loss: str | Callable[..., Any] | None, labels: Inputs = None) -> TrainingLoss | None:
    """Return the loss of a name or a function of (output, labels); None for none.

    Args:
        loss: one of `LOSSES`, `model` where the forward itself returns one, or a function.
        labels: a shape, an `Input` or tensors; None for what follows from the output.

    Raises:
        DseError: for an unknown name, or labels without a loss that takes them.
    """
    if loss is None or loss == OWN_LOSS:
        if labels is not None:
            what = "no loss" if loss is None else "the loss of the model takes them as inputs"
            raise DseError(f"labels are for a loss, and there is {what}")
        return None if loss is None else TrainingLoss(OWN_LOSS, own_loss)
    if callable(loss):
        return TrainingLoss(getattr(loss, "__name__", type(loss).__name__), loss, labels)
    name = next((each for each in (loss, f"{loss}_loss") if each in LOSSES), None)
    if name is None:
        raise DseError(f"unknown loss {loss!r}; {nearest(loss, (*LOSSES, OWN_LOSS))}")
    return TrainingLoss(name, getattr(F, name), labels)


def own_loss(output: Any) -> Tensor:
    """Return the loss among what a forward returned: `loss` of it, its first part, or itself.

    Raises:
        DseError: where it returned none.
    """
    found = output
    if isinstance(output, Mapping):
        found = output.get("loss")
    elif isinstance(output, (tuple, list)) and output:
        found = output[0]
    elif not isinstance(output, Tensor):
        found = getattr(output, "loss", None)
    return scalar_loss(found, OWN_LOSS)


def scalar_loss(value: Any, name: str) -> Tensor:
    """Return a loss, which is a tensor of one element.

    Raises:
        DseError: for anything else.
    """
    if not isinstance(value, Tensor) or value.numel() != 1:
        found = f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise DseError(f"loss {name}: expected a tensor of one element, not {found}")
    return value
