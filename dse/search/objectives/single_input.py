"""The one input of a network that an objective draws, or reads from images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dse.counting import Input, real_tensor
from dse.errors import DseError
from dse.space import Candidate, CostedPoint, network_inputs


@dataclass(frozen=True)
class OneInput:
    """An input that is a batch of numbers; the others of a family are what its page says."""

    candidate: Candidate
    shape: tuple[int, ...]
    """Without the batch axis."""
    name: str | None
    """None for the one input of a family that names none."""

    def run(self, module: Callable[..., Any], tensor: Tensor) -> Any:
        """Return the output of a network on this input."""
        if self.name is None:
            return module(tensor)
        _, named = network_inputs(self.candidate, len(tensor))
        make = real_tensor(tensor.device)
        given = {name: make(each, tensor.dtype) for name, each in named.items()}
        return module(**{**given, self.name: tensor})

    def classify(self, module: Callable[..., Any], tensor: Tensor) -> Tensor:
        """Return the scores of each class.

        Raises:
            DseError: for a network that returns something else.
        """
        output = self.run(module, tensor)
        if not isinstance(output, Tensor) or output.dim() < 2:
            shown = f"shape {tuple(output.shape)}" if isinstance(output, Tensor) else type(output)
            raise DseError(f"{self.candidate.family} returns no scores of classes, but {shown}")
        return output


def one_input(point: CostedPoint, objective: str) -> OneInput:
    """Return the input of a candidate that an objective draws or reads.

    Args:
        point: whose network is to be run.
        objective: its name, for the error.

    Raises:
        DseError: for a family that names none, or several, that are batches of floating-point
            numbers without values of their own.
    """
    candidate = point.candidate
    assert candidate is not None
    given = candidate.given_input
    if given is not None and Input((), given.dtype).is_of_integers:
        raise DseError(f"{objective}: {candidate.family} has no input of numbers ({given.name})")
    if not candidate.named_inputs:
        return OneInput(candidate, tuple(candidate.input_shape), None)
    _, inputs = network_inputs(candidate, 1)
    drawn = [
        each
        for each in candidate.named_inputs
        if each.has_batch
        and each.values is None
        and inputs[each.name].dtype_or(torch.float32).is_floating_point
    ]
    if len(drawn) != 1:
        names = ", ".join(each.name for each in drawn or candidate.named_inputs)
        reason = "has several inputs of numbers" if drawn else "has no input of numbers"
        raise DseError(f"{objective}: {candidate.family} {reason} to choose ({names})")
    return OneInput(candidate, tuple(drawn[0].shape), drawn[0].name)
