"""Follows control flow that is written as operators, such as `torch.cond`, above autograd.

An operator that takes functions is one node to autograd, which writes the graph of what it calls by
itself: what a training step keeps of that, and the weights that it uses, would not be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch.overrides import TorchFunctionMode

from dse.counting.torch_internals import is_control_flow, run_higher_order


class ControlFlow(TorchFunctionMode):
    """Calls the functions that `torch.cond` and the like are given, as Python's `if` would."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if is_control_flow(func):
            with self:
                return run_higher_order(func, args, kwargs or {})
        return self.called(func, args, kwargs or {})

    def called(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Call any other function."""
        return function(*args, **kwargs)
