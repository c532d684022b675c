"""Scopes: what the costs of candidates are for, and which code made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from dse.code import Code, is_current
from dse.costs import Conditions
from dse.store.canonical import canonical_json, hashed
from dse.store.checked import mapping, text
from dse.store.dialects import insert_into
from dse.store.schema import code, scope

NO_CODE = Code("")
"""Of numbers that somebody gave and no code worked out; they are always current."""

UNKNOWN_CODE = Code("unknown")
"""Of numbers in a store that did not note it."""


@dataclass(frozen=True, slots=True)
class CostScope:
    """What the costs of candidates are for, and which code made them."""

    family: str
    conditions: Conditions = field(default_factory=Conditions)
    code: Code = NO_CODE

    @property
    def digest(self) -> int:
        """63 bits that stand for the scope; a condition at its default is not part of them."""
        return hashed([self.family, canonical_json(self.conditions.stated), self.code.fingerprint])

    @property
    def is_current(self) -> bool:
        """Whether the code at hand would make the same numbers."""
        return self.code.fingerprint == "" or (
            self.code.fingerprint != UNKNOWN_CODE.fingerprint and is_current(self.code)
        )


def scope_id(connection: Connection, of: CostScope) -> int | None:
    """Return the id of a scope, or None where the store does not hold it."""
    return connection.execute(select(scope.c.id).where(scope.c.digest == of.digest)).scalar()


def made_scope_id(connection: Connection, of: CostScope) -> int:
    """Return the id of a scope, which is stored if it was not; for a transaction that writes."""
    found = scope_id(connection, of)
    if found is not None:
        return found
    content = {key: value for key, value in asdict(of.code).items() if key != "fingerprint"}
    row = {"fingerprint": of.code.fingerprint, "content": content}
    connection.execute(insert_into(connection, code).values(row).on_conflict_do_nothing())
    by = select(code.c.id).where(code.c.fingerprint == of.code.fingerprint)
    values = {
        "digest": of.digest,
        "family": of.family,
        "conditions": of.conditions.stated,
        "code_id": connection.execute(by).scalar_one(),
    }
    connection.execute(insert_into(connection, scope).values(values).on_conflict_do_nothing())
    made = scope_id(connection, of)
    assert made is not None, "it was just inserted"
    return made


def read_scopes(connection: Connection) -> dict[int, CostScope]:
    """Return every scope of a store by its id."""
    query = select(scope, code.c.fingerprint, code.c.content).join(code)
    found = {}
    for row in connection.execute(query):
        conditions = Conditions(**row.conditions)
        found[row.id] = CostScope(row.family, conditions, _code(row.fingerprint, row.content))
    return found


def current_ids(scopes: Mapping[int, CostScope]) -> set[int]:
    """Return the ids of the scopes whose numbers the code at hand would make."""
    # Many scopes are of one code, and telling whether that is today's takes a while.
    by_code = {of.code.fingerprint: of for of in scopes.values()}
    current = {fingerprint for fingerprint, of in by_code.items() if of.is_current}
    return {id for id, of in scopes.items() if of.code.fingerprint in current}


def _code(fingerprint: str, content: Mapping[str, Any]) -> Code:
    stated = mapping(content)
    versions = mapping(stated.get("versions", {}))
    return Code(
        fingerprint,
        versions={library: text(version) for library, version in versions.items()},
        # JSON has no tuples.
        own=tuple(map(text, stated.get("own", ()))),
        allow=tuple(map(text, stated.get("allow", ()))),
        trees=text(stated.get("trees", "")),
        sources=text(stated.get("sources", "")),
        figures=text(stated.get("figures", "")),
    )
