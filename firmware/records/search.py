"""Which calls, in which order: how a page of them is found quickly among a million.

Every order has an index that also holds what calls are filtered by (firmware.records.schema), so a page is read off it
until it is full. Where few calls can fit (an agent's, a day's, those with a number), these are read and put in order.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, Connection, Select, and_, column, func, literal, or_, select, table, text, tuple_

from firmware.errors import NotFound
from firmware.records import schema
from firmware.records.cdr import NOT_OURS

calls = schema.calls
FEW = 50_000  # so many calls are read and sorted as quickly as others are read off an index
FEW_ROWS = 10_000  # the same where the order is not in the index that finds them, so that each row is looked up
FEW_TEXTS = 30_000  # the same for calls with a text, which are scattered over the table
COUNTED = 1_000  # calls that fit are counted up to here
SHORTEST = 3  # characters of a text that the index of texts can find
ANY = "*"
OURS = "ours"  # any outcome but NOT_OURS

LONGEST = 101  # what is longer cannot be asked for
# A line as people type it; a NUL would end the text that the index of texts is asked for in its middle
Short = Annotated[
    str,
    Meta(
        pattern="^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]{0,100}\\Z",
        description="up to 100 characters, no control characters",
    ),
]
Time = Annotated[float, Meta(ge=0, le=1e11)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
OrderName = Literal[
    "started_s", "number", "name", "via", "outcome", "queue", "agent", "wait_s", "talk_s", "duration_s"
]  # fmt: skip


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which calls: an empty field fits all.

    `number` is a part of the caller's, or of the one dialled here, or of the caller's world-wide form where that is not
    just a country code before it; one that begins with + fits the beginning of the world-wide form, one of less than
    three digits is the whole of the caller's. `name` is a part of the caller's. `via` is a line or trunk (`line:1`);
    `queue` "*" is any; `outcome` "ours" any but `not_ours`. `*_from_s` is included, `*_until_s` not; times are Unix
    seconds of the call's start. `hour` is one of the day, from 0, within times that are given.
    """

    from_s: Time = 0.0
    until_s: Time = 0.0
    hour: Annotated[int, Meta(ge=0, le=23)] | None = None
    direction: Short = ""
    via: Short = ""
    number: Short = ""
    name: Short = ""
    queue: Short = ""
    agent: Short = ""
    outcome: Short = ""
    duration_from_s: Seconds = 0.0
    duration_until_s: Seconds = 0.0
    wait_from_s: Seconds = 0.0
    wait_until_s: Seconds = 0.0
    recorded: Literal["", "yes", "no"] = ""


class Which(NamedTuple):
    """A filter, and what it means to whom: times that the hours are, and whose calls alone are shown."""

    filter: Filter = Filter()
    hours: Sequence[tuple[float, float]] = ()
    of_agent: str | None = None


class Order(NamedTuple):
    """By what, the newest first among equals (`down`), or all the other way round."""

    by: OrderName = "started_s"
    down: bool = True


class Found(NamedTuple):
    """Ids of the calls of one page, whether there are more on either side; `total` is None where it is not counted."""

    ids: list[int]
    before: bool
    after: bool
    total: int | None


def find(connection: Connection, which: Which, order: Order, limit: int, after: str = "", before: str = "") -> Found:
    """Return a page: the first, the one `after` a call, or the one `before` it. Raises NotFound without that call."""
    backwards = bool(before) and not after
    place = _place(connection, after or before, order) if after or before else None
    down = order.down is not backwards
    query = _query(connection, which, order.by)
    keys = [calls.c[key] for key in dict.fromkeys((order.by, "started_s", "id"))]
    if place is not None:
        edge = tuple_(*(literal(value) for value in place))
        query = query.where(tuple_(*keys) < edge if down else tuple_(*keys) > edge)
    query = query.order_by(*(key.desc() if down else key.asc() for key in keys))
    first = place is None
    most = max(limit, COUNTED) if first and _is_in_indexes(which) else limit
    ids = connection.scalars(query.limit(most + 1)).all()  # at once: one by one costs ten times as much
    more, total = len(ids) > limit, len(ids) if first and len(ids) <= most else None
    shown = list(ids[:limit])
    if backwards:
        return Found(shown[::-1], before=more, after=True, total=None)
    return Found(shown, before=not first, after=more, total=total)


def _is_in_indexes(which: Which) -> bool:
    """Tell whether what fits is known without a look at the calls themselves, so that many are counted at once."""
    return which.of_agent is None and not which.filter.number and not which.filter.name


def _place(connection: Connection, call_id: str, order: Order) -> tuple[Any, ...]:
    keys = dict.fromkeys((order.by, "started_s", "id"))
    row = connection.execute(select(*(calls.c[key] for key in keys)).where(calls.c.call_id == call_id)).first()
    if row is None:
        raise NotFound(f"there is no page beside the call {call_id!r}: it is not on record, or no longer")
    return tuple(row)


# ---- which way is the quickest ---------------------------------------------------------------------------------------


def _query(connection: Connection, which: Which, by: str) -> Select[Any]:
    """Return what finds the ids of all that fit; SQLite is told by which index, others find out themselves."""
    wanted = which.filter
    query = select(calls.c.id).where(and_(True, *conditions(which)))
    if connection.dialect.name != "sqlite":
        if which.of_agent is not None:
            query = query.where(_calls_of(which.of_agent).where(_states.c.call_id == calls.c.call_id).exists())
        return query.where(*_containing(wanted, by_ilike=True))
    own = query
    if which.of_agent is not None:
        of_one = select(_talked.c.call).where(_talked.c.agent == which.of_agent)
        own = query.where(of_one.where(_talked.c.call == calls.c.id).exists())
    if needle := _needle(wanted):
        found = select(_texts.c.rowid).where(text("calls_text MATCH :needle").bindparams(needle=needle))
        if (few := _few(connection, found, FEW_TEXTS)) is not None:
            return _looked_up(own, few).where(*_containing(wanted, below=SHORTEST))
    query, own = query.where(*_containing(wanted)), own.where(*_containing(wanted))
    if which.of_agent is not None and (few := _few(connection, of_one, FEW)) is not None:
        return _looked_up(query, few)
    if wanted.number.startswith("+"):
        found = select(calls.c.id).where(_e164_begins(wanted.number))
        if _at_most(connection, found, FEW):
            return _read_off(own, "ix_calls_e164")
    if part := _small_part(connection, wanted, by):
        return _read_off(own, f"ix_calls_by_{part}")
    if 0 < len(wanted.name) < SHORTEST and by != "name":
        named = select(calls.c.id).where(*_containing(Filter(name=wanted.name)))
        if (few := _few(connection, _read_off(named, "ix_calls_by_name"), FEW_ROWS)) is not None:
            return _looked_up(own, few)
    equal = _equal(wanted)
    return _read_off(own, f"ix_calls_by_{next(iter(equal)) if equal and by == 'started_s' else by}")


def _read_off(query: Select[Any], index: str) -> Select[Any]:
    return query.with_hint(calls, f"INDEXED BY {index}", "sqlite")


def _looked_up(query: Select[Any], ids: Sequence[int]) -> Select[Any]:
    """Return what looks at these calls alone, by their ids: SQLite may think that an outcome's are fewer."""
    listed = func.json_each(msgspec.json.encode(ids).decode()).table_valued("value")
    return query.where(calls.c.id.in_(select(listed.c.value))).with_hint(calls, "NOT INDEXED", "sqlite")


def _equal(wanted: Filter) -> dict[str, str]:
    """Return the columns that must be equal to something, in whose indexes such calls stand together, by time."""
    number = wanted.number if 0 < len(wanted.number) < SHORTEST else ""
    values = {"number": number} | {name: getattr(wanted, name) for name in ("agent", "via", "outcome", "queue")}
    return {name: value for name, value in values.items() if value and value not in (ANY, OURS)}


def _small_part(connection: Connection, wanted: Filter, by: str) -> str:
    """Return the order in whose index the few calls stand together that can fit, "" where more can."""
    few = FEW if by in (*schema.FILTERED, "started_s") else FEW_ROWS
    for name, value in _equal(wanted).items():
        if _at_most(connection, select(calls.c.id).where(calls.c[name] == value, *_times(wanted)), few):
            return name
    times = _times(wanted)
    return "started_s" if times and _at_most(connection, select(calls.c.id).where(*times), few) else ""


def _few(connection: Connection, query: Select[Any], most: int) -> Sequence[int] | None:
    """Return the ids that a query finds, None where they are more than so many."""
    ids = connection.scalars(query.limit(most + 1)).all()
    return ids if len(ids) <= most else None


def _at_most(connection: Connection, query: Select[Any], most: int) -> bool:
    counted = select(func.count()).select_from(query.limit(most + 1).subquery())
    return bool(connection.execute(counted).scalar_one() <= most)


# ---- what fits -------------------------------------------------------------------------------------------------------

_texts = table("calls_text", column("rowid"))
_talked = table("calls_talked", column("call"), column("agent"))
_states = schema.agent_states


def conditions(which: Which) -> list[ColumnElement[bool]]:
    """Return what must be true of a call, but for its texts and whose it was."""
    wanted = which.filter
    found = [
        calls.c[name] == value
        for name in ("direction", "via", "agent", "outcome", "queue")
        if (value := getattr(wanted, name)) and value not in (ANY, OURS)
    ]
    if wanted.outcome == OURS:
        found.append(calls.c.outcome != NOT_OURS)
    if wanted.queue == ANY:
        found.append(calls.c.queue > "")
    found += _times(wanted)
    if wanted.hour is not None:
        at = calls.c.started_s
        found.append(or_(False, *(and_(at >= since, at < to) for since, to in which.hours)))
    for name in ("duration", "wait"):
        if since := getattr(wanted, f"{name}_from_s"):
            found.append(calls.c[f"{name}_s"] >= since)
        if to := getattr(wanted, f"{name}_until_s"):
            found.append(calls.c[f"{name}_s"] < to)
    if wanted.recorded:
        found.append(calls.c.recordings > 0 if wanted.recorded == "yes" else calls.c.recordings == 0)
    if wanted.number.startswith("+"):
        found.append(_e164_begins(wanted.number))
    elif 0 < len(wanted.number) < SHORTEST:
        found.append(calls.c.number == wanted.number)
    return found


def _times(wanted: Filter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.from_s:
        found.append(calls.c.started_s >= wanted.from_s)
    if wanted.until_s:
        found.append(calls.c.started_s < wanted.until_s)
    return found


def _containing(wanted: Filter, below: int = LONGEST, *, by_ilike: bool = False) -> list[ColumnElement[bool]]:
    """Return that the texts shorter than `below` are there, asked of the row itself.

    Case never counts: SQLite's LIKE sees to that itself, and to lower every name first costs half as much again.
    """

    def has(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
        return (column.icontains if by_ilike else column.contains)(part, autoescape=True)

    found: list[ColumnElement[bool]] = []
    if SHORTEST <= len(wanted.number) < below and not wanted.number.startswith("+"):
        number, did, e164 = (has(one, wanted.number) for one in (calls.c.number, calls.c.did, calls.c.e164))
        found.append(or_(number, and_(e164, _is_more_than_a_country_code), and_(calls.c.direction != "in", did)))
    if 0 < len(wanted.name) < below:
        found += [calls.c.name > "", has(calls.c.name, wanted.name)]
    return found


# As the index of texts has it: a world-wide form that is the number behind a country code is not in there again
_number_at = func.length(calls.c.e164) - func.length(calls.c.number) + 1
_is_more_than_a_country_code = func.substr(calls.c.e164, _number_at) != calls.c.number


def _needle(wanted: Filter) -> str:
    """Return what the index of texts is asked for, as far as it can find it (sqlite.org/fts5.html §3)."""
    number = "" if wanted.number.startswith("+") else wanted.number
    parts = []
    for where, what in (("numbers", number), ("name", wanted.name)):
        if len(what) >= SHORTEST:
            quoted = what.replace('"', '""')
            parts.append(f'{where} : "{quoted}"')
    return " AND ".join(parts)


def _e164_begins(number: str) -> ColumnElement[bool]:
    return and_(calls.c.e164 >= number, calls.c.e164 < number + "\uffff")


def _calls_of(agent: str) -> Select[Any]:
    """Return the calls in which an agent talked."""
    return select(_states.c.call_id).where(_states.c.agent == agent, _states.c.state.in_(("talking", "on_call")))


def is_of(connection: Connection, agent: str, call_id: str) -> bool:
    """Tell whether an agent talked in a call, which may be in progress, or outlive the record of the agent's states."""
    asked: list[Select[Any]] = [_calls_of(agent).where(_states.c.call_id == call_id)]
    if connection.dialect.name == "sqlite":
        its_id = select(calls.c.id).where(calls.c.call_id == call_id).scalar_subquery()
        asked.append(select(_talked.c.call).where(_talked.c.agent == agent, _talked.c.call == its_id))
    return any(connection.execute(one.limit(1)).first() is not None for one in asked)
