"""Costs under all their conditions, an index over two integers, and where a run took place.

And tables of how far sweeps are, and of what blocks cost.

Costs that schema 1 did not know stay null; a sweep of the same grid fills them in.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from dse.store.canonical import hashed
from dse.store.migrations.columns import ROW_ID
from dse.store.migrations.versions.v1 import COSTS

revision = "2"
down_revision = "1"

NEW_COSTS = ("memory_read", "memory_written", "saved_memory", "train_memory")
PRECISION, OPTIMIZER = "full", "sgd-momentum"


def upgrade() -> None:
    """Widen `run` and lay `candidate` out anew."""
    for column in (
        sa.Column("done", sa.BigInteger),
        sa.Column("total", sa.BigInteger),
        sa.Column("host", sa.Text),
        sa.Column("process", sa.Integer),
        sa.Column("directory", sa.Text),
        sa.Column("git_commit", sa.Text),
        sa.Column("git_dirty", sa.Boolean),
    ):
        op.add_column("run", column)
    if op.get_context().dialect.name == "sqlite":
        _copy_candidates()
    else:
        _alter_candidates()
    _fill_in_scopes()
    op.create_index("candidate_identity", "candidate", ["key", "scope"], unique=True)
    op.create_table(
        "sweep",
        sa.Column("digest", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("tallies", sa.JSON, nullable=False),
        sa.Column("run_id", ROW_ID, sa.ForeignKey("run.id"), nullable=False),
    )
    op.create_table(
        "block",
        sa.Column("digest", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("context", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("block_context", "block", ["context"])


def _copy_candidates() -> None:
    """SQLite cannot take a constraint away from a table, so another one takes its place."""
    connection = op.get_bind()
    names = sa.inspect(connection).get_view_names()
    for name in names:
        if name.startswith("family_"):
            quoted = connection.dialect.identifier_preparer.quote(name)
            op.execute(f"DROP VIEW {quoted}")
    op.create_table(
        "candidate_2",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
        *_new_columns(nullable=False),
        sa.Column("invalid", sa.Text),
        *(sa.Column(cost, sa.BigInteger) for cost in (*COSTS, *NEW_COSTS)),
        sa.Column("run_id", ROW_ID, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
    )
    kept = ", ".join(("id", "family", "key", "batch", "dtype", "invalid", *COSTS, "run_id"))
    op.execute(
        f"INSERT INTO candidate_2 ({kept}, precision, optimizer, scope, settings) "
        f"SELECT {kept}, '{PRECISION}', '{OPTIMIZER}', 0, settings FROM candidate"
    )
    op.drop_table("candidate")
    op.rename_table("candidate_2", "candidate")


def _alter_candidates() -> None:
    (constraint,) = sa.inspect(op.get_bind()).get_unique_constraints("candidate")
    op.drop_constraint(str(constraint["name"]), "candidate")
    for column in _new_columns(nullable=True):
        if column.name != "dtype":
            op.add_column("candidate", column)
    for cost in NEW_COSTS:
        op.add_column("candidate", sa.Column(cost, sa.BigInteger))
    op.execute(
        f"UPDATE candidate SET precision = '{PRECISION}', optimizer = '{OPTIMIZER}', scope = 0"
    )
    for column in _new_columns(nullable=False):
        op.alter_column("candidate", column.name, nullable=False)


def _new_columns(nullable: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("dtype", sa.Text, nullable=nullable),
        sa.Column("precision", sa.Text, nullable=nullable),
        sa.Column("optimizer", sa.Text, nullable=nullable),
        sa.Column("scope", sa.BigInteger, nullable=nullable),
    ]


def _fill_in_scopes() -> None:
    table = sa.table("candidate", *map(sa.column, ("family", "batch", "dtype", "scope")))
    place = (table.c.family, table.c.batch, table.c.dtype)
    connection = op.get_bind()
    for family, batch, dtype in connection.execute(sa.select(*place).distinct()).all():
        scope = hashed([family, batch, dtype, PRECISION, OPTIMIZER])
        values = zip(place, (family, batch, dtype), strict=True)
        where = [column == value for column, value in values]
        connection.execute(sa.update(table).where(*where).values(scope=scope))
