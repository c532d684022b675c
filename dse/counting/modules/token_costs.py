"""What a token uses of a model, and what is kept of it: experts that are visited, keys and values.

A module of experts has `num_experts`, parameters with one row of weights an expert, and
`experts_per_token` of its own or `num_experts_per_tok` in its `config`, as in transformers. A
module of attention that generation keeps keys and values of has `cached_elements(batch, tokens)`,
with the tokens of its first input, or of that which `cached_input` says,
and `hold_cache(batch, tokens, context)` where it can run after tokens that were before: it then has
buffers of them, named by `cached`. Other modules that depend on positions have the latter too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from dse.counting.modules.module_walks import attribute_of
from dse.counting.trace_records import Call, Trace
from dse.errors import DseError


def active_elements(module: nn.Module, weight: Tensor) -> int:
    """Return the elements of a weight that one token uses: of experts, those that it visits."""
    experts = attribute_of(module, "num_experts")
    if not isinstance(experts, int) or weight.dim() < 2 or weight.shape[0] != experts:
        return weight.numel()
    visited = _visited(module)
    return weight.numel() if visited is None else weight[0].numel() * min(visited, experts)


def _visited(module: nn.Module) -> int | None:
    visited = attribute_of(module, "experts_per_token")
    if visited is None:
        visited = getattr(attribute_of(module, "config"), "num_experts_per_tok", None)
    return visited if isinstance(visited, int) else None


def experts_visited(call: Call) -> int | None:
    """Return how many experts the tokens of a call visit at most; None for a module of none."""
    visited = _visited(call.module)
    if visited is None or not call.inputs:
        return None
    return visited * math.prod(call.inputs[0].shape[:-1])


def kept_names(module: nn.Module) -> tuple[str, ...]:
    """Return the names of the buffers of a module that hold keys and values of tokens."""
    names: tuple[str, ...] = attribute_of(module, "cached", ())
    return names


def hold_caches(model: nn.Module, arguments: Sequence[Any], context: int) -> None:
    """Have a model run on the last of so many tokens, the keys and values of the others kept.

    Args:
        model: whose modules are told; it is a copy that nobody else uses.
        arguments: of its forward, the first (N, tokens, …).
        context: tokens that the last one attends to, itself included.

    Raises:
        DseError: where a module cannot, and for arguments without tokens.
    """
    first = next(iter(arguments), None)
    if not isinstance(first, Tensor) or first.dim() < 2:
        raise DseError("a context is of models on (N, tokens, …)")
    batch, tokens = first.shape[:2]
    for module in model.modules():
        hold = getattr(module, "hold_cache", None)
        if hold is not None:
            try:
                hold(batch, tokens, max(context, tokens))
            except ValueError as error:
                raise DseError(str(error)) from error


def cached_bytes(trace: Trace, call: Call) -> int:
    """Return the bytes of keys and values that generation keeps of a call of attention."""
    cached = attribute_of(call.module, "cached_elements")
    if cached is None or not call.inputs or len(call.inputs[0].shape) < 2:
        return 0
    batch, tokens = call.inputs[getattr(call.module, "cached_input", 0)].shape[:2]
    before: int = getattr(call.module, "before", 0)
    kept = call.outputs[0]._replace(shape=(cached(batch, before + tokens),), stride=(1,))
    return trace.nbytes(kept, call.name)
