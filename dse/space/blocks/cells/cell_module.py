"""A cell as a module."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Cell(nn.Module):
    """Makes values one after the other, and lets go of each after its last use.

    Args:
        operations: what the steps that run something run, in order.
        steps: what each does with which values: `run`, `add` two, `concatenate` along
            the channels. Value 0 is what enters, value n what the nth step makes; the
            last one leaves.
    """

    def __init__(
        self,
        operations: Sequence[nn.Module],
        steps: Sequence[tuple[str, tuple[int, ...]]],
    ) -> None:
        super().__init__()
        self.operations = nn.ModuleList(operations)
        self.steps = tuple(steps)

    def forward(self, x: Tensor) -> Tensor:
        """Return the last value."""
        values = {0: x}
        del x
        operations = iter(self.operations)
        for number, (kind, taken) in enumerate(self.steps, start=1):
            later = {value for _, more in self.steps[number:] for value in more}
            arguments = [values[value] for value in taken]
            for value in set(taken) - later:
                del values[value]
            if kind == "run":
                values[number] = next(operations)(arguments.pop())
            elif kind == "add":
                values[number] = torch.add(*arguments)
            else:
                values[number] = torch.cat(arguments, 1)
            arguments.clear()
        return values[len(self.steps)]

    def extra_repr(self) -> str:
        """Return the steps."""
        return f"steps={self.steps}"
