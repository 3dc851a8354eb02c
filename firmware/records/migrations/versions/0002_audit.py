"""Who signed in, and who changed whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
