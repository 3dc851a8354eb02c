"""One call's events become one record, also when the end of the story is missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events import Event, Kind, corrected
from firmware.records.fold import fold


class Story:
    """Events of one call, told in seconds from its beginning."""

    def __init__(self, source: str = "line:1", **data: Any) -> None:
        self.events: list[Event] = []
        inside = source.startswith("extension:")
        self.at(0, Kind.CALL_OFFERED, "1", **{
            "direction": "internal" if inside else "in", "source": source, "did": "", "number": "13800138000",
            "e164": "+8613800138000", "name": "", "withheld": False, "channel": "g-1",
        } | data)

    def at(self, second: float, kind: Kind, leg: str = "", **data: Any) -> "Story":
        self.events.append(Event(1000.0 + second, kind, "g-1", leg, data))
        return self

    def enters(self, second: float, kind: str, name: str, node: str = "") -> "Story":
        return self.at(second, Kind.STAGE_ENTERED, destination={"kind": kind, "name": name, "node": node})

    def dials(self, second: float, leg: str, party: str, target: str, agent: str = "") -> "Story":
        return self.at(second, Kind.LEG_DIALED, leg, party=party, target=target, agent=agent, channel=f"g-1.{leg}")

    def leg_ends(self, second: float, leg: str, cause: int = 16, by: str = "party") -> "Story":
        return self.at(second, Kind.LEG_ENDED, leg, cause=cause, by=by)

    def ends(self, second: float, cause: int = 16, by: str = "caller") -> "Story":
        return self.at(second, Kind.CALL_ENDED, cause=cause, by=by)

    @property
    def cdr(self):
        return fold(self.events)

    @property
    def parts(self) -> list[tuple[str, str, float, float]]:
        """Return the segments: kind, who, from second, to second."""
        return [
            (s.kind, s.who, s.since_s - 1000, s.since_s - 1000 + s.duration_s) for s in self.cdr.segments
        ]


def originated() -> Story:
    """Return the beginning of a call asked for at a page: the own telephone is rung first."""
    return Story("extension:201", did="202", number="201", originated=True).at(0.2, Kind.LEG_RINGING, "1")


@pytest.mark.parametrize(("cause", "outcome"), [(19, "no_answer"), (17, "busy"), (21, "refused")])
def test_a_call_asked_for_at_a_page_is_what_became_of_the_own_telephone(cause, outcome):
    story = originated().leg_ends(30, "1", cause, "gateway").ends(30, cause, "gateway")
    assert (story.cdr.outcome, story.cdr.answered_s) == (outcome, None)


def test_a_call_asked_for_at_a_page_is_like_a_dialled_one_once_it_is_answered():
    story = originated().at(2, Kind.CALL_ANSWERED, "1").enters(2, "extension", "202")
    story.dials(2, "2", "extension", "extension:202").leg_ends(9, "2", 17).leg_ends(9, "1", 17, "exchange")
    assert story.ends(9, 17, "exchange").cdr.outcome == "busy"


def served_caller() -> Story:
    return (
        Story()
        .enters(0, "flow", "main").at(0.1, Kind.CALL_ANSWERED, "1").enters(3, "flow", "main", "menu")
        .enters(10, "queue", "service").at(10, Kind.QUEUE_ENTERED, queue="service", position=1)
        .dials(11, "2", "agent", "extension:201", "1001")
        .at(11.2, Kind.LEG_RINGING, "2").at(14, Kind.LEG_ANSWERED, "2")
        .at(14.1, Kind.BRIDGE_JOINED, legs=["1", "2"])
        .at(14.1, Kind.QUEUE_LEFT, queue="service", outcome="answered", wait_s=4.1)
    )


def test_a_caller_who_was_served_has_the_time_of_each_part():
    story = (
        served_caller()
        .at(14.1, Kind.RECORDING_STARTED, "1", path="recordings/a.wav")
        .at(20, Kind.HOLD_STARTED, "2").at(25, Kind.HOLD_ENDED, "2")
        .at(60, Kind.BRIDGE_LEFT, legs=["1", "2"]).leg_ends(60, "2").leg_ends(60.1, "1", by="exchange")
        .at(60.2, Kind.RECORDING_ENDED, "1", path="recordings/a.wav", duration_s=46.0)
        .ends(60.1, by="agent")
    )
    cdr = story.cdr
    assert (cdr.outcome, cdr.by, cdr.cause, cdr.queue, cdr.agent) == ("answered", "agent", 16, "service", "1001")
    assert (cdr.started_s, cdr.answered_s, cdr.ended_s) == (1000.0, 1000.1, 1060.1)
    assert (cdr.wait_s, cdr.talk_s, cdr.hold_s, cdr.duration_s) == pytest.approx((4.1, 45.9, 5.0, 60.1))
    assert cdr.recordings == ("recordings/a.wav",)
    assert story.parts == [
        ("ivr", "main", 0, 10), ("wait", "service", 10, pytest.approx(14.1)), ("ring", "1001", 11, 14),
        ("talk", "1001", pytest.approx(14.1), 60), ("hold", "1001", 20, 25),
    ]


def test_a_caller_who_hangs_up_while_waiting_has_abandoned_the_queue():
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.leg_ends(12, "1").at(12, Kind.QUEUE_LEFT, queue="service", outcome="abandoned", wait_s=12.0).ends(12)
    assert (story.cdr.outcome, story.cdr.wait_s, story.cdr.agent) == ("abandoned", 12.0, "")


def test_a_queue_that_nobody_lived_to_close_was_abandoned_when_the_call_ended():
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.at(30, Kind.GAP, reason="exchange", from_s=1005.0).leg_ends(12, "1").ends(12)
    assert (story.cdr.outcome, story.cdr.wait_s) == ("abandoned", 12.0)
    assert (story.cdr.gap, story.cdr.gap_s) == ("exchange", 25.0)


def test_a_talk_that_began_while_nobody_wrote_ends_the_wait():
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.dials(1, "2", "agent", "extension:201", "1001").at(5, Kind.LEG_ANSWERED, "2")
    story.at(6, Kind.BRIDGE_JOINED, legs=["1", "2"]).leg_ends(40, "1").leg_ends(40, "2", by="exchange").ends(40)
    assert (story.cdr.outcome, story.cdr.wait_s, story.cdr.talk_s, story.cdr.agent) == ("answered", 6.0, 34.0, "1001")


def test_an_agent_who_answered_a_caller_that_was_gone_has_not_served_anybody():
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.dials(1, "2", "agent", "extension:201", "1001").at(5, Kind.LEG_ANSWERED, "2").leg_ends(5.01, "1")
    story.at(5.02, Kind.QUEUE_LEFT, queue="service", outcome="answered", wait_s=5.0).ends(5.01)
    assert (story.cdr.outcome, story.cdr.talk_s, story.cdr.agent) == ("abandoned", 0.0, "")


def test_a_second_exchange_that_enters_a_stage_again_does_not_begin_its_part_again():
    story = served_caller()
    story.at(30, Kind.GAP, reason="exchange", from_s=1020.0).enters(30, "queue", "service", "talking")
    story.at(30, Kind.BRIDGE_JOINED, legs=["1", "2"]).leg_ends(50, "1").leg_ends(50, "2").ends(50)
    assert [part for part in story.parts if part[0] in ("wait", "talk")] == [
        ("wait", "service", 10, pytest.approx(14.1)), ("talk", "1001", pytest.approx(14.1), 50),
    ]


def test_a_transfer_lasts_until_the_next_one_talks_and_both_talks_count():
    story = served_caller()
    story.at(30, Kind.TRANSFERRED, "2", to="203", party="1", destination={"kind": "extension", "name": "203"})
    story.enters(30, "extension", "203").dials(30, "3", "extension", "extension:203")
    story.at(30.1, Kind.BRIDGE_LEFT, legs=["1", "2"]).leg_ends(30.1, "2", by="exchange")
    story.at(35, Kind.LEG_ANSWERED, "3").at(35, Kind.BRIDGE_JOINED, legs=["1", "3"])
    story.leg_ends(45, "1").leg_ends(45, "3", by="exchange").ends(45)
    assert ("transfer", "203", 30, 35) in story.parts
    assert (story.cdr.talk_s, story.cdr.agent) == (pytest.approx(16.0 + 10.0), "1001")


def test_who_is_transferred_by_the_caller_is_the_one_whose_visit_goes_on():
    story = Story("extension:201", number="201", e164="").enters(0, "number", "10086").at(0, Kind.CALL_ANSWERED, "1")
    story.dials(0, "2", "outside", "line:1:10086").at(4, Kind.LEG_ANSWERED, "2")
    story.at(4, Kind.BRIDGE_JOINED, legs=["1", "2"])
    story.at(20, Kind.TRANSFERRED, "1", to="202", party="2", destination={"kind": "extension", "name": "202"})
    story.leg_ends(20, "1", by="exchange").dials(20, "3", "extension", "extension:202")
    story.at(23, Kind.LEG_ANSWERED, "3").at(23, Kind.BRIDGE_JOINED, legs=["2", "3"])
    story.leg_ends(50, "2").leg_ends(50, "3", by="exchange").ends(50, by="outside")
    talks = [part for part in story.parts if part[0] == "talk"]
    assert talks == [("talk", "line:1:10086", 4, 20), ("talk", "202", 23, 50)]
    assert story.cdr.direction == "out"


@pytest.mark.parametrize(
    ("cause", "outcome"), [(17, "busy"), (19, "no_answer"), (16, "no_answer"), (21, "refused"), (27, "failed")]
)
def test_a_call_to_somebody_who_did_not_talk_says_why(cause, outcome):
    story = Story().enters(0, "extension", "201").dials(0, "2", "extension", "extension:201")
    story.leg_ends(3, "2", cause, "party").leg_ends(5, "1", cause, "exchange").ends(5, cause, "exchange")
    assert story.cdr.outcome == outcome


@pytest.mark.parametrize("outcome", ["timed_out", "overflowed"])
def test_a_caller_whom_the_queue_sent_away_has_its_outcome(outcome):
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.at(30, Kind.QUEUE_LEFT, queue="service", outcome=outcome, wait_s=30.0).enters(30, "hangup", "")
    story.leg_ends(31, "1", 16, "exchange").ends(31, 16, "exchange")
    assert story.cdr.outcome == outcome


def test_a_caller_who_only_listened_was_in_the_ivr():
    assert Story().enters(0, "flow", "main").leg_ends(5, "1").ends(5).cdr.outcome == "ivr"


def test_a_caller_who_went_before_anything_was_not_answered_and_one_nobody_wanted_was_refused():
    assert Story().leg_ends(1, "1").ends(1).cdr.outcome == "no_answer"
    refused = Story().enters(0, "hangup", "1").leg_ends(1, "1", 1, "exchange").ends(1, 1, "exchange")
    assert refused.cdr.outcome == "refused"


def test_a_feature_code_is_no_call_to_anybody():
    story = Story("extension:201").enters(0, "feature", "*20").at(0, Kind.CALL_ANSWERED, "1").enters(2, "hangup", "")
    assert story.leg_ends(2, "1", 16, "exchange").ends(2, 16, "exchange").cdr.outcome == "feature"


def test_a_caller_lost_with_the_gateway_has_a_failed_call_that_ends_when_the_gateway_did():
    story = Story().enters(0, "queue", "service").at(0, Kind.QUEUE_ENTERED, queue="service", position=1)
    story.at(20, Kind.GAP, reason="gateway", from_s=1018.0).leg_ends(20, "1", 41, "gateway").ends(20, 41, "gateway")
    assert (story.cdr.outcome, story.cdr.cause, story.cdr.gap, story.cdr.gap_s) == ("failed", 41, "gateway", 2.0)


def test_nothing_lasts_longer_than_the_call_or_less_than_no_time():
    story = served_caller().leg_ends(30, "1").leg_ends(30.5, "2", by="exchange").ends(30)
    assert all(part[3] <= 30.5 and part[3] >= part[2] for part in story.parts)
    assert story.cdr.talk_s == pytest.approx(15.9)


def whole_story() -> Story:
    """A call with everything in it: menu, wait, two agents rung, talk, hold, transfer, recording."""
    story = served_caller().dials(10.5, "4", "agent", "extension:204", "1004").leg_ends(10.9, "4", 21)
    story.at(14.1, Kind.RECORDING_STARTED, "1", path="a.wav").at(20, Kind.HOLD_STARTED, "2")
    story.at(25, Kind.HOLD_ENDED, "2").at(26, Kind.GAP, reason="exchange", from_s=1022.0)
    story.at(30, Kind.TRANSFERRED, "2", to="203", party="1", destination={"kind": "extension", "name": "203"})
    story.enters(30, "extension", "203").dials(30, "3", "extension", "extension:203")
    story.at(30.1, Kind.BRIDGE_LEFT, legs=["1", "2"]).leg_ends(30.1, "2", by="exchange")
    story.at(35, Kind.LEG_ANSWERED, "3").at(35, Kind.BRIDGE_JOINED, legs=["1", "3"]).leg_ends(45, "1")
    story.at(45, Kind.BRIDGE_LEFT, legs=["1", "3"]).leg_ends(45, "3", by="exchange")
    return story.at(45.2, Kind.RECORDING_ENDED, "1", path="a.wav", duration_s=31.0).ends(45)


@given(st.sets(st.integers(1, len(whole_story().events) - 1)))
def test_whatever_was_never_written_a_record_comes_of_the_rest(missing):
    events = [event for place, event in enumerate(whole_story().events) if place not in missing]
    cdr = fold(events)
    assert cdr.started_s <= cdr.ended_s <= 1045.2
    assert all(0 <= segment.duration_s <= 45.2001 and segment.since_s >= cdr.started_s for segment in cdr.segments)
    assert (cdr.outcome == "answered") == any(segment.kind == "talk" for segment in cdr.segments)
    if not missing:
        assert (cdr.talk_s, cdr.wait_s, cdr.hold_s) == pytest.approx((26.0, 4.1, 5.0))


@given(st.lists(st.tuples(st.integers(1, len(whole_story().events) - 1), st.floats(-1e9, 1e9)), min_size=1, max_size=5))
def test_wherever_the_clock_was_set_all_lasts_as_long_as_it_did_and_is_told_by_the_last_one(steps):
    told, ahead_s = [], 0.0
    for place, event in enumerate(whole_story().events):
        for step_s in [step_s for at, step_s in steps if at == place]:
            ahead_s += step_s
            told.append(Event(event.at_s + ahead_s, Kind.CLOCK_SET, "g-1", "", {"step_s": step_s}))
        data = event.data | ({"from_s": event.data["from_s"] + ahead_s} if "from_s" in event.data else {})
        told.append(Event(event.at_s + ahead_s, event.kind, event.call, event.leg, data))
    cdr, whole = fold(corrected(told)), whole_story().cdr
    for name in ("duration_s", "wait_s", "talk_s", "hold_s", "gap_s"):
        assert getattr(cdr, name) == pytest.approx(getattr(whole, name), abs=1e-3), name
    for name in ("started_s", "answered_s", "ended_s"):
        assert getattr(cdr, name) == pytest.approx(getattr(whole, name) + ahead_s, abs=1e-3), name
    lasted, usual = (
        {(one.kind, one.who, one.leg): (one.since_s - record.started_s, one.duration_s) for one in record.segments}
        for record in (cdr, whole)
    )
    assert lasted.keys() == usual.keys()
    for segment, times in lasted.items():
        assert times == pytest.approx(usual[segment], abs=1e-3), segment


def test_a_call_that_was_not_let_outside_says_why():
    story = Story("extension:201").enters(0, "number", "0012125551234")
    story.at(0, Kind.OUTSIDE_REFUSED, by="201", number="0012125551234", reason="rights:international")
    story.at(0.1, Kind.CALL_ANSWERED, "1").leg_ends(4, "1", 21, "exchange").ends(4, 21, "exchange")
    assert story.parts == [("refused", "rights:international", 0, 0)]
    assert (story.cdr.outcome, story.cdr.cause, story.cdr.direction) == ("refused", 21, "out")


def test_a_call_that_gave_way_names_the_call_for_help():
    story = Story("extension:201").enters(0, "number", "10086").dials(1, "2", "outside", "line:4:10086")
    story.at(3, Kind.LEG_ANSWERED, "2").at(3, Kind.BRIDGE_JOINED, legs=["1", "2"])
    story.at(9, Kind.PREEMPTED, "2", by="g-7").leg_ends(9, "2", 8, "exchange").ends(14, 8, "exchange")
    assert ("preempted", "g-7", 9, 9) in story.parts
    assert (story.cdr.outcome, story.cdr.cause, story.cdr.talk_s) == ("answered", 8, 6)


def test_a_call_for_help_says_so():
    story = Story("extension:201").enters(0, "number", "110").at(0, Kind.EMERGENCY, number="110", by="extension:201")
    assert story.ends(9).parts == [("emergency", "110", 0, 0)]
