"""The numbers of blocks that a store has, as costs that spaces have by them."""

from __future__ import annotations

from collections.abc import Mapping

from dse.costs import COSTS, give_cost
from dse.store import (
    CostDeclaration,
    numbered_costs,
    read_block_numbers,
    readable_store,
)


def declare_numbers(store: str | None) -> None:
    """Declare the costs that blocks have numbers of in a store, if there is one.

    Raises:
        DseError: for a name that is another cost here.
    """
    engine = None if store is None else readable_store(store)
    if engine is None:
        return
    for each in numbered_costs(engine):
        give_cost(each.name, unit=each.unit, meaning=each.meaning)
    engine.dispose()


def stored_tables(store: str | None, device: str) -> dict[str, Mapping[int, int]]:
    """Return the numbers of blocks, by cost and digest, that a store has for a device."""
    engine = None if store is None else readable_store(store)
    if engine is None:
        return {}
    found = {table.cost.name: table.numbers for table in read_block_numbers(engine, device)}
    engine.dispose()
    return found


def declaration_of(name: str) -> CostDeclaration:
    """Return the declaration of a cost that blocks are given, as a store keeps it."""
    cost = COSTS[name]
    return CostDeclaration(cost.name, cost.unit, cost.meaning, cost.composes, None, None)
