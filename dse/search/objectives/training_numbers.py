"""Which numbers a training may go by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dse.checked_numbers import check_number
from dse.errors import DseError

_WHOLE = {"epochs": 1, "batch": 1, "random": 0, "watched": 1, "batches": 1, "limit": 2, "seed": 0}
"""The least of each whole number of a training."""

_MOST_SEED = 2**63 - 1


def check_numbers(settings: Mapping[str, Any], where: str) -> None:
    """Refuse settings that no training goes by; what has another name passes.

    Args:
        settings: by their names.
        where: in front of their names, in messages.

    Raises:
        DseError: naming the key.
    """
    for name, least in _WHOLE.items():
        if name in settings:
            check_number(f"{where}.{name}", settings[name], int, least, _MOST_SEED)
    if "momentum" in settings:
        check_number(f"{where}.momentum", settings["momentum"], float, 0.0, 1.0)
    if "weight_decay" in settings:
        check_number(f"{where}.weight_decay", settings["weight_decay"], float, 0.0, math.inf)
    if "lr" in settings:
        check_number(f"{where}.lr", settings["lr"], float, 0.0, math.inf)
        if settings["lr"] == 0:
            raise DseError(f"{where}.lr: 0 is not positive")
