"""Settings that many candidates share parts of: the parts are stored once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"


def upgrade() -> None:
    """Add the table of parts; settings that are written out stay so."""
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "settings_part",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("digest", sa.BigInteger, nullable=False, unique=True),
        sa.Column("text", sa.Text, nullable=False),
    )
