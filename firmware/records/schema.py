"""The tables of the records. The migrations make them; a test holds the two together."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)
_COUNTED = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts an INTEGER PRIMARY KEY up by itself, only that

# All that happened (CEL), in the order it became known
events = Table(
    "events", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("at_s", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("call", String, nullable=False),
    Column("leg", String, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "call"),
    Index(None, "at_s"),
)

# Calls that have begun and not ended, so that a start finds them without reading everything
open_calls = Table("open_calls", metadata, Column("call", String, primary_key=True))

# What calls may be sorted by, and what else they are often asked for by: an index for each order has it all, so that
# whatever is asked for, only the rows of one page are read from the table itself
ORDERS = ("started_s", "number", "name", "via", "outcome", "queue", "agent", "wait_s", "talk_s", "duration_s")
FILTERED = ("direction", "via", "queue", "agent", "outcome", "duration_s", "wait_s", "talk_s", "recordings")
# Calls without a number of the outside stand together there: whoever looks for others passes them by without a look-up
BESIDE = {"number": ("e164", "name")}

# One row a closed call (CDR); the columns are those of firmware.records.cdr.Cdr, `recordings` how many there are.
# SQLite has besides, kept by triggers, every part of their numbers and names in the virtual table calls_text, and in
# calls_talked (call, agent) the ids of the calls in which each agent talked.
calls = Table(
    "calls", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("source", String, nullable=False),
    Column("did", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("e164", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("withheld", Boolean, nullable=False),
    Column("started_s", Double, nullable=False),
    Column("answered_s", Double),
    Column("ended_s", Double, nullable=False),
    Column("duration_s", Double, nullable=False),
    Column("outcome", String, nullable=False),
    Column("cause", Integer, nullable=False),
    Column("by", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("wait_s", Double, nullable=False),
    Column("talk_s", Double, nullable=False),
    Column("hold_s", Double, nullable=False),
    Column("gap", String, nullable=False),
    Column("gap_s", Double, nullable=False),
    Column("via", String, nullable=False, server_default=text("''")),
    Column("recordings", Integer, nullable=False, server_default="0"),
    Index(None, "call_id", unique=True),
    Index("ix_calls_e164", "e164", "started_s"),
    *(
        Index(f"ix_calls_by_{order}", *dict.fromkeys((order, "started_s", *FILTERED, *BESIDE.get(order, ()))))
        for order in ORDERS
    ),
)

segments = Table(
    "segments", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("who", Text, nullable=False),
    Column("leg", String, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("duration_s", Double, nullable=False),
    Index(None, "call_id"),
    Index(None, "since_s"),
)

# Every state an agent was in; `until_s` is empty for the one they are in now. `facts` is all of its event
agent_states = Table(
    "agent_states", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("agent", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("extension", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("until_s", Double),
    Column("facts", JSON, nullable=False),
    Index(None, "agent", "since_s"),
    Index(None, "call_id", "agent"),
    Index(None, "until_s"),
)

# A row a recording; the sound is the file, `path` within the home. `duration_s` is empty while it grows
recordings = Table(
    "recordings", metadata,
    Column("path", String, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("leg", String, nullable=False),
    Column("started_s", Double, nullable=False),
    Column("duration_s", Double),
    Index(None, "call_id"),
    Index(None, "started_s"),
)

# What needs a person now
alarms = Table(
    "alarms", metadata,
    Column("name", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("raised_s", Double, nullable=False),
    Column("by", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("acknowledged_s", Double),
    Column("acknowledged_by", Text),
    Column("note", Text),
    Column("code", String),
    Column("facts", JSON),
)

# Every alarm there was; `over_s` is empty as long as it is raised
alarm_history = Table(
    "alarm_history", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("name", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("by", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("raised_s", Double, nullable=False),
    Column("over_s", Double),
    Column("acknowledged_s", Double),
    Column("acknowledged_by", Text),
    Column("note", Text),
    Column("code", String),
    Column("facts", JSON),
    Index(None, "over_s"),
)

# The newest tests of each line that were done; `data` is all of the event
line_tests = Table(
    "line_tests", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "line", "id"),
)

# The last loopback test of each digital span; `data` is all of the event
span_tests = Table(
    "span_tests", metadata,
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("at_s", Double, nullable=False),
    Column("data", JSON, nullable=False),
)

# How many new messages wait for an extension, by each source that ever said so; `data` is all of the event
messages_waiting = Table(
    "messages_waiting", metadata,
    Column("extension", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("at_s", Double, nullable=False),
    Column("data", JSON, nullable=False),
)

# Since when no call came or went by each line and trunk
bearers = Table(
    "bearers", metadata,
    Column("name", String, primary_key=True),
    Column("since_s", Double, nullable=False),
)

# Up to which event each who tells the outside (a webhook, or the mail) has told all
told = Table(
    "told", metadata,
    Column("who", String, primary_key=True),
    Column("event", BigInteger, nullable=False),
)

# What a webhook's receiver would not take; `again_s` is when somebody asked that it be tried again
dead_letters = Table(
    "dead_letters", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("hook", String, nullable=False),
    Column("message", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("died_s", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("again_s", Double),
    Index(None, "hook", "id"),
)

# Up to which event of which gateway process all is written here: what the gateway may forget
taken = Table(
    "taken", metadata,
    Column("epoch", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at_s", Double, nullable=False),
)

# Who signed in or was refused, and who changed whom; `by` is who did it, `user` whom it is about, `address` from where
audit = Table(
    "audit", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("at_s", Double, nullable=False),
    Column("what", String, nullable=False),
    Column("user", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

# What nothing deletes as long as it stands: a call, or all calls of a number. `until_s` is 0 until somebody lifts it
holds = Table(
    "holds", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("until_s", Double, nullable=False),
    Column("lifted_s", Double),
    Column("lifted_by", Text, nullable=False),
    Index(None, "kind", "subject"),
)

# The ways in which the number of a hold may stand in the records
held_numbers = Table(
    "held_numbers", metadata,
    Column("hold_id", _COUNTED, primary_key=True, autoincrement=False),
    Column("form", String, primary_key=True),
)

# What people wrote of calls and how they marked them: a row an edit, of which the newest of each `what` counts
notes = Table(
    "notes", metadata,
    Column("id", _COUNTED, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("what", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("address", Text, nullable=False),
    Index(None, "call_id"),
)
