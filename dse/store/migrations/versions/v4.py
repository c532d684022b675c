"""Studies that many processes share: who takes part, what is claimed, and in which order it ended.

The tables that schema 3 had for this were never written to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dse.store.migrations.columns import id_column, reference, text_column

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Lay out anew what holds studies."""
    for table in ("report", "trial", "study"):
        op.drop_table(table)
    _make_study()
    op.create_table(
        "worker",
        id_column(),
        reference("study_id", "study"),
        reference("run_id", "run"),
        *map(text_column, ("host", "machine")),
        sa.Column("process", sa.Integer, nullable=False),
        *map(text_column, ("joined", "expires")),
        text_column("left", nullable=True),
    )
    op.create_index("ix_worker_study_id", "worker", ["study_id"])
    _make_trial()
    op.create_table(
        "report",
        reference("trial_id", "trial", primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.Double, nullable=False),
        text_column("created"),
    )


def _make_study() -> None:
    op.create_table(
        "study",
        id_column(),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        *map(text_column, ("name", "family")),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("content", "known")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("trials", "changes")),
        reference("run_id", "run"),
        text_column("created"),
    )


def _make_trial() -> None:
    op.create_table(
        "trial",
        id_column(),
        reference("study_id", "study"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        *map(text_column, ("training", "state")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("attempt", "attempts")),
        reference("worker_id", "worker"),
        text_column("device", nullable=True),
        text_column("claimed"),
        *(text_column(name, nullable=True) for name in ("started", "finished")),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("seen", "notes")),
        sa.Column("outcomes", sa.JSON),
        text_column("error", nullable=True),
        sa.UniqueConstraint("study_id", "number"),
        sa.UniqueConstraint("study_id", "key", "training"),
    )
    op.create_index("trial_changed", "trial", ["study_id", "changed"])
