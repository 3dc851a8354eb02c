"""How many new messages wait for each extension."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "messages_waiting",
        sa.Column("extension", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
