"""Finding the candidates that rows of a table are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select

from dse.costs import Conditions
from dse.store.checked import mapping
from dse.store.database import reading
from dse.store.schema import candidate, run, scope_of

_A_QUERY = 1000


def known_ids(engine: Engine, ids: Sequence[int]) -> set[int]:
    """Return which of some ids are those of candidates."""
    return {found for (found,) in _chunked(engine, select(candidate.c.id), candidate.c.id, ids)}


def ids_of_keys(
    engine: Engine, keys: Sequence[int], family: str | None, conditions: Conditions
) -> dict[int, int]:
    """Return the id of each network that the store holds.

    Where it is stored under several conditions, the given ones go first, then the oldest row.

    Args:
        engine: a store.
        keys: of networks.
        family: which family they are of; None for any.
        conditions: those preferred.
    """
    query = select(candidate.c.key, candidate.c.id, candidate.c.family, candidate.c.scope)
    best: dict[int, tuple[bool, int]] = {}
    for key, id, of, scope in _chunked(engine, query, candidate.c.key, keys):
        if family in (None, of):
            place = (scope != scope_of(of, conditions), id)
            best[key] = min(place, best.get(key, place))
    return {key: id for key, (_, id) in best.items()}


def keys_by_settings(
    engine: Engine, family: str, columns: Sequence[str]
) -> Mapping[tuple[Any, ...], set[int]]:
    """Return the networks of a family by their values of some columns; None for a missing one."""
    query = select(candidate.c.key, candidate.c.settings).where(candidate.c.family == family)
    found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    with reading(engine) as connection:
        for key, settings in connection.execute(query):
            found[tuple(settings.get(column) for column in columns)].add(key)
    return found


def latest_page(engine: Engine, family: str) -> Mapping[str, Any] | None:
    """Return the page that the latest candidates of a family were made from, or None."""
    latest = select(candidate.c.run_id).where(candidate.c.family == family)
    query = select(run.c.config).where(
        run.c.id == latest.order_by(candidate.c.id.desc()).limit(1).scalar_subquery()
    )
    with reading(engine) as connection:
        config = connection.execute(query).scalar()
        page = None if config is None else mapping(config).get("family")
        return None if page is None else mapping(page)


def _chunked(engine: Engine, query: Any, column: Any, values: Sequence[int]) -> Iterable[Any]:
    rows: list[Any] = []
    with reading(engine) as connection:
        for start in range(0, len(values), _A_QUERY):
            some = [v for v in values[start : start + _A_QUERY] if -(2**63) <= v < 2**63]
            rows += connection.execute(query.where(column.in_(some))).all()
    return rows
