"""Costs of tokens: the parameters that one uses, what is kept of it, and what a step reads.

Of candidates that were costed before they are unknown: a sweep by today's code costs them anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add the columns."""
    for cost in ("active_params", "kv_cache", "weights_read", "cache_read"):
        op.add_column("stored_candidate", sa.Column(cost, sa.BigInteger))
