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
            the channels. The first values are what enters, behind them is what the
            steps make; the last one leaves.
        inputs: how many tensors enter.
    """

    def __init__(
        self,
        operations: Sequence[nn.Module],
        steps: Sequence[tuple[str, tuple[int, ...]]],
        inputs: int = 1,
    ) -> None:
        super().__init__()
        self.operations = nn.ModuleList(operations)
        self.steps, self.inputs = tuple(steps), inputs

    def forward(self, *entering: Tensor) -> Tensor:
        """Return the last value."""
        values = dict(enumerate(entering))
        del entering
        operations = iter(self.operations)
        for number, (kind, taken) in enumerate(self.steps, start=self.inputs):
            behind = self.steps[number - self.inputs + 1 :]
            later = {value for _, more in behind for value in more}
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
        return values[self.inputs + len(self.steps) - 1]

    def extra_repr(self) -> str:
        """Return the steps."""
        return f"steps={self.steps}"
