"""What a token uses of a model, and what is kept of it: experts that are visited, keys and values.

A module of experts has `num_experts`, parameters with one row of weights an expert, and
`experts_per_token` of its own or `num_experts_per_tok` in its `config`, as in transformers. A
module of attention that generation keeps keys and values of has `cached_elements(batch, tokens)`.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dse.counting.trace import Call, Trace


def active_elements(module: nn.Module, weight: Tensor) -> int:
    """Return the elements of a weight that one token uses: of experts, those that it visits."""
    experts = getattr(module, "num_experts", None)
    if not isinstance(experts, int) or weight.dim() < 2 or weight.shape[0] != experts:
        return weight.numel()
    visited = _visited(module)
    return weight.numel() if visited is None else weight[0].numel() * min(visited, experts)


def _visited(module: nn.Module) -> int | None:
    config: Any = getattr(module, "config", None)
    visited = getattr(module, "experts_per_token", getattr(config, "num_experts_per_tok", None))
    return visited if isinstance(visited, int) else None


def cached_bytes(trace: Trace, call: Call) -> int:
    """Return the bytes of keys and values that generation keeps of a call of attention."""
    cached = getattr(call.module, "cached_elements", None)
    if cached is None or not call.inputs or len(call.inputs[0].shape) < 2:
        return 0
    batch, tokens = call.inputs[0].shape[:2]
    kept = call.outputs[0]._replace(shape=(cached(batch, tokens),), stride=(1,))
    return trace.nbytes(kept, call.name)
