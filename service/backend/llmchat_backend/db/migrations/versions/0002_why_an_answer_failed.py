"""Why an answer failed, in words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the sentence beside the code."""
    op.add_column("messages", sa.Column("error_message", sa.Text(), nullable=True))
