"""The record of one call (CDR): what reports read, and what they are made of."""

import msgspec


class Segment(msgspec.Struct, frozen=True):
    """A part of a call. Segments may overlap: an agent's telephone rings while the caller waits.

    kind: ivr (who: the flow), wait (the queue), ring, talk (the other party: an agent's number, an extension's, or a
    target), hold (who put the other on hold; `caller` from outside), transfer (the number asked for), acw (the agent),
    consult (who asked somebody while the other was on hold, and whom: `201>204`).
    What happened at one moment is a segment of no length: fax (a fax machine calls; where it was sent, or ""),
    refused (why it was not let outside, or no longer), preempted
    (the emergency call that got its line), emergency (the number), handed_back (the trunk to whose carrier two were
    handed back, who talk on there).
    `leg` is the leg concerned, "" for the whole call.
    """

    kind: str
    who: str
    leg: str
    since_s: float
    duration_s: float


NOT_OURS = "not_ours"  # the outcome of a call that something else on the line answers


class Cdr(msgspec.Struct, frozen=True):
    """A closed call. Times are Unix seconds, `*_s` lengths in seconds.

    outcome: `answered` (somebody talked with the caller); else what the last queue made of it: `abandoned` (the caller
    hung up while waiting), `timed_out`, `overflowed`; else what became of the party called: `busy`, `no_answer`,
    `refused`, `failed`; else `ivr` (ended while listening), `no_answer` (the caller gave up before anything), `refused`
    (the box did not take it), `not_ours` (it rang on a line that something else answers, or answered), `feature` (a
    feature code was dialled), `failed` (the box or its gateway broke).
    by: who ended it: caller, agent, extension, outside, exchange or gateway; carrier: nobody, it was handed back.
    `cause` is a Q.850 number.
    via: the line or trunk it came by, else the first it went out by (`line:1`, `trunk:carrier`), "" for neither.
    gap: why the journal may miss something: "" (it does not), `exchange`, `gateway`; `gap_s` for how long.
    """

    call_id: str
    direction: str
    source: str
    did: str
    number: str
    e164: str
    name: str
    withheld: bool
    started_s: float
    answered_s: float | None
    ended_s: float
    duration_s: float
    outcome: str
    cause: int
    by: str
    queue: str
    agent: str
    wait_s: float
    talk_s: float
    hold_s: float
    recordings: tuple[str, ...]
    gap: str
    gap_s: float
    segments: tuple[Segment, ...]
    via: str = ""
