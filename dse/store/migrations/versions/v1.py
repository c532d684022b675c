"""The first layout of a store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dse.store.migrations.columns import ROW_ID

revision = "1"
down_revision = None

COSTS = (
    *("params", "trainable_params", "macs", "flops", "activations"),
    *("weight_memory", "activation_memory", "peak_memory"),
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "run",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("config", sa.JSON, nullable=False),
        sa.Column("versions", sa.JSON, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("finished", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_table(
        "family",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("axes", sa.JSON, nullable=False),
    )
    op.create_table(
        "candidate",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("family", sa.Text, nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("dtype", sa.Text, nullable=False),
        sa.Column("invalid", sa.Text),
        *(sa.Column(cost, sa.BigInteger) for cost in COSTS),
        sa.Column("run_id", ROW_ID, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.UniqueConstraint("key", "family", "batch", "dtype"),
    )
    op.create_table(
        "measurement",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("candidate_id", ROW_ID, sa.ForeignKey("candidate.id"), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("context_digest", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("seconds", sa.Double),
        sa.Column("run_id", ROW_ID, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.UniqueConstraint("candidate_id", "what", "context_digest"),
    )
    op.create_index("measurement_what_value", "measurement", ["what", "value"])
