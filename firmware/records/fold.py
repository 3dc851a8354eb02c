"""From the events of one call (CEL) to its one record (CDR): a pure function."""

from collections.abc import Sequence
from typing import Any

from drivers.link.causes import (
    CALL_REJECTED,
    NO_ANSWER,
    NO_USER_RESPONDING,
    NON_SELECTED_USER_CLEARING,
    NORMAL_CLEARING,
    TEMPORARY_FAILURE,
    USER_BUSY,
)
from firmware.events import Event, Kind
from firmware.records.cdr import NOT_OURS, Cdr, Segment

OUTSIDE = ("line", "trunk")  # what a source or a target begins with that leads out of the box
Key = tuple[str, str]  # a segment's kind, and its leg or who it is about


def fold(events: Sequence[Event]) -> Cdr:
    """Return the record of a call whose events these are, CALL_OFFERED first.

    What an exchange did not live to tell is concluded from the rest: who was in a queue when the call ended has
    abandoned it, and whatever was open ended with its leg or with the call. After-call work, which may end long after
    the call, is not in it.
    """
    return _Folding(events[0]).of(events)


class _Folding:
    def __init__(self, offered: Event) -> None:
        self._offered = offered
        source = str(offered.data["source"])
        kind, _, extension = source.partition(":")
        self._via = source if kind in OUTSIDE else ""
        self._targets: dict[str, str] = {"1": extension if kind == "extension" else "caller"}
        self._purposes: dict[str, str] = {"1": "caller"}
        self._caller = "1"
        self._answered_s: float | None = None
        self._ended: Event | None = None
        self._open: dict[Key, tuple[str, float]] = {}   # who, since
        self._segments: list[Segment] = []
        self._bridge: set[str] = set()
        self._asks = ""                                 # the leg that asks somebody, or did when the caller hung up
        self._held = ""                                 # who waits meanwhile
        self._to = ""                                   # whom they want to ask
        self._feature = self._elsewhere = False
        self._queue = ""
        self._queue_outcome = ""
        self._wait_told = False
        self._agent = ""
        self._direction: str = offered.data["direction"]
        self._last_cause: int | None = None
        self._recordings: list[str] = []
        self._gaps: dict[str, float] = {}

    def of(self, events: Sequence[Event]) -> Cdr:
        for event in events:
            self._take(event)
        last_s = max(event.at_s for event in events)
        ended_s = self._ended.at_s if self._ended is not None else last_s
        self._end_all(ended_s)
        return self._cdr(ended_s)

    # ---- event by event ----------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        data, at_s, leg = event.data, event.at_s, event.leg
        match event.kind:
            case Kind.CALL_ANSWERED:
                self._answered_s = at_s
            case Kind.STAGE_ENTERED:
                self._stage(data["destination"], at_s)
            case Kind.QUEUE_ENTERED:
                self._queue, self._queue_outcome = data["queue"], ""
                self._begin("wait", "", self._queue, at_s)
            case Kind.QUEUE_LEFT:
                self._queue_outcome = data["outcome"]
                self._end("wait", "", at_s)
            case Kind.LEG_DIALED:
                if not self._via and str(data["target"]).partition(":")[0] in OUTSIDE:
                    self._via = str(data["target"]).rpartition(":")[0]
                self._targets[leg] = data["agent"] or str(data["target"]).removeprefix("extension:")
                self._purposes[leg] = data["party"]
                if "absorbed" not in data:
                    self._begin("ring", leg, self._targets[leg], at_s)
            case Kind.LEG_ANSWERED:
                self._end("ring", leg, at_s)
            case Kind.BRIDGE_JOINED:
                self._joined(data["legs"], at_s)
            case Kind.BRIDGE_LEFT:
                self._parted(at_s)
            case Kind.HOLD_STARTED:
                self._begin("hold", leg, self._targets.get(leg, ""), at_s)
            case Kind.HOLD_ENDED:
                self._end("hold", leg, at_s)
            case Kind.TRANSFERRED:
                self._caller = data["party"]
                self._end("hold", leg, at_s)
                self._begin("transfer", leg, data["to"], at_s)
            case Kind.TRANSFER_FAILED:
                self._caller = data["party"]
            case Kind.CONSULTING:
                self._end("hold", leg, at_s)
                self._asks, self._held, self._to = leg, data["held"], data["to"]
                self._begin("hold", self._held, self._who(leg), at_s)
            case Kind.CONSULTED:
                self._consulted(data, at_s)
            case Kind.LEG_ENDED:
                self._leg_ended(leg, data, at_s)
            case Kind.OUTSIDE_REFUSED:
                self._segments.append(Segment("refused", data["reason"], leg, at_s, 0.0))
            case Kind.FAX_HEARD:
                self._segments.append(Segment("fax", data["to"], leg, at_s, 0.0))
            case Kind.HANDED_BACK if data["outcome"] == "joined":
                self._segments.append(Segment("handed_back", data["to"], leg, at_s, 0.0))
            case Kind.PREEMPTED:
                self._segments.append(Segment("preempted", data["by"], leg, at_s, 0.0))
            case Kind.EMERGENCY:
                self._segments.append(Segment("emergency", data["number"], "", at_s, 0.0))
            case Kind.RECORDING_STARTED:
                self._recordings.append(data["path"])
            case Kind.GAP:
                reason = data["reason"]
                self._gaps[reason] = self._gaps.get(reason, 0.0) + max(0.0, at_s - data["from_s"])
            case Kind.CALL_ENDED:
                self._ended = event

    def _stage(self, destination: dict[str, Any], at_s: float) -> None:
        kind, name = destination["kind"], destination.get("name", "")
        for open_kind, who in [key for key in self._open if key[0] == "ivr"]:
            if (kind, name) != ("flow", who):
                self._end(open_kind, who, at_s)
        self._feature = kind == "feature" or (self._feature and kind == "hangup")
        self._elsewhere = kind == "elsewhere"
        if kind == "flow":
            self._begin("ivr", name, name, at_s)
        elif kind == "number" and self._offered.data["source"].startswith("extension:") and not self._asks:
            self._direction = "out"

    def _consulted(self, data: dict[str, Any], at_s: float) -> None:
        """A consultation is over; who asks alone, since the caller hung up, goes on asking."""
        self._end("hold", self._held, at_s)
        if data["outcome"] == "alone":
            return
        if data["outcome"] == "sent":
            self._begin("transfer", self._asks, self._to, at_s)
        if data["outcome"] != "back":
            self._caller = data["party"]
        self._asks = self._held = ""

    def _ask(self, legs: list[str], at_s: float) -> None:
        """Note that who asks hears somebody: whom they ask, or in between the one who waits for them."""
        self._parted(at_s)
        other = next((leg for leg in legs if leg != self._asks), legs[-1])
        if other == self._held:
            self._end("hold", self._held, at_s)
            self._begin("talk", self._talked(), self._who(self._talked()), at_s)
        else:
            if self._held:
                self._begin("hold", self._held, self._who(self._asks), at_s)
            self._begin("consult", self._asks, f"{self._who(self._asks)}>{self._who(other)}", at_s)
        self._bridge = {*legs}

    def _talked(self) -> str:
        """Return whose leg a talk of the one who asks with the one who waits is noted of."""
        return self._asks if self._held == self._caller else self._held

    def _who(self, leg: str) -> str:
        return self._targets.get(leg, "")

    def _joined(self, legs: list[str], at_s: float) -> None:
        if self._asks in legs:
            if self._bridge != {*legs}:
                self._ask(legs, at_s)
            return
        other = next((leg for leg in legs if leg != self._caller), legs[-1])
        if self._purposes.get(other) == "agent":
            self._agent = self._targets[other]
        for transfer in [key for key in self._open if key[0] == "transfer"]:
            self._end(*transfer, at_s)
        if self._bridge != {*legs}:
            self._parted(at_s)
        self._begin("talk", other, self._targets.get(other, ""), at_s)
        self._bridge = {*legs}

    def _parted(self, at_s: float) -> None:
        for leg in self._bridge:
            self._end("talk", leg, at_s)
            self._end("consult", leg, at_s)
        self._bridge.clear()

    def _leg_ended(self, leg: str, data: dict[str, Any], at_s: float) -> None:
        if leg in self._bridge:
            self._parted(at_s)
        for kind in ("ring", "hold"):
            self._end(kind, leg, at_s)
        if leg != self._caller:
            self._last_cause = data["cause"]

    # ---- segments ----------------------------------------------------------------------------------------------------

    def _begin(self, kind: str, leg: str, who: str, at_s: float) -> None:
        """Open a segment, unless an earlier exchange did so already."""
        self._open.setdefault((kind, leg), (who, at_s))

    def _end(self, kind: str, leg: str, at_s: float) -> None:
        opened = self._open.pop((kind, leg), None)
        if opened is not None:
            who, since_s = opened
            of_leg = leg if kind in ("ring", "talk", "hold", "transfer", "consult") else ""
            self._segments.append(Segment(kind, who, of_leg, since_s, max(0.0, at_s - since_s)))

    def _end_all(self, ended_s: float) -> None:
        """Close what the end of the call closed."""
        if ("wait", "") in self._open:
            talk_s = [segment.since_s for segment in self._segments if segment.kind == "talk"]
            self._queue_outcome = "answered" if talk_s else "abandoned"
            self._end("wait", "", min([*talk_s, ended_s]))
        for kind, leg in [*self._open]:
            self._end(kind, leg, ended_s)

    # ---- the record --------------------------------------------------------------------------------------------------

    def _cdr(self, ended_s: float) -> Cdr:
        offered = self._offered
        cause = self._ended.data["cause"] if self._ended is not None else TEMPORARY_FAILURE
        by = self._ended.data["by"] if self._ended is not None else "exchange"
        segments = tuple(sorted(self._segments, key=lambda segment: (segment.since_s, segment.kind)))
        return Cdr(
            call_id=offered.call,
            direction=self._direction,
            source=offered.data["source"],
            did=offered.data["did"],
            number=offered.data["number"],
            e164=offered.data["e164"],
            name=offered.data["name"],
            withheld=offered.data["withheld"],
            started_s=offered.at_s,
            answered_s=self._answered_s,
            ended_s=ended_s,
            duration_s=max(0.0, ended_s - offered.at_s),
            outcome=self._outcome(segments, cause, by),
            cause=cause,
            by=by,
            queue=self._queue,
            agent=self._agent,
            wait_s=total(segments, "wait"),
            talk_s=total(segments, "talk"),
            hold_s=total(segments, "hold"),
            recordings=tuple(self._recordings),
            gap=",".join(sorted(self._gaps)),
            gap_s=sum(self._gaps.values()),
            segments=segments,
            via=self._via,
        )

    def _outcome(self, segments: Sequence[Segment], cause: int, by: str) -> str:
        kinds = {segment.kind for segment in segments}
        if "talk" in kinds:
            return "answered"
        if self._elsewhere or cause == NON_SELECTED_USER_CLEARING:
            return NOT_OURS
        if by == "gateway" and cause == TEMPORARY_FAILURE:
            return "failed"
        if self._offered.data.get("originated") and self._answered_s is None:
            return _of_party(cause)  # who asked for the call did not take up their own telephone
        if self._queue_outcome and self._queue_outcome != "answered":
            return self._queue_outcome
        if "wait" in kinds:
            return "abandoned"  # an agent answered, but the caller was gone before they heard each other
        if self._feature:
            return "feature"
        if "ring" in kinds:
            return _of_party(self._last_cause)
        if "ivr" in kinds:
            return "ivr"
        if by == "caller":
            return "no_answer"
        return "failed" if cause == TEMPORARY_FAILURE else "refused"


def _of_party(cause: int | None) -> str:
    """Return what became of a call to somebody who did not talk, by their leg's cause."""
    if cause == USER_BUSY:
        return "busy"
    if cause == CALL_REJECTED:
        return "refused"
    unanswered = (None, NORMAL_CLEARING, NO_ANSWER, NO_USER_RESPONDING)
    return "no_answer" if cause in unanswered else "failed"


def total(segments: Sequence[Segment], kind: str) -> float:
    """Return how long the segments of a kind lasted together."""
    return sum(segment.duration_s for segment in segments if segment.kind == kind)
