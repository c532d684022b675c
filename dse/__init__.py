"""Configuration-driven design-space exploration for neural network architectures."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dse.counting import count as count
    from dse.counting import register_module as register_module
    from dse.counting import register_operator as register_operator
    from dse.errors import UnknownCostWarning as UnknownCostWarning
    from dse.space.building import build as build

_HOMES = {
    "UnknownCostWarning": "dse.errors",
    "build": "dse.space.building",
    **dict.fromkeys(("count", "register_module", "register_operator"), "dse.counting"),
}

__all__ = ["UnknownCostWarning", "build", "count", "register_module", "register_operator"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that commands which only read the store never load torch."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'dse' has no attribute {name!r}")
