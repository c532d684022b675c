"""Configuration-driven design-space exploration for neural network architectures."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dse.counting import count as count

_HOMES = {"count": "dse.counting"}

__all__ = ["count"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that commands which only read the store never load torch."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'dse' has no attribute {name!r}")
