"""Watches which functions of PyTorch a model calls, above the operators that they dispatch.

A matrix product written as `x @ y`, as `torch.einsum` or inside an attention dispatches the same
operator. Counters that patch functions or trace graphs tell them apart, and so must a trace.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dis import opmap
from types import CodeType, FrameType
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from dse.counting.meta_device import described
from dse.counting.trace_records import FunctionCall, Operation

_BINARY_OPERATOR = opmap["BINARY_OP"]
_WITH_OPERATOR = {Tensor.add, Tensor.sub, Tensor.mul, Tensor.div, Tensor.matmul}
"""Methods that a mode is also told of where the code says `+`, `-`, `*`, `/` or `@`."""


class FunctionRecorder(TorchFunctionMode):
    """A function mode that records each function call that dispatches an operator."""

    def __init__(
        self,
        operations: list[Operation],
        calls: list[int],
        others: Mapping[Callable[..., Any], Callable[..., Any]],
    ) -> None:
        """Watch beside a recorder of operators.

        Args:
            operations: the operators recorded so far.
            calls: the stack of the running module calls.
            others: what is called in place of functions.
        """
        super().__init__()
        self.functions: list[FunctionCall] = []
        self._operations = operations
        self._calls = calls
        self._others = others

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        first = len(self._operations)
        output = self._others.get(func, func)(*args, **kwargs)
        end = len(self._operations)
        if end > first:
            self.functions.append(
                FunctionCall(
                    func,
                    self._calls[-1],
                    described(args),
                    {name: described(value) for name, value in kwargs.items()},
                    range(first, end),
                    func in _WITH_OPERATOR and _runs_operator(sys._getframe(1)),
                )
            )
        return output


def _runs_operator(frame: FrameType) -> bool:
    return _bytecode(frame.f_code)[frame.f_lasti] == _BINARY_OPERATOR


@functools.lru_cache(maxsize=4096)
def _bytecode(code: CodeType) -> bytes:
    return code.co_code
