"""The values that a grid gives an axis: one, a list or a range, and whether they are in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Value, shortened
from dse.space.pages.axes import read_ordered
from dse.space.pages.page_values import is_list, scalar
from dse.space.pages.ranges import MOST_VALUES, expand_range


def without_order(values: Any, where: str) -> tuple[Any, bool | None]:
    """Return values, or their range, and what `ordered` beside them says."""
    if not isinstance(values, Mapping) or not {"values", "ordered"} & values.keys():
        return values, None
    content = dict(values)
    ordered = content.pop("ordered", None)
    said = None if ordered is None else read_ordered(ordered, f"{where}.ordered")
    if "values" not in content:
        return content, said
    for key in content:
        if key != "values":
            hint = nearest(str(key), ("values", "ordered"))
            raise DseError(f"{where}: unknown key {key!r} beside 'values'; {hint}")
    return content["values"], said


def listed_values(values: Any, where: str) -> Sequence[Value]:
    """Return one value, a list or a range as values, each of them a number or a word."""
    if isinstance(values, (bool, int, float, str)):
        values = [values]
    values = expand_range(values, where)
    if not is_list(values) or not values:
        raise DseError(f"{where}: expected a list of values, not {shortened(values)}")
    if len(values) > MOST_VALUES:
        raise DseError(f"{where}: more than {MOST_VALUES:,} values")
    return [scalar(value, where) for value in values]
