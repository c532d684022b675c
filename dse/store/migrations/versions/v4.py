"""Studies that many processes share: who takes part, what is claimed, and in which order it ended.

The tables that schema 3 had for this were never written to.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from dse.store.migrations.versions.v1 import ROW_ID

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Lay out anew what holds studies."""
    for table in ("report", "trial", "study"):
        op.drop_table(table)
    _make_study()
    op.create_table(
        "worker",
        _id(),
        _reference("study_id", "study"),
        _reference("run_id", "run"),
        *map(_text, ("host", "machine")),
        sa.Column("process", sa.Integer, nullable=False),
        *map(_text, ("joined", "expires")),
        _text("left", nullable=True),
    )
    op.create_index("ix_worker_study_id", "worker", ["study_id"])
    _make_trial()
    op.create_table(
        "report",
        _reference("trial_id", "trial", primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        _text("created"),
    )


def _make_study() -> None:
    op.create_table(
        "study",
        _id(),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        *map(_text, ("name", "family")),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("content", "known")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("trials", "changes")),
        _reference("run_id", "run"),
        _text("created"),
    )


def _make_trial() -> None:
    op.create_table(
        "trial",
        _id(),
        _reference("study_id", "study"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        *map(_text, ("training", "state")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("attempt", "attempts")),
        _reference("worker_id", "worker"),
        _text("device", nullable=True),
        _text("claimed"),
        *(_text(name, nullable=True) for name in ("started", "finished")),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("seen", "notes")),
        sa.Column("outcomes", sa.JSON),
        _text("error", nullable=True),
        sa.UniqueConstraint("study_id", "number"),
        sa.UniqueConstraint("study_id", "key", "training"),
    )
    op.create_index("trial_changed", "trial", ["study_id", "changed"])


def _id() -> sa.Column[Any]:
    return sa.Column("id", ROW_ID, primary_key=True)


def _reference(name: str, table: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, ROW_ID, sa.ForeignKey(f"{table}.id"), **{"nullable": False, **options})


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)
