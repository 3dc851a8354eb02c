"""Follows every event into the journal, closes each call's record, and knows what an earlier exchange left open."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BindParameter,
    Engine,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from firmware.events import Bus, Event, Kind, corrected, shifted
from firmware.records import schema
from firmware.records.cdr import Segment
from firmware.records.database import Row
from firmware.records.fold import fold
from firmware.records.journal import Journal

log = logging.getLogger(__name__)

COUNTED = (Kind.QUEUE_ENTERED, Kind.QUEUE_LEFT, Kind.OUTSIDE_ALLOWED, Kind.LIMITS_RESET, Kind.CLOCK_SET)
COUNTED_OUTSIDE = (Kind.LEG_DIALED, Kind.LEG_ANSWERED, Kind.LEG_ENDED)    # of calls that were allowed outside

KEPT_TESTS = 100    # of each line

EVENT = insert(schema.events)
CALL_OPENED = insert(schema.open_calls)
CALL_CLOSED = delete(schema.open_calls).where(schema.open_calls.c.call == bindparam("of_call"))
CALL = insert(schema.calls)
SEGMENT = insert(schema.segments)
AGENT_STATE = insert(schema.agent_states)
AGENT_STATE_OVER = (
    update(schema.agent_states)
    .where(schema.agent_states.c.agent == bindparam("of_agent"), schema.agent_states.c.until_s.is_(None))
    .values(until_s=bindparam("over_s"))
)
AGENT_FACTS = (
    update(schema.agent_states)
    .where(schema.agent_states.c.agent == bindparam("of_agent"), schema.agent_states.c.until_s.is_(None))
    .values(facts=bindparam("new_facts", type_=JSON))
)
RECORDING = insert(schema.recordings)
RECORDING_OVER = (
    update(schema.recordings)
    .where(schema.recordings.c.path == bindparam("of_path"))
    .values(duration_s=bindparam("length_s"))
)
ALARM_OVER = delete(schema.alarms).where(
    schema.alarms.c.name == bindparam("of_name"), schema.alarms.c.subject == bindparam("of_subject")
)
ALARM = insert(schema.alarms)
ALARM_IN_HISTORY = insert(schema.alarm_history)
OF_THIS_ALARM = (
    schema.alarm_history.c.name == bindparam("of_name"), schema.alarm_history.c.subject == bindparam("of_subject"),
    schema.alarm_history.c.over_s.is_(None),
)
ALARM_SAYS = update(schema.alarm_history).where(*OF_THIS_ALARM).values(
    detail=bindparam("new_detail"), code=bindparam("new_code"), facts=bindparam("new_facts")
)
ALARM_SEEN = update(schema.alarm_history).where(*OF_THIS_ALARM).values(
    acknowledged_s=bindparam("seen_s"), acknowledged_by=bindparam("seen_by"), note=bindparam("new_note")
)
ALARM_ENDED = update(schema.alarm_history).where(*OF_THIS_ALARM).values(over_s=bindparam("ended_s"))
LINE_TEST = insert(schema.line_tests)
_newer = schema.line_tests.alias()
OLD_LINE_TESTS = delete(schema.line_tests).where(
    schema.line_tests.c.line == bindparam("of_line"),
    select(func.count()).select_from(_newer)
    .where(_newer.c.line == bindparam("of_line"), _newer.c.id > schema.line_tests.c.id)
    .correlate(schema.line_tests).scalar_subquery() >= literal_column(str(KEPT_TESTS)),
)
SPAN_TEST = insert(schema.span_tests)
OLD_SPAN_TEST = delete(schema.span_tests).where(schema.span_tests.c.span == bindparam("of_span"))
WAITING_BEFORE = delete(schema.messages_waiting).where(
    schema.messages_waiting.c.extension == bindparam("of_extension"),
    schema.messages_waiting.c.source == bindparam("of_source"),
)
WAITING = insert(schema.messages_waiting)
TAKEN_FIRST = insert(schema.taken)
TAKEN = (
    update(schema.taken)
    .where(schema.taken.c.epoch == bindparam("of_epoch"))
    .values(seq=bindparam("new_seq"), at_s=bindparam("new_at_s"))
)
# The clock was set: what began before and goes on began so much later, or earlier, by the clock as it is now
STEP: BindParameter[float] = bindparam("step_s")
CORRECTIONS = (
    update(schema.agent_states).where(schema.agent_states.c.until_s.is_(None))
    .values(since_s=schema.agent_states.c.since_s + STEP),
    update(schema.alarm_history).where(schema.alarm_history.c.over_s.is_(None)).values(
        raised_s=schema.alarm_history.c.raised_s + STEP, acknowledged_s=schema.alarm_history.c.acknowledged_s + STEP
    ),
    update(schema.alarms).values(
        raised_s=schema.alarms.c.raised_s + STEP, acknowledged_s=schema.alarms.c.acknowledged_s + STEP
    ),
    update(schema.taken).values(at_s=schema.taken.c.at_s + STEP),
)
RECORDINGS_CORRECTED = (
    update(schema.recordings).where(schema.recordings.c.call_id == bindparam("of_call"))
    .values(started_s=schema.recordings.c.started_s + STEP)
)


@dataclass
class Unfinished:
    """What an earlier exchange left: events of open calls, last states of agents, alarms not yet over; oldest first.

    `today`: what queues and daily limits count since the time asked for. `taken`: per epoch of the gateway, up to which
    event all is written. `last_s`: when something was written last, 0 if never. `line_tests`, `span_tests`: the last of
    each line and span. `waiting`: how many messages wait, as each source told last of each extension.
    """

    events: list[Event] = field(default_factory=list)
    agent_states: list[Event] = field(default_factory=list)
    alarms: list[Event] = field(default_factory=list)
    today: list[Event] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    last_s: float = 0.0
    line_tests: list[Event] = field(default_factory=list)
    span_tests: list[Event] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)


def unfinished(engine: Engine, since_s: float) -> Unfinished:
    """Read what calls, agents, alarms and the gateway's events had come to, and what is counted since `since_s`."""
    events, states, taken = schema.events, schema.agent_states, schema.taken
    allowed = select(events.c.call).where(events.c.at_s >= since_s, events.c.kind == Kind.OUTSIDE_ALLOWED.value)
    counted = or_(
        events.c.kind.in_([kind.value for kind in COUNTED]),
        and_(events.c.kind.in_([kind.value for kind in COUNTED_OUTSIDE]), events.c.call.in_(allowed)),
    )
    with engine.begin() as connection:
        rows = connection.execute(
            select(events).where(events.c.call.in_(select(schema.open_calls.c.call))).order_by(events.c.id)
        ).all()
        last = connection.execute(select(states).where(states.c.until_s.is_(None)).order_by(states.c.id)).all()
        alarms = connection.execute(select(schema.alarms).order_by(schema.alarms.c.raised_s)).all()
        today = connection.execute(
            select(events).where(events.c.at_s >= since_s, counted).order_by(events.c.id)
        ).all()
        marks = connection.execute(select(taken)).all()
        newest = select(func.max(schema.line_tests.c.id)).group_by(schema.line_tests.c.line)
        tests = connection.execute(select(schema.line_tests).where(schema.line_tests.c.id.in_(newest))).all()
        loops = connection.execute(select(schema.span_tests)).all()
        waiting = connection.execute(select(schema.messages_waiting)).all()
        newest_s = connection.execute(select(events.c.at_s).order_by(events.c.id.desc()).limit(1)).scalar() or 0.0
    return Unfinished(
        corrected(event_of(row) for row in rows),
        [Event(row.since_s, Kind.AGENT_STATE, data=row.facts) for row in last],
        [event for row in alarms for event in alarm_of(row)],
        [event_of(row) for row in today],
        {mark.epoch: mark.seq for mark in marks},
        max([newest_s, *(mark.at_s for mark in marks)]),
        [Event(row.at_s, Kind.LINE_TESTED, data=row.data) for row in tests],
        [Event(row.at_s, Kind.SPAN_TESTED, data=row.data) for row in loops],
        [Event(row.at_s, Kind.MESSAGES_WAITING, data=row.data) for row in waiting],
    )


def event_of(row: Any) -> Event:
    """Return the event of a row of the table events."""
    return Event(row.at_s, Kind(row.kind), row.call, row.leg, row.data)


def alarm_of(row: Any) -> Iterator[Event]:
    """Yield the event that raised an alarm, and that of its being seen, from a row of the table alarms."""
    data = {
        "name": row.name, "subject": row.subject, "raised": True, "detail": row.detail, "code": row.code or "",
        "facts": row.facts or {}, "by": row.by,
    }  # fmt: skip
    yield Event(row.raised_s, Kind.ALARM, data=data)
    if row.acknowledged_s is not None:
        seen = {"name": row.name, "subject": row.subject, "who": row.acknowledged_by or "", "note": row.note or ""}
        yield Event(row.acknowledged_s, Kind.ALARM_ACKNOWLEDGED, data=seen)


class Ledger:
    """Listens to the bus. A call's CDR and its CALL_ENDED are one transaction; nothing here waits."""

    def __init__(self, bus: Bus, journal: Journal, left: Unfinished) -> None:
        self._journal = journal
        self._calls: dict[str, list[Event]] = {}
        self._states: dict[str, dict[str, str]] = {}  # of each agent, as written last
        self._acw: dict[str, tuple[str, float]] = {}  # agent: the call it is for, since when
        for event in left.events:
            self._calls.setdefault(event.call, []).append(event)
        for event in left.agent_states:
            self._states[event.data["agent"]] = _state(event)
            self._follow_acw(event)
        self._alarms: dict[tuple[str, str], dict[str, Any]] = {}  # those not over, as written last
        for event in left.alarms:
            self._note_alarm(event)
        self._epochs = set(left.taken)
        self._mark: tuple[str, int, float] | None = None
        journal.taken_row = _taken
        bus.subscribe(self._take)

    def mark(self, epoch: str, seq: int, at_s: float) -> None:
        """Note that all that the gateway told up to event `seq` has been published."""
        if epoch not in self._epochs:
            self._epochs.add(epoch)
            self._journal.add([(TAKEN_FIRST, {"epoch": epoch, "seq": 0, "at_s": at_s})])
        self._mark = (epoch, seq, at_s)
        self._journal.mark(epoch, seq, at_s)

    def _take(self, event: Event) -> None:
        detail = event.kind in (Kind.DIGIT, Kind.IVR_NODE, Kind.IVR_CHOICE, Kind.LEG_RINGING, Kind.LEG_AUDIBLE)
        row = {"at_s": event.at_s, "kind": event.kind.value, "call": event.call, "leg": event.leg, "data": event.data}
        self._journal.add([(EVENT, row)], detail=detail)
        if event.kind is Kind.AGENT_STATE:
            self._agent_state(event)
        elif event.kind is Kind.ALARM:
            self._alarm(event)
        elif event.kind is Kind.ALARM_ACKNOWLEDGED:
            self._alarm_seen(event)
        elif event.kind is Kind.LINE_TESTED and event.data["outcome"] == "done":
            line = event.data["line"]
            row = {"line": line, "at_s": event.at_s, "data": event.data}
            self._journal.add([(LINE_TEST, row), (OLD_LINE_TESTS, {"of_line": line})])
        elif event.kind is Kind.SPAN_TESTED:
            span = event.data["span"]
            row = {"span": span, "at_s": event.at_s, "data": event.data}
            self._journal.add([(OLD_SPAN_TEST, {"of_span": span}), (SPAN_TEST, row)])
        elif event.kind is Kind.MESSAGES_WAITING:
            of = {"extension": event.data["extension"], "source": event.data["source"]}
            before = {f"of_{name}": value for name, value in of.items()}
            self._journal.add([(WAITING_BEFORE, before), (WAITING, of | {"at_s": event.at_s, "data": event.data})])
        elif event.kind is Kind.CLOCK_SET:
            self._correct(event.call, event.data["step_s"])
        elif event.call and event.kind is not Kind.NOTED:  # which may come long after the call was closed
            self._of_call(event)

    def _of_call(self, event: Event) -> None:
        data = event.data
        if event.kind is Kind.CALL_OFFERED:
            self._calls[event.call] = [event]
            self._journal.add([(CALL_OPENED, {"call": event.call})])
            return
        if event.call not in self._calls:
            log.error("call %s: %s of a call that is not open", event.call, event.kind)
            return
        self._calls[event.call].append(event)
        match event.kind:
            case Kind.RECORDING_STARTED:
                recording = {"path": data["path"], "call_id": event.call, "leg": event.leg, "started_s": event.at_s}
                self._journal.add([(RECORDING, recording)])
            case Kind.RECORDING_ENDED:
                over = {"of_path": data["path"], "length_s": data["duration_s"]}
                self._journal.add([(RECORDING_OVER, over)])
            case Kind.CALL_ENDED:
                self._close(self._calls.pop(event.call))

    def _correct(self, call: str, step_s: float) -> None:
        """Put right what was noted of the time before the clock was set: of a call, or of all that is of none."""
        if call in self._calls:
            self._calls[call] = [shifted(event, step_s) for event in self._calls[call]]
            self._journal.add([(RECORDINGS_CORRECTED, {"of_call": call, "step_s": step_s})])
        elif not call:
            self._acw = {agent: (of, since_s + step_s) for agent, (of, since_s) in self._acw.items()}
            for row in self._alarms.values():
                row["raised_s"] += step_s
                row["acknowledged_s"] = row["acknowledged_s"] and row["acknowledged_s"] + step_s
            self._journal.add([(correction, {"step_s": step_s}) for correction in CORRECTIONS])
            if self._mark is not None:
                self.mark(*self._mark[:2], self._mark[2] + step_s)

    def _close(self, events: list[Event]) -> None:
        call = events[0].call
        try:
            cdr = fold(events)
        except Exception:
            log.exception("call %s: no record can be made of its events", call)
            self._journal.add([(CALL_CLOSED, {"of_call": call})])
            return
        row = msgspec.structs.asdict(cdr) | {"recordings": len(cdr.recordings)}
        del row["segments"]  # a table of their own, as the recordings have
        self._journal.add([
            (CALL, row),
            *((SEGMENT, _segment(cdr.call_id, segment)) for segment in cdr.segments),
            (CALL_CLOSED, {"of_call": cdr.call_id}),
        ])

    def _alarm(self, event: Event) -> None:
        """A row as long as it is raised, and one for ever."""
        of = {"of_name": event.data["name"], "of_subject": event.data["subject"]}
        before = self._alarms.get(tuple(of.values()))
        self._note_alarm(event)
        now = self._alarms.get(tuple(of.values()))
        self._journal.add([(ALARM_OVER, of)])
        if now is not None:
            self._journal.add([(ALARM, now)])
        if now is None and before is not None:
            self._journal.add([(ALARM_ENDED, of | {"ended_s": event.at_s})])
        elif now is not None and before is None:
            self._journal.add([(ALARM_IN_HISTORY, now | {"over_s": None})])
        elif now is not None:
            self._journal.add([(ALARM_SAYS, of | {f"new_{name}": now[name] for name in ("detail", "code", "facts")})])

    def _alarm_seen(self, event: Event) -> None:
        of = {"of_name": event.data["name"], "of_subject": event.data["subject"]}
        self._note_alarm(event)
        seen = {"seen_s": event.at_s, "seen_by": event.data["who"], "new_note": event.data["note"]}
        self._journal.add([(ALARM_SEEN, of | seen)])
        if (now := self._alarms.get(tuple(of.values()))) is not None:
            self._journal.add([(ALARM_OVER, of), (ALARM, now)])

    def _note_alarm(self, event: Event) -> None:
        data = event.data
        key = (data["name"], data["subject"])
        row = self._alarms.get(key) or {
            "name": key[0], "subject": key[1], "raised_s": event.at_s, "by": data.get("by", "exchange"),
            "detail": "", "code": "", "facts": {}, "acknowledged_s": None, "acknowledged_by": None, "note": None,
        }  # fmt: skip
        if event.kind is Kind.ALARM and not data["raised"]:
            self._alarms.pop(key, None)
        elif event.kind is Kind.ALARM:
            self._alarms[key] = row | {
                "detail": data["detail"], "code": data.get("code", ""), "facts": data.get("facts") or {},
            }  # fmt: skip
        elif key in self._alarms:
            seen = {"acknowledged_s": event.at_s, "acknowledged_by": data["who"], "note": data["note"]}
            self._alarms[key] = row | seen

    def _agent_state(self, event: Event) -> None:
        """A row a state; what is told of it again changes only what a restart goes on with."""
        data = event.data
        agent = data["agent"]
        state = _state(event)
        if self._states.get(agent) == state:
            self._journal.add([(AGENT_FACTS, {"of_agent": agent, "new_facts": data})])
            return
        self._states[agent] = state
        row = {"agent": agent, **state, "since_s": event.at_s, "until_s": None, "facts": data}
        self._journal.add([(AGENT_STATE_OVER, {"of_agent": agent, "over_s": event.at_s}), (AGENT_STATE, row)])
        self._follow_acw(event)

    def _follow_acw(self, event: Event) -> None:
        """After-call work is a segment of its call, also when it ends long after the call was closed."""
        agent, call = event.data["agent"], event.data["call_id"]
        begun = self._acw.pop(agent, None)
        if event.data["state"] == "acw" and call:
            self._acw[agent] = (call, event.at_s)
        if begun is not None:
            segment = Segment("acw", agent, "", begun[1], max(0.0, event.at_s - begun[1]))
            self._journal.add([(SEGMENT, _segment(begun[0], segment))])


def _state(event: Event) -> dict[str, str]:
    return {name: str(event.data[name]) for name in ("state", "reason", "extension", "call_id")}


def _segment(call_id: str, segment: Segment) -> dict[str, object]:
    return {"call_id": call_id, **msgspec.structs.asdict(segment)}


def _taken(epoch: str, seq: int, at_s: float) -> Row:
    """Return what notes up to which event of the gateway all is written."""
    return (TAKEN, {"of_epoch": epoch, "new_seq": seq, "new_at_s": at_s})
