"""Norms over the features of each token, by the names that pages write."""

from __future__ import annotations

from torch import nn

from dse.errors import DseError, nearest

_NORMS: dict[str, type[nn.Module]] = {"rms_norm": nn.RMSNorm, "layer_norm": nn.LayerNorm}


def token_norm(name: str, features: int, eps: float) -> nn.Module:
    """Build a norm of tokens; a `DseError` names the nearest one for an unknown name."""
    if name not in _NORMS:
        raise DseError(f"unknown norm {name!r}; {nearest(name, _NORMS)}")
    return _NORMS[name](features, eps=eps)
