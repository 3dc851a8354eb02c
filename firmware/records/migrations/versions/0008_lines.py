"""Tests of lines, and since when lines and trunks are quiet."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "line_tests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("ix_line_tests_line_id", "line_tests", ["line", "id"])
    op.create_table(
        "bearers",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("since_s", sa.Double, nullable=False),
    )
