"""How large what is worked out may become: one table, of which each line can be raised.

A limit is there so that a mistake on a page does not fill the memory, or keep a machine busy for
hours. Where one is in the way, an environment variable sets another: `DSE_LIMIT_GRAPH_NODES=1e6`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from dse.errors import DseError


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """How many of something there may be."""

    value: int
    meaning: str


LIMITS = {
    "slot_combinations": SizeLimit(
        2_000_000, "combinations of settings that one line of blocks takes"
    ),
    "table_entries": SizeLimit(8_000_000, "entries of one table of costs"),
    "graph_nodes": SizeLimit(200_000, "nodes of the graph of a space's choices"),
    "graph_edges": SizeLimit(2_000_000, "edges of the graph of its distinct networks"),
    "extreme_ways": SizeLimit(
        4_000, "ways to a node; beyond, an extreme is a bound that was found"
    ),
    "budget_ways": SizeLimit(4_000_000, "ways within a budget; beyond, amounts are rounded more"),
    "optimum_ways": SizeLimit(20_000, "ways of a level; beyond, an optimum has a bound beside it"),
    "front_ways": SizeLimit(5_000_000, "ways of a level that an exact front compares"),
    "listed_networks": SizeLimit(300_000, "networks that are listed where more are drawn"),
    "counted_points": SizeLimit(100_000_000, "points that are gone through to count what fits"),
    "checked_points": SizeLimit(20_000_000, "points that are gone through to see whether any fits"),
    "pool_points": SizeLimit(2_000_000, "points that a search lists; of more, it draws"),
    "pool_candidates": SizeLimit(2_000_000, "candidates that a search lists; of more, it draws"),
    "drawn_candidates": SizeLimit(20_000, "candidates that a search draws"),
    "generated_points": SizeLimit(
        5_000, "points whose generated stages are listed; of more, settings are drawn"
    ),
    "generated_candidates": SizeLimit(500, "candidates of generated stages that a search draws"),
    "tried_settings": SizeLimit(2_000_000, "settings that are drawn to find those that fit"),
    "swept_points": SizeLimit(100_000_000_000, "points of a grid that is swept"),
    "real_bytes": SizeLimit(
        4 * 2**30, "bytes of weights and tensors of a model that runs on data by itself"
    ),
    "tracing_processes": SizeLimit(
        64, "processes that blocks are traced in at once, of the processors that there are"
    ),
    "module_parts": SizeLimit(20_000, "modules and weights of one block or callable"),
}


def limit(name: str) -> int:
    """Return a limit of the table, or what the environment sets in its place.

    Raises:
        DseError: for a variable that holds no whole number from 0 on.
    """
    variable = variable_of(name)
    given = os.environ.get(variable)
    if given is None:
        return LIMITS[name].value
    try:
        value = float(given.replace("_", ""))
    except ValueError:
        value = -1.0
    if value < 0 or not value.is_integer():
        raise DseError(f"{variable}: {given!r} is no whole number from 0 on")
    return int(value)


def shown_limit(name: str) -> str:
    """Return a limit and how to raise it, for a message."""
    return f"{limit(name):,} ({variable_of(name)})"


def variable_of(name: str) -> str:
    """Return the environment variable that sets a limit."""
    return f"DSE_LIMIT_{name.upper()}"
