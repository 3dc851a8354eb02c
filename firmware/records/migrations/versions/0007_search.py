"""Calls can be searched and sorted: an id, an index for each order, their numbers and names by any part."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
KEPT = (
    "call_id", "direction", "source", "did", "number", "e164", "name", "withheld", "started_s", "answered_s", "ended_s",
    "duration_s", "outcome", "cause", "by", "queue", "agent", "wait_s", "talk_s", "hold_s", "gap", "gap_s",
)  # fmt: skip
FILTERED = ("direction", "via", "queue", "agent", "outcome", "duration_s", "wait_s", "talk_s", "recordings")
ORDERS = ("started_s", "number", "name", "via", "outcome", "queue", "agent", "wait_s", "talk_s", "duration_s")

# Numbers of ours (dialled by whoever came in) and country codes are in all calls, and nobody looks for them by a part
NUMBERS = (
    "{0}.number || CASE WHEN {0}.direction = 'in' THEN '' ELSE ' ' || {0}.did END"
    " || CASE WHEN substr({0}.e164, -length({0}.number)) = {0}.number THEN '' ELSE ' ' || {0}.e164 END"
)
TAKE = "INSERT INTO calls_text (rowid, numbers, name) VALUES (new.id, " + NUMBERS.format("new") + ", new.name)"  # noqa: S608
FORGET = (
    "INSERT INTO calls_text (calls_text, rowid, numbers, name) VALUES ('delete', old.id, "  # noqa: S608
    + NUMBERS.format("old") + ", old.name)"
)  # fmt: skip


def upgrade() -> None:
    """Give the table its new form. An earlier release writes and reads it as before."""
    # SQLite cannot add a primary key to a table that is there, and may number rows without one anew (VACUUM)
    op.create_table(
        "new_calls",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("call_id", sa.String, nullable=False),
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
        sa.Column("via", sa.String, nullable=False, server_default=sa.text("''")),
        sa.Column("recordings", sa.Integer, nullable=False, server_default="0"),
    )
    kept = ", ".join(f'"{name}"' for name in KEPT)
    op.execute(f"INSERT INTO new_calls ({kept}) SELECT {kept} FROM calls ORDER BY started_s")  # noqa: S608
    op.drop_table("calls")
    op.rename_table("new_calls", "calls")
    op.create_index("ix_calls_call_id", "calls", ["call_id"], unique=True)
    op.execute(
        "UPDATE calls SET recordings = (SELECT count(*) FROM recordings WHERE recordings.call_id = calls.call_id), "
        "via = CASE WHEN source LIKE 'line:%' OR source LIKE 'trunk:%' THEN source ELSE '' END"
    )
    _say_which_way_calls_went_out()
    op.create_index("ix_calls_e164", "calls", ["e164", "started_s"])
    for order in ORDERS:
        columns = dict.fromkeys((order, "started_s", *FILTERED))
        op.create_index(f"ix_calls_by_{order}", "calls", list(columns))
    op.create_index("ix_agent_states_agent_call_id", "agent_states", ["agent", "call_id"])
    if op.get_bind().dialect.name == "sqlite":
        _index_texts()


def _say_which_way_calls_went_out() -> None:
    """Take the line or trunk from the first talk or ring with somebody outside: `line:3:10086`."""
    bind = op.get_bind()
    outside = sa.text(
        "SELECT call_id, who FROM segments WHERE kind IN ('ring', 'talk') AND (who LIKE 'line:%' OR who LIKE 'trunk:%')"
        " ORDER BY since_s DESC"
    )
    ways = {call: who.rpartition(":")[0] for call, who in bind.execute(outside)}
    if ways:
        update = sa.text("UPDATE calls SET via = :via WHERE call_id = :call AND via = ''")
        bind.execute(update, [{"call": call, "via": via} for call, via in ways.items()])


def _index_texts() -> None:
    """Have every part of numbers and names found that is three characters long, or longer (sqlite.org/fts5.html)."""
    op.execute("CREATE VIRTUAL TABLE calls_text USING fts5(numbers, name, content='', tokenize='trigram')")
    op.execute(f"INSERT INTO calls_text (rowid, numbers, name) SELECT id, {NUMBERS.format('calls')}, name FROM calls")  # noqa: S608
    op.execute(f"CREATE TRIGGER calls_text_take AFTER INSERT ON calls BEGIN {TAKE}; END")
    op.execute(f"CREATE TRIGGER calls_text_forget AFTER DELETE ON calls BEGIN {FORGET}; END")
    op.execute(
        "CREATE TRIGGER calls_text_change AFTER UPDATE OF direction, number, did, e164, name ON calls "
        f"BEGIN {FORGET}; {TAKE}; END"
    )
    op.execute(
        "CREATE TRIGGER recordings_gone AFTER DELETE ON recordings BEGIN "
        "UPDATE calls SET recordings = recordings - 1 WHERE call_id = old.call_id AND recordings > 0; END"
    )
