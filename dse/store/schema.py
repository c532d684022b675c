"""The tables of the store, and the version of their layout.

The widest and least asked-for column of `candidate`, its settings, comes last, so that a scan over
costs does not have to read it. There is deliberately no index on the costs: a scan of a million
candidates takes 0.2 s, and each index on a cost would halve the rate at which a sweep can insert.
"""

from __future__ import annotations

from dataclasses import astuple
from functools import cache

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from dse.costs import COST_NAMES, Conditions
from dse.store.canonical import hashed

SCHEMA_VERSION = 2

metadata = MetaData()

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_RowId = BigInteger().with_variant(Integer, "sqlite")

# Alembic writes this table, as it writes `alembic_version` elsewhere: a name that is Optuna's.
dse_schema = Table("dse_schema", metadata, Column("version_num", String(32), primary_key=True))

run = Table(
    "run",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("command", Text, nullable=False),
    Column("config", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text),
    Column("outcome", Text, nullable=False),
    Column("error", Text),
    Column("done", BigInteger),
    Column("total", BigInteger),
    Column("host", Text),
    Column("process", Integer),
    Column("directory", Text),
    Column("git_commit", Text),
    Column("git_dirty", Boolean),
)

family = Table(
    "family",
    metadata,
    Column("name", Text, primary_key=True),
    Column("axes", JSON, nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("family", Text, nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("dtype", Text, nullable=False),
    Column("precision", Text, nullable=False),
    Column("optimizer", Text, nullable=False),
    Column("invalid", Text),
    *(Column(cost, BigInteger) for cost in COST_NAMES),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    # What `scope_of` gives for the family and the conditions.
    Column("scope", BigInteger, nullable=False),
    Column("settings", JSON, nullable=False),
)

candidate_identity = Index("candidate_identity", candidate.c.key, candidate.c.scope, unique=True)
"""A candidate is stored once for each family and conditions.

It is an index over two integers: one over the columns that the scope stands for would be three
times as large, and a sweep of a million rows half as fast. The key comes first, as with the scope
first SQLite would answer questions about one family through this index, row by row.
"""

measurement = Table(
    "measurement",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("candidate_id", ForeignKey("candidate.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("value", Double),
    Column("context", Text, nullable=False),
    Column("context_digest", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("error", Text),
    Column("seconds", Double),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("created", Text, nullable=False),
    UniqueConstraint("candidate_id", "what", "context_digest"),
    Index("measurement_what_value", "what", "value"),
)

sweep = Table(
    "sweep",
    metadata,
    # What its space, conditions, budget and what it keeps hash to.
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("family", Text, nullable=False),
    # Points of the grid that are done, from the first one on, and their number in all.
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tallies", JSON, nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),
)
"""How far each sweep is, written with the rows of each step."""

block = Table(
    "block",
    metadata,
    # What the block, its input and all that its costs depend on hash to.
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    Column("context", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Index("block_context", "context"),
)
"""What blocks cost that were traced once."""


@cache
def scope_of(family: str, conditions: Conditions) -> int:
    """Return 63 bits that stand for a family and conditions.

    Together with the key of a network they are the identity of a candidate.
    """
    return hashed([family, *astuple(conditions)])
