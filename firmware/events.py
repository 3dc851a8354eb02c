"""What happens in the exchange: one event for each transition (CEL), listened to by journal, live view and records."""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import msgspec

from drivers.link.messages import Wrong
from firmware.details import sentence

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """The events of a call, an agent or the box. What `data` holds beside each is told here."""

    CALL_OFFERED = "call.offered"        # direction in|out|internal, source, did, number, e164, name, withheld, channel
    #                                      and steady_s: this moment by the machine's clock that nobody sets
    CALL_ANSWERED = "call.answered"      # the box answered its caller
    CALL_ENDED = "call.ended"            # cause, by; nothing of this call comes after it
    STAGE_ENTERED = "stage.entered"      # destination: all a stage needs to begin again
    IVR_NODE = "ivr.node"                # flow, node
    IVR_CHOICE = "ivr.choice"            # flow, digits, outcome chosen|wrong|none|repeat
    QUEUE_ENTERED = "queue.entered"      # queue, position
    QUEUE_LEFT = "queue.left"            # queue, outcome answered|abandoned|timed_out|overflowed, wait_s
    LEG_DIALED = "leg.dialed"            # party agent|extension|outside, target, agent, channel, absorbed (a call)
    LEG_RINGING = "leg.ringing"
    LEG_AUDIBLE = "leg.audible"          # its far end is heard before it answers; cause: saying why it will not, else 0
    LEG_ANSWERED = "leg.answered"        # assumed
    LEG_ENDED = "leg.ended"              # cause, by
    BRIDGE_JOINED = "bridge.joined"      # legs: the two that hear each other
    BRIDGE_LEFT = "bridge.left"          # legs
    HOLD_STARTED = "hold.started"
    HOLD_ENDED = "hold.ended"
    FLASHED = "flashed"                  # by: the leg that had this one's line flashed; digits to dial after it
    FAX_HEARD = "fax.heard"              # to: where a fax machine's call goes on, "" if it stays; destination or null
    TRANSFERRED = "transferred"          # to, party: the leg whose visit it is now, destination
    TRANSFER_FAILED = "transfer.failed"  # cause, party and destination as they were before
    CONSULTING = "consulting"            # to, held: the leg that waits meanwhile, party: that which asks, destination
    CONSULTED = "consulted"              # outcome joined|sent|back|alone (see Consulting), cause, party, destination
    EMERGENCY = "emergency"              # number, by: an emergency number is being called
    OUTSIDE_ALLOWED = "outside.allowed"  # by, number, distance, special, after_hours: it counts in the day's limits
    OUTSIDE_REFUSED = "outside.refused"  # by, number, reason; with a leg: it was allowed so far, and is ended
    PREEMPTED = "preempted"              # by: the emergency call this leg had to give its line or channel to
    HANDED_BACK = "handed.back"          # outcome joined|refused|unanswered|gone, to: the trunk whose carrier was asked
    #                                      to join two who talk by it itself
    DIGIT = "digit"                      # digit, via
    RECORDING_STARTED = "recording.started"    # path, relative to the home
    RECORDING_ENDED = "recording.ended"  # path, duration_s
    GAP = "gap"                          # reason exchange|gateway, from_s: since then all is known only in part
    AGENT_STATE = "agent.state"          # agent, state, reason, extension, call_id of what it is busy with;
    #                                      since_s, idle_since_s, acw_s, acw_until_s, interrupted, wish: for a restart
    NOTED = "noted"                      # what note|disposition, by: of a call, also after its end; never the text
    CONFIG_CHANGED = "config.changed"    # revision, who, why
    CONFIG_CONFIRMED = "config.confirmed"  # revision, who: it was on trial, and stays
    RECORDS_ERASED = "records.erased"    # calls, name: a person was taken out of the records
    CLOCK_SET = "clock.set"              # step_s: times told before are as the clock was before; see `corrected`.
    #                                      Once of no call, and once of each that was under way
    LIMITS_RESET = "limits.reset"        # who: all that was called outside today is forgotten
    MESSAGES_WAITING = "messages.waiting"  # extension, source, new, who: so many new messages wait, by that source
    LINE_TESTED = "line.tested"          # line, by, outcome done|in|out|gone, verdict, findings: see firmware.lines
    SPAN_TESTED = "span.tested"          # span, slot, seconds, local, by, begun_s, state done|stopped|gone, slots,
    #                                      late, verdict, bits, errors: see firmware.lines.spantests
    LINE_LEARNING = "line.learning"      # line, by, state, heard, reason, tone: see firmware.lines.learning
    ALARM = "alarm"                      # see `alarm_data`
    ALARM_ACKNOWLEDGED = "alarm.acknowledged"  # name, subject, who, note: somebody has seen it and sees to it


class AlarmName(StrEnum):
    """The alarms that the exchange itself raises."""

    EMERGENCY_CALL = "emergency-call"
    LIMIT_NEAR = "outgoing-limit-near"        # 80 % of a daily limit of calls outside is used; the subject says which
    LIMIT_REACHED = "outgoing-limit-reached"  # all of it: no more is let out until midnight
    NOT_RECORDED = "recordings-storage"     # the disk takes no recordings; over with the next one it takes
    NO_RECORDS = "records-storage"          # the disk takes no records
    RECORDS_LOST = "records-lost"
    RECORDS_BROKEN = "records-broken"
    PROGRAM_LOST = "program-lost"           # a program of the box died or does not start
    GATEWAY_LOST = "gateway-lost"           # the exchange has no gateway
    DISK_SPACE = "disk-space"
    DISK_FILLING = "disk-filling"           # as it fills now, it is full within days
    DISK_READ_ONLY = "disk-read-only"
    CLOCK_JUMPED = "clock-jumped"
    CLOCK_UNSYNCHRONISED = "clock-unsynchronised"
    DATE_DOUBTED = "date-doubted"           # the date leapt ahead: nothing is deleted by it until that is acknowledged
    CLOCK_IMPOSSIBLE = "clock-impossible"   # it shows a time before this release was made
    CONNECTIONS_REFUSED = "connections-refused"  # more than one address, or all of them, may have
    CERTIFICATE_ENDS = "certificate-ends"   # within two weeks
    TRUNK_CERTIFICATE = "trunk-certificate"  # nobody trusted vouches for a carrier that is met by TLS
    MEDIA_LATE = "media-late"               # voices stutter
    QUEUE_WAIT = "queue-wait"
    NO_DIAL_TONE = "line-no-dial-tone"      # a test found none; the line is tested again until there is one
    NO_CALLS = "no-calls"                   # by a line or trunk, for days
    ROOM_MADE = "recordings-removed"        # too little room: the oldest recordings went before their time
    NOT_BACKED_UP = "backup"               # the last one on schedule failed, or none was made for too long
    WEBHOOK_FAILING = "webhook-failing"
    MAIL_FAILING = "mail-failing"


def alarm_data(
    name: str, subject: str, *, raised: bool, wrong: Wrong | None = None, by: str = "exchange"
) -> dict[str, Any]:
    """Return what an ALARM event holds; `name` is an AlarmName, or one of the gateway's.

    `code` and `facts` say what exactly is wrong, `detail` is the same as an English sentence.
    """
    code, facts = ("", {}) if wrong is None else (wrong.code, wrong.facts)
    return {
        "name": name, "subject": subject, "raised": raised, "detail": sentence(code, facts, "en", code), "code": code,
        "facts": facts, "by": by,
    }  # fmt: skip


class Event(msgspec.Struct, frozen=True):
    """One thing that happened. `at_s` is Unix time; `leg` is "" for the whole call, `call` "" where none is meant."""

    at_s: float
    kind: Kind
    call: str = ""
    leg: str = ""
    data: dict[str, Any] = {}


def shifted(event: Event, step_s: float) -> Event:
    """Return an event as it is told once the clock has been set by so much: all its times are so much later."""
    data = event.data
    if since_s := data.get("from_s"):
        data = data | {"from_s": since_s + step_s}
    destination = data.get("destination", {})
    if since_s := destination.get("since_s"):
        data = data | {"destination": destination | {"since_s": since_s + step_s}}
    return msgspec.structs.replace(event, at_s=event.at_s + step_s, data=data)


def corrected(events: Iterable[Event]) -> list[Event]:
    """Return events of calls, in the order in which they happened, with all times by the clock as it was set last.

    So what lasted a second is a second long, whatever happened to the clock meanwhile; and a call that came before
    the box had learned the date is found where it belongs. CLOCK_SET itself is left out.
    """
    steps: dict[str, float] = {}
    found = []
    for event in reversed([*events]):
        if event.kind is Kind.CLOCK_SET:
            steps[event.call] = steps.get(event.call, 0.0) + event.data["step_s"]
        else:
            step_s = steps.get(event.call)
            found.append(event if step_s is None else shifted(event, step_s))
    return found[::-1]


class Bus:
    """Tells every listener of every event, in order, at once; a listener never waits, and what it raises is logged.

    What a listener publishes is told after the event at hand: all listeners see the same order.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], None]] = []
        self._untold: deque[Event] = deque()
        self._telling = False

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Add a listener; what is returned takes it away again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, event: Event) -> None:
        """Tell all listeners, those of the lower rooms (which subscribed first) before the others."""
        self._untold.append(event)
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                next_event = self._untold.popleft()
                for listener in tuple(self._listeners):
                    try:
                        listener(next_event)
                    except Exception:  # a fault in who looks on must not end a call, nor keep the others from looking
                        log.exception("call %s: a listener failed at %s", next_event.call, next_event)
        finally:
            self._telling = False
