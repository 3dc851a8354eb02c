"""Whose calls they were, by the calls' own ids: agents find and sort theirs as quickly as others do all."""

from alembic import op

revision = "0009"
down_revision = "0008"

TALKED = "state IN ('talking', 'on_call')"


def upgrade() -> None:
    """Make the table from what there is, and have it kept. An earlier release goes on as before."""
    op.create_index("ix_agent_states_call_id_agent", "agent_states", ["call_id", "agent"])
    op.drop_index("ix_agent_states_agent_call_id", "agent_states")
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute(
        "CREATE TABLE calls_talked (call INTEGER NOT NULL, agent VARCHAR NOT NULL, PRIMARY KEY (call, agent)) "
        "WITHOUT ROWID"
    )
    op.execute(
        "INSERT OR IGNORE INTO calls_talked (call, agent) SELECT calls.id, agent_states.agent FROM agent_states "  # noqa: S608
        f"JOIN calls ON calls.call_id = agent_states.call_id WHERE {TALKED}"
    )
    op.execute("CREATE INDEX ix_calls_talked_agent_call ON calls_talked (agent, call)")
    op.execute(
        "CREATE TRIGGER calls_talked_take AFTER INSERT ON calls BEGIN "  # noqa: S608
        "INSERT OR IGNORE INTO calls_talked (call, agent) "
        f"SELECT new.id, agent FROM agent_states WHERE call_id = new.call_id AND {TALKED}; END"
    )
    # In one commit the states may come after the call
    op.execute(
        f"CREATE TRIGGER calls_talked_late AFTER INSERT ON agent_states WHEN new.{TALKED} BEGIN "  # noqa: S608
        "INSERT OR IGNORE INTO calls_talked (call, agent) "
        "SELECT id, new.agent FROM calls WHERE call_id = new.call_id; END"
    )
    op.execute(
        "CREATE TRIGGER calls_talked_forget AFTER DELETE ON calls BEGIN "
        "DELETE FROM calls_talked WHERE call = old.id; END"
    )
