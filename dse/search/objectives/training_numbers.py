"""Which numbers a training may go by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

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


def check_number(name: str, value: Any, kind: type[int | float], least: float, most: float) -> None:
    """Refuse what is no finite number of a kind between two.

    Raises:
        DseError: naming the key.
    """
    is_number = isinstance(value, int if kind is int else int | float)
    if not is_number or isinstance(value, bool):
        what = "whole number" if kind is int else "number"
        raise DseError(f"{name}: {value!r} is no {what}")
    if not math.isfinite(value):
        raise DseError(f"{name}: {value} is no finite number")
    if value < least:
        raise DseError(f"{name}: {value:g} is below {least:g}")
    if value > most:
        raise DseError(f"{name}: {value:g} is above {most:g}")
