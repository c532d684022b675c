"""Values as people read them: costs with a unit, numbers in six digits, moments in seconds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dse.costs import COSTS, Unit, unit_of
from dse.language import format_quantity
from dse.project.frames import plain_value

NO_UNITS: Mapping[str, Unit] = MappingProxyType({})

_OF_A_COST = re.compile(r"(?:min|mean|max|std)\s*\(\s*(\w+)\s*\)")
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$")
"""A moment with parts of a second, which people do not read."""


def shown_value(column: str, value: Any, units: Mapping[str, Unit] = NO_UNITS) -> str:
    """Return a value of a column as text; an empty one for None.

    Args:
        column: a cost, an axis, a measurement, or a mean or an extreme of one.
        value: of it.
        units: of columns that are costs which users declared.
    """
    value = plain_value(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    cost = _OF_A_COST.sub(r"\1", column)
    if (cost in COSTS or cost in units) and isinstance(value, int | float):
        return format_quantity(round(value), units.get(cost) or unit_of(cost))
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return _MOMENT.sub(r"\1Z", value)
    return json.dumps(value, ensure_ascii=False)
