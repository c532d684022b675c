"""Costs beside those of every candidate: what each is, and its values, a row a candidate.

A store keeps every declaration, so that readers need none of the code that made the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from dse.code import code_of_function
from dse.costs import COSTS, Cost, Unit, declared_costs
from dse.errors import DseError
from dse.store.dialects import insert_into, one_at_a_time
from dse.store.layout.sliced_columns import SlicedColumn
from dse.store.schema import candidate, cost, cost_value, measurement

_ROWS_A_QUERY = 500

WHAT_VALUES_FOLLOW_FROM = "what values of declared costs follow from"
"""Declarations and numbers of blocks: whoever changes them drops the values that there are."""


@dataclass(frozen=True, slots=True)
class CostDeclaration:
    """A declared cost as the store keeps it."""

    name: str
    unit: Unit
    meaning: str
    law: str
    formula: str | None
    fingerprint: str | None
    """Of the code that works out its values."""


def declarations(given: Iterable[str] = ()) -> tuple[CostDeclaration, ...]:
    """Return the costs that are declared in this process, and some that blocks are given."""
    return tuple(_declaration(COSTS[name]) for name in (*declared_costs(), *given))


def _declaration(cost: Cost) -> CostDeclaration:
    # What blocks are given is no code: whoever changes it drops what followed from it.
    fingerprint = None if cost.is_given else code_of_function(cost.value)
    return CostDeclaration(
        *(cost.name, cost.unit, cost.meaning, cost.composes, cost.formula or None), fingerprint
    )


def stored_declarations(connection: Connection) -> dict[str, CostDeclaration]:
    """Return the costs that a store has values of, by name."""
    rows = connection.execute(select(cost).order_by(cost.c.name))
    return {row.name: CostDeclaration(**row._mapping) for row in rows}


def write_declarations(connection: Connection, declared: Iterable[CostDeclaration]) -> None:
    """Keep declarations; values that other code made of one are dropped.

    Raises:
        DseError: for a name that the store knows under another law or unit, or has measurements of.
    """
    declared = list(declared)
    if not declared:
        return
    if _are_known(connection, declared):
        # Whoever stores values of them relies on that until its transaction ends.
        one_at_a_time(connection, WHAT_VALUES_FOLLOW_FROM, changes=False)
        if _are_known(connection, declared):
            return
    one_at_a_time(connection, WHAT_VALUES_FOLLOW_FROM)
    known = stored_declarations(connection)
    for each in declared:
        before = known.get(each.name)
        if before == each:
            continue
        if before is not None:
            for what in ("law", "unit"):
                if getattr(before, what) != getattr(each, what):
                    raise DseError(
                        f"cost {each.name!r}: the store knows it with the {what} "
                        f"{getattr(before, what)!r}, not {getattr(each, what)!r}; choose another "
                        "name, or another store"
                    )
            if before.fingerprint != each.fingerprint:
                connection.execute(delete(cost_value).where(cost_value.c.cost == each.name))
        elif _is_measured(connection, each.name):
            raise DseError(
                f"cost {each.name!r}: the store has measurements of this name, which it would "
                f"hide; choose another name, or `dse forget --measurement {each.name}`"
            )
        statement = insert_into(connection, cost).values(asdict(each))
        changed = {name: statement.excluded[name] for name in asdict(each) if name != "name"}
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def _is_measured(connection: Connection, name: str) -> bool:
    has_value = (measurement.c.what == name) & measurement.c.value.is_not(None)
    return (
        connection.execute(select(measurement.c.what).where(has_value).limit(1)).first() is not None
    )


def _are_known(connection: Connection, declared: Iterable[CostDeclaration]) -> bool:
    known = stored_declarations(connection)
    return all(known.get(each.name) == each for each in declared)


def write_values(
    connection: Connection,
    scope: int,
    keys: SlicedColumn,
    values: Mapping[str, SlicedColumn],
) -> None:
    """Keep values of declared costs of candidates that the store has.

    Args:
        connection: within a transaction that writes.
        scope: of the candidates.
        keys: of their networks.
        values: by the name of the cost; None where a candidate has none.
    """
    if not values:
        return
    for start in range(0, len(keys), _ROWS_A_QUERY):
        some = keys[start : start + _ROWS_A_QUERY]
        where = candidate.c.scope_id == scope, candidate.c.key.in_(some)
        ids = {
            key: id
            for id, key in connection.execute(select(candidate.c.id, candidate.c.key).where(*where))
        }
        rows = [
            {"candidate_id": ids[key], "cost": name, "value": value}
            for name, column in values.items()
            for key, value in zip(some, column[start : start + _ROWS_A_QUERY], strict=True)
            if value is not None
        ]
        if rows:
            statement = insert_into(connection, cost_value)
            identity = ["candidate_id", "cost"]
            changed = {"value": statement.excluded.value}
            statement = statement.on_conflict_do_update(index_elements=identity, set_=changed)
            connection.execute(statement, rows)


def has_all(
    connection: Connection, declared: Sequence[CostDeclaration]
) -> ColumnElement[bool] | None:
    """Return the condition that a candidate has a value of each declared cost, or cannot be built.

    None where nothing is declared.
    """
    if not declared:
        return None
    known = stored_declarations(connection)
    names = [each.name for each in declared if known.get(each.name) == each]
    number = (
        select(func.count())
        .where(cost_value.c.candidate_id == candidate.c.id, cost_value.c.cost.in_(names))
        .correlate(candidate)
        .scalar_subquery()
    )
    return or_(candidate.c.invalid.is_not(None), number == len(declared))


def value_of_cost(name: str) -> ColumnElement[Any]:
    """Return the value that a candidate has of a declared cost."""
    found = select(cost_value.c.value).where(
        cost_value.c.candidate_id == candidate.c.id, cost_value.c.cost == name
    )
    return found.correlate(candidate).scalar_subquery()


def values_by_candidate(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, dict[str, int]]:
    """Return the values of declared costs by candidate, of the candidates of a condition."""
    found: dict[int, dict[str, int]] = {}
    query = select(cost_value.c.candidate_id, cost_value.c.cost, cost_value.c.value)
    joined = query.join(candidate, candidate.c.id == cost_value.c.candidate_id).where(which)
    for id, name, value in connection.execute(joined.order_by(cost_value.c.cost)):
        found.setdefault(id, {})[name] = value
    return found
