"""Builds a model without memory for its weights, from a callable that returns one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from dse.counting.modules.random_state import random_state_kept

_WEIGHT_FACTORIES = {
    torch.empty,
    torch.empty_strided,
    torch.zeros,
    torch.ones,
    torch.full,
    torch.rand,
    torch.randn,
    torch.normal,
}
_FILLS = {torch.Tensor.normal_, torch.Tensor.uniform_}
"""What the meta device takes long for, with nothing to fill."""


class _WithoutWeights(TorchFunctionMode):
    """Puts what may become a weight on the meta device and skips its initialisation.

    `arange`, `linspace`, `tensor` and the like stay real, since constructors read their values
    (RegNet its widths, Swin its position indices).
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_refused = False
        """Whether something asked for values that the meta device does not have."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        if func in _FILLS and args[0].is_meta:
            return args[0]
        if func in _WEIGHT_FACTORIES and kwargs.get("device") is None:
            kwargs["device"] = "meta"
        try:
            return func(*args, **kwargs)
        except (RuntimeError, NotImplementedError, TypeError) as error:
            self.is_refused |= "meta" in str(error).lower()
            raise


def build_without_weights(build: Callable[[], Any]) -> Any:
    """Call a constructor so that the weights it makes take no memory.

    Where a constructor cannot do without its weights' values (it quantises them, say), the model
    is built as usual, whatever it makes of the refusal.

    Raises:
        Exception: whatever the constructor itself raises.
    """
    mode = _WithoutWeights()
    with random_state_kept():
        try:
            with mode, torch.no_grad():
                return build()
        except Exception:
            if mode.is_refused:
                return build()
            raise
