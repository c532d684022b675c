"""Ranges of values in grids: linear ones with a step, and powers with a factor."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dse.errors import DseError, nearest
from dse.language import shortened
from dse.space.pages.page_values import scalar

RANGE_KEYS = ("from", "to", "step", "factor")
MOST_VALUES = 100_000


def expand_range(values: Any, where: str) -> Any:
    """Return the values of a range as a list, its end included; anything else as it is.

    >>> expand_range({"from": 0.25, "to": 1.0, "step": 0.25}, "grid.width")
    [0.25, 0.5, 0.75, 1.0]
    >>> expand_range({"from": 16, "to": 256, "factor": 2}, "grid.width")
    [16, 32, 64, 128, 256]

    Raises:
        DseError: for a missing or unknown key, or a range that has no end or no values.
    """
    if not isinstance(values, Mapping):
        return values
    for key in values:
        if key not in RANGE_KEYS:
            hint = nearest(str(key), (*RANGE_KEYS, "values", "ordered"))
            raise DseError(f"{where}: unknown key {key!r}; {hint}")
    if "from" not in values or "to" not in values or ("step" in values) == ("factor" in values):
        raise DseError(f"{where}: a range has 'from', 'to', and either 'step' or 'factor'")
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise DseError(f"{where}.{key}: {shortened(value)} is not a number")
        scalar(value, f"{where}.{key}")
    # Decimals, so that steps of 0.1 end on 1.0 and print as they were written.
    numbers = {key: Decimal(str(value)) for key, value in values.items()}
    low, high = numbers["from"], numbers["to"]
    step, factor = numbers.get("step", Decimal(0)), numbers.get("factor", Decimal(1))
    if not (low <= high and (step > 0 or (factor > 1 and low > 0))):
        raise DseError(f"{where}: the range never gets from {low} to {high}")
    whole = all(isinstance(value, int) for value in values.values())
    found: list[int | float] = []
    while low <= high:
        if len(found) == MOST_VALUES:
            raise DseError(f"{where}: the range has more than {MOST_VALUES} values")
        found.append(int(low) if whole else float(low))
        low = low + step if step else low * factor
    return found
