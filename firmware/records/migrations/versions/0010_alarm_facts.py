"""What exactly an alarm says, in figures: so that it can be said in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns; alarms from before have their English text alone."""
    for table in ("alarms", "alarm_history"):
        op.add_column(table, sa.Column("code", sa.String))
        op.add_column(table, sa.Column("facts", sa.JSON))
