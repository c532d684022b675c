"""Prints a budget beside what a model has, and what fails a check of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dse.cli.printing.output import in_a_cell, print_rows
from dse.costs import COSTS
from dse.errors import DseError

if TYPE_CHECKING:
    from dse.project import CheckedBound


def print_bounds(bounds: Sequence[CheckedBound]) -> None:
    """Print a line for each bound."""
    print()
    print_rows(
        [
            {
                "budget": each.bound,
                "cost": each.value,
                "is": "kept" if each.holds else "broken",
                "most of it in": ", ".join(each.largest) or None,
            }
            for each in bounds
        ],
        wide=True,
    )


def bounds_as_json(bounds: Sequence[CheckedBound]) -> list[dict[str, Any]]:
    """Return bounds as plain data."""
    return [
        {
            "bound": each.bound,
            "costs": dict(each.costs),
            "holds": each.holds,
            "largest": list(each.largest),
        }
        for each in bounds
    ]


def markdown_of_bounds(bounds: Sequence[CheckedBound]) -> list[str]:
    """Return the lines of a table of Markdown."""
    lines = ["| budget | cost | | most of it in |", "|---|---:|---|---|"]
    for each in bounds:
        mark = "✅" if each.holds else "❌"
        largest = in_a_cell(", ".join(each.largest))
        lines.append(f"| {each.bound} | {each.value} | {mark} | {largest} |")
    return lines


def fail_if_broken(model: str, bounds: Sequence[CheckedBound]) -> None:
    """Raise for a bound that does not hold, after all was printed.

    Raises:
        DseError: which names each of them with what the model has.
    """
    broken = [f"{each.bound} (it has {_had(each)})" for each in bounds if not each.holds]
    if broken:
        raise DseError(f"{model} breaks the budget: {' and '.join(broken)}")


def _had(bound: CheckedBound) -> str:
    """Return what a model has; of a cost that blocks are given and it is not, how it would be."""
    for name, value in bound.costs:
        if value is None and name in COSTS and COSTS[name].is_given:
            # `dse count` has options of these, not keys of a config.
            how = re.sub(r"(?:cost\.)?(device|runtime)=", r"--\1 ", COSTS[name].source)
            return f"no {name}: {how}"
    return bound.value
