"""What nothing deletes as long as it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("until_s", sa.Double, nullable=False),
        sa.Column("lifted_s", sa.Double),
        sa.Column("lifted_by", sa.Text, nullable=False),
    )
    op.create_index("ix_holds_kind_subject", "holds", ["kind", "subject"])
    op.create_table(
        "held_numbers",
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("form", sa.String, primary_key=True),
    )
