"""Finding the candidates that rows of a table are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select

from dse.store.checked import mapping
from dse.store.layout import SETTINGS, current_ids, read_scopes
from dse.store.opening import reading
from dse.store.schema import candidate, run, scope

_A_QUERY = 1000
_JOINED = candidate.join(scope, candidate.c.scope_id == scope.c.id)


Network = tuple[str, int]
"""A family and the key of a network of it."""


def networks_of_ids(engine: Engine, ids: Sequence[int]) -> dict[int, Network]:
    """Return the networks that some ids of candidates stand for; unknown ids are left out."""
    query = select(candidate.c.id, scope.c.family, candidate.c.key).select_from(_JOINED)
    return {id: (of, key) for id, of, key in _chunked(engine, query, candidate.c.id, ids)}


def networks_of_keys(
    engine: Engine, keys: Sequence[int], family: str | None, current: bool = False
) -> dict[int, Network]:
    """Return the networks that the store holds of some keys; of several families the first one.

    Args:
        engine: a store.
        keys: of networks.
        family: which family they are of; None for any.
        current: whether only those count whose costs the code at hand would make.
    """
    query = select(candidate.c.id, scope.c.family, candidate.c.key).select_from(_JOINED)
    if current:
        with reading(engine) as connection:
            ids = current_ids(read_scopes(connection))
        query = query.where(scope.c.id.in_(ids))
    found: dict[int, tuple[int, Network]] = {}
    for id, of, key in _chunked(engine, query, candidate.c.key, keys):
        if family in (None, of):
            found[key] = min((id, (of, key)), found.get(key, (id, (of, key))))
    return {key: network for key, (_, network) in found.items()}


def keys_by_settings(
    engine: Engine, family: str, columns: Sequence[str]
) -> Mapping[tuple[Any, ...], set[int]]:
    """Return the networks of a family by their values of some columns; None for a missing one."""
    query = select(candidate.c.key, SETTINGS).select_from(_JOINED)
    found: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    with reading(engine) as connection:
        for key, settings in connection.execute(query.where(scope.c.family == family)):
            found[tuple(settings.get(column) for column in columns)].add(key)
    return found


def latest_page(engine: Engine, family: str) -> Mapping[str, Any] | None:
    """Return the page that the latest candidates of a family were made from, or None."""
    latest = select(candidate.c.run_id).select_from(_JOINED).where(scope.c.family == family)
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
