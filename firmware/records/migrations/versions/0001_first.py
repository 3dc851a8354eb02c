"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make them all."""
    op.create_table(
        "events",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("call", sa.String, nullable=False),
        sa.Column("leg", sa.String, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("ix_events_call", "events", ["call"])
    op.create_index("ix_events_at_s", "events", ["at_s"])
    op.create_table("open_calls", sa.Column("call", sa.String, primary_key=True))
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String, primary_key=True),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("did", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("e164", sa.String, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("withheld", sa.Boolean, nullable=False),
        sa.Column("started_s", sa.Double, nullable=False),
        sa.Column("answered_s", sa.Double),
        sa.Column("ended_s", sa.Double, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("cause", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("queue", sa.String, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("wait_s", sa.Double, nullable=False),
        sa.Column("talk_s", sa.Double, nullable=False),
        sa.Column("hold_s", sa.Double, nullable=False),
        sa.Column("gap", sa.String, nullable=False),
        sa.Column("gap_s", sa.Double, nullable=False),
    )
    op.create_index("ix_calls_started_s", "calls", ["started_s"])
    op.create_index("ix_calls_e164", "calls", ["e164"])
    op.create_table(
        "segments",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("leg", sa.String, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
    )
    op.create_index("ix_segments_call_id", "segments", ["call_id"])
    op.create_index("ix_segments_since_s", "segments", ["since_s"])
    op.create_table(
        "agent_states",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("extension", sa.String, nullable=False),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("until_s", sa.Double),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    op.create_index("ix_agent_states_agent_since_s", "agent_states", ["agent", "since_s"])
    op.create_index("ix_agent_states_until_s", "agent_states", ["until_s"])
    op.create_table(
        "recordings",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("leg", sa.String, nullable=False),
        sa.Column("started_s", sa.Double, nullable=False),
        sa.Column("duration_s", sa.Double),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_started_s", "recordings", ["started_s"])
    op.create_table(
        "alarms",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("raised_s", sa.Double, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "taken",
        sa.Column("epoch", sa.String, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at_s", sa.Double, nullable=False),
    )
