"""Which columns a picture is of where none are named: axes that vary, costs, measurements."""

from __future__ import annotations

import warnings

import numpy as np

from dse.errors import DseError
from dse.project.plots.candidate_columns import CandidateColumns, read_candidate_columns
from dse.report import PlottedColumn
from dse.store import measured_names, open_for_reading, registered_families

DEFAULT_COSTS = ("params", "macs", "activations", "peak_memory", "weight_memory")
MOST_AXES = 24


def known_axes(url: str) -> list[str]:
    """Return the axes of all families of a store."""
    families = registered_families(open_for_reading(url))
    return list(dict.fromkeys(axis for axes in families.values() for axis in axes))


def varying_axes(found: CandidateColumns, axes: list[str], numbers_only: bool = False) -> list[str]:
    """Return the axes with more than one value among candidates, that all of them have."""
    varying = []
    for name in axes:
        column = found[name]
        if column.is_number:
            has_all = bool((column.values == column.values).all())
        else:
            has_all = None not in column.values.tolist()
        is_wanted = column.is_number or not numbers_only
        if has_all and is_wanted and len(column.categories) > 1:
            varying.append(name)
    return varying


def _is_partly_there(column: PlottedColumn) -> bool:
    """Return whether an axis varies, but some candidates do not have it."""
    categories = column.categories
    if column.is_number:
        return bool(np.isnan(column.values).any()) and len(categories) > 1
    return None in categories and len(categories) > 2


def axes_and(
    url: str, value: str, where: str | None, axes: list[str], numbers_only: bool = False
) -> tuple[CandidateColumns, list[str]]:
    """Return the candidates that have a number, with the axes that are named or vary.

    Raises:
        DseError: where no candidate has the number, or no axis varies among those that do.
    """
    wanted = axes or known_axes(url)
    found = read_candidate_columns(url, [value, *wanted], where).with_all([value])
    if not len(found.ids):
        raise DseError(f"no candidate has {value}, so that there is nothing to draw")
    for name in axes if numbers_only else ():
        found.numbers(name)
    varying = varying_axes(found, wanted, numbers_only)
    if axes and (lacking := [name for name in axes if name not in varying]):
        raise DseError(
            f"{lacking[0]} does not vary among these candidates, or some do not have it; "
            "--where chooses others"
        )
    if not varying:
        raise DseError("no axis varies among these candidates that all of them have")
    open_axes = [found[name] for name in ([] if axes else wanted)]
    partly = [
        each.name
        for each in open_axes
        if (each.is_number or not numbers_only) and _is_partly_there(each)
    ]
    if partly:
        listed = ", ".join(partly[:MOST_AXES])
        warnings.warn(
            f"left out, as some of these candidates do not have them: {listed}; --where chooses "
            "those that do",
            stacklevel=3,
        )
    return found, varying[:MOST_AXES]


def costs_and_measurements(url: str) -> list[str]:
    """Return the usual costs, and what was measured."""
    measured = measured_names(open_for_reading(url))
    return [*DEFAULT_COSTS, *(name for name in measured if name not in DEFAULT_COSTS)]
