"""Numbers that blocks have under the name of a cost, from a file or a measurement on a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, Engine, delete, select

from dse.costs import LARGEST_NUMBER
from dse.store.checked import text, whole
from dse.store.clock import now
from dse.store.dialects import insert_into, one_at_a_time
from dse.store.layout import (
    WHAT_VALUES_FOLLOW_FROM,
    Context,
    CostDeclaration,
    context_ids,
    made_context_id,
    made_source_id,
    read_scopes,
    stored_declarations,
    write_declarations,
)
from dse.store.opening import reading, repeatable, trusted, writing
from dse.store.schema import block_cost, candidate, cost_value

NO_NUMBERS: Mapping[str, Mapping[int, int]] = MappingProxyType({})
"""Of costs that follow from no numbers that blocks have in the store."""

_ROWS = 5_000
"""Rows a statement: a database takes so many parameters at once."""


@dataclass(frozen=True)
class BlockNumberTable:
    """The numbers that blocks have of one cost."""

    cost: CostDeclaration
    numbers: Mapping[int, int]
    """By the digest of a block."""


@repeatable
def write_block_numbers(
    engine: Engine, run_id: int, table: BlockNumberTable, device: str, source: str
) -> int:
    """Store numbers of blocks in one transaction; those that a block had of the cost are replaced.

    What was added up from numbers that change is dropped, as it no longer holds.

    Args:
        engine: a store opened for writing.
        run_id: the run that they come from.
        table: of numbers.
        device: that they were measured on; empty for none in particular.
        source: what they are known to come from.

    Returns:
        How many are new or changed.

    Raises:
        DseError: for a cost that the store knows under another law or unit.
    """
    with writing(engine) as connection, trusted(engine):
        one_at_a_time(connection, WHAT_VALUES_FOLLOW_FROM)
        write_declarations(connection, [table.cost])
        name = table.cost.name
        context_id = made_context_id(connection, _context(device))
        before = _numbers(connection, context_id).get(name, {})
        changed = {k: v for k, v in table.numbers.items() if before.get(k) != v}
        if not changed:
            return 0
        of_all = {
            "name": name,
            "context_id": context_id,
            "source_id": made_source_id(connection, source),
            "run_id": run_id,
            "created": now(),
        }
        statement = insert_into(connection, block_cost)
        replaced = {
            column: statement.excluded[column] for column in ("value", *of_all) if column != "name"
        }
        identity = ["block", "name", "context_id"]
        statement = statement.on_conflict_do_update(
            index_elements=identity, set_={k: v for k, v in replaced.items() if k not in identity}
        )
        rows = [{"block": digest, "value": value, **of_all} for digest, value in changed.items()]
        for start in range(0, len(rows), _ROWS):
            connection.execute(statement, rows[start : start + _ROWS])
        _drop_sums(connection, name, device)
        return len(changed)


@repeatable
def read_block_numbers(engine: Engine, device: str = "") -> list[BlockNumberTable]:
    """Return the tables of numbers that hold on a device.

    Those of no device in particular hold on each, unless the device has one of the same cost.
    """
    with reading(engine) as connection, trusted(engine):
        found = _numbers_on(connection, device)
        declared = stored_declarations(connection)
        return [BlockNumberTable(declared[name], numbers) for name, numbers in found.items()]


def outdated_numbers(
    connection: Connection, numbers: Mapping[str, Mapping[int, int]], device: str
) -> set[str]:
    """Return the costs of which blocks have other numbers by now; sums of older ones are of no use.

    Until the transaction ends, nobody changes the others.

    Args:
        connection: within a transaction that writes.
        numbers: that were read earlier: by cost, and by the digest of a block.
        device: that they are for; empty for none in particular.
    """
    if not numbers:
        return set()
    one_at_a_time(connection, WHAT_VALUES_FOLLOW_FROM, changes=False)
    held = _numbers_on(connection, device)
    return {
        name for name, each in numbers.items() if not each.items() <= held.get(name, {}).items()
    }


@repeatable
def numbered_costs(engine: Engine) -> list[CostDeclaration]:
    """Return the costs that blocks have numbers of, on whatever device."""
    with reading(engine) as connection, trusted(engine):
        names = set(connection.execute(select(block_cost.c.name).distinct()).scalars())
        return [each for name, each in stored_declarations(connection).items() if name in names]


def _context(device: str) -> Context:
    return Context({"blocks on": device})


def _numbers_on(connection: Connection, device: str) -> dict[str, dict[int, int]]:
    """Return the numbers that hold on a device; its own of a cost go before those of none."""
    found: dict[str, dict[int, int]] = {}
    for name in dict.fromkeys(("", device)):
        for id in context_ids(connection, _context(name)):
            found |= _numbers(connection, id)
    return found


def _numbers(connection: Connection, context_id: int) -> dict[str, dict[int, int]]:
    query = select(block_cost.c.name, block_cost.c.block, block_cost.c.value)
    found: dict[str, dict[int, int]] = {}
    rows = connection.execute(query.where(block_cost.c.context_id == context_id))
    for name, digest, value in rows:
        number = whole(value)
        if number is None or abs(number) > LARGEST_NUMBER:
            raise ValueError(f"{number} is no number of a block")
        found.setdefault(text(name), {})[digest] = number
    return found


def _drop_sums(connection: Connection, name: str, device: str) -> None:
    """Drop what candidates have of a cost by numbers of a device."""
    scopes = read_scopes(connection).items()
    of_device = [id for id, scope in scopes if not device or scope.conditions.device == device]
    for id in of_device:
        those = select(candidate.c.id).where(candidate.c.scope_id == id)
        dropped = delete(cost_value).where(cost_value.c.cost == name)
        connection.execute(dropped.where(cost_value.c.candidate_id.in_(those)))
