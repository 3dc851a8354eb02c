"""Who saw an alarm, and the alarms that were."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("alarms", sa.Column("acknowledged_s", sa.Double))
    op.add_column("alarms", sa.Column("acknowledged_by", sa.Text))
    op.add_column("alarms", sa.Column("note", sa.Text))
    op.create_table(
        "alarm_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("raised_s", sa.Double, nullable=False),
        sa.Column("over_s", sa.Double),
        sa.Column("acknowledged_s", sa.Double),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("note", sa.Text),
    )
    op.create_index("ix_alarm_history_over_s", "alarm_history", ["over_s"])
