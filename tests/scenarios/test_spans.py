"""Calls on digital spans of a whole box without a card: the simulated office is the carrier, and an old PBX behind."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.link.causes import USER_BUSY
from drivers.link.office import Report, SpanFault, SpanVariant, Subscriber
from tests import audio
from tests.peers.baresip import Phone
from tests.peers.box import Box
from tests.peers.office import Caller, Office
from tests.scenarios.conftest import AGENT_HZ, CALLER_HZ
from tests.scenarios.talks import recording
from tests.scenarios.test_alarms import raised, until

Records = Callable[..., dict[str, Any]]
Phones = Callable[..., Phone]
CARRIER, PBX = 1, 2
OLD_HOUSE = {"number": "300", "last": "399", "group": "pbx", "name": "Old house"}  # extensions of the PBX
OUR_NUMBER, FRIEND, FRIEND_HZ = "62348801", "62340000", 1200.0
AWAY, MOBILE = "62348802", "62340002"   # a number of ours, and where it is forwarded


@pytest.fixture(scope="module", autouse=True)
def spans(box: Box) -> None:
    """A number of the carrier leads to the queue, whose agent is 201; so do all calls of the old PBX."""
    config = box.ask("config.export", secrets=True)
    box.configure(
        spans=[{"number": CARRIER}, {"number": PBX, "clock": 0, "pri": {"side": "network"}}],
        groups=[
            {"name": "carrier", "channels": [str(CARRIER)], "numbers": [OUR_NUMBER], "hand_back": True},
            {"name": "pbx", "channels": [str(PBX)]},
        ],
        routes=[
            {"name": "ours", "source": "trunk:carrier", "did": OUR_NUMBER, "to": "queue:service"},
            {"name": "away", "source": "trunk:carrier", "did": AWAY, "to": f"number:{MOBILE}"},
            {"name": "old", "source": "trunk:pbx", "to": "queue:service"},
            *config["routes"],
        ],
        outgoing=[{"name": "outside", "min_digits": 5, "via": ["trunk:carrier"]}],
        queues=[config["queues"][0] | {"agents": ["201"], "acw_s": 1}],
        extensions=[*config["extensions"], OLD_HOUSE],
    )


@pytest.fixture
def agent(box: Box, phone: Phones) -> Iterator[Phone]:
    """The telephone of agent 201, who is logged in, once both spans are up."""
    until(lambda: all(span["signalling"] == "up" for span in box.ask("span.list")))
    agent = phone("201", answer=True)
    box.ask("agent.login", number="201")
    yield agent
    box.ask("agent.logout", number="201")


def of_spans(box: Box) -> set[tuple[str, str]]:
    return {(name, subject) for name, subject in raised(box) if subject.startswith("span")}


@pytest.fixture
def faults(office: Office) -> Iterator[Callable[[SpanFault], None]]:
    """Let something be wrong with a span until the test's end."""
    made: set[int] = set()

    def fail(fault: SpanFault) -> None:
        made.add(fault.span)
        office.order("span_fault", fault)

    yield fail
    for span in made:
        office.order("span_fault", SpanFault(span=span))


@pytest.mark.parametrize(("span", "to", "via"), [(CARRIER, OUR_NUMBER, "trunk:carrier"), (PBX, "201", "trunk:pbx")])
def test_a_caller_reaches_an_agent_and_both_are_heard(
    box: Box, office: Office, agent: Phone, records: Records, span: int, to: str, via: str
) -> None:
    number = f"1380013800{span}"
    caller = office.call_over(span, to, number, tone_hz=CALLER_HZ, hold_s=60)
    agent.wait_event("CALL_ESTABLISHED", 30)
    time.sleep(2)
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    report, record = caller.report(), records(number=number)
    assert (report.outcome, report.span) == ("answered", span)
    assert any(abs(peak.hz - AGENT_HZ) < 20 for second in report.heard.seconds for peak in second.frequencies)
    assert (record["via"], record["outcome"]) == (via, "answered")
    assert audio.hears_tone(recording(box, record).channel(0)[-audio.RATE_HZ :], CALLER_HZ)


def test_an_agent_calls_out_over_the_carrier(office: Office, agent: Phone, records: Records) -> None:
    office.order("subscriber", Subscriber(number=FRIEND, voice="tone", tone_hz=FRIEND_HZ, answer_after_s=1))
    agent.dial(FRIEND)
    agent.wait_event("CALL_ESTABLISHED", 30)
    time.sleep(2)
    agent.hang_up()
    report = office.dialled(FRIEND)
    assert (report.outcome, report.span, report.ended_by) == ("answered", CARRIER, "box")
    assert any(abs(peak.hz - AGENT_HZ) < 20 for second in report.heard.seconds for peak in second.frequencies)
    record = records(direction="out")
    assert (record["did"], record["via"]) == (FRIEND, "trunk:carrier")
    assert audio.hears_tone(audio.read_wav(agent.heard).channel(0)[-audio.RATE_HZ :], FRIEND_HZ)


def test_an_extension_of_the_pbx_is_called_calls_and_is_busy_as_any_other(
    box: Box, office: Office, agent: Phone, records: Records
) -> None:
    other = "62340345"
    office.order("subscriber", Subscriber(number="345", voice="tone", tone_hz=FRIEND_HZ, answer_after_s=1))
    office.order("subscriber", Subscriber(number="346", behaviour="busy"))
    agent.dial("345")
    agent.wait_event("CALL_ESTABLISHED", 30)
    time.sleep(2)
    agent.hang_up()
    report, record = office.dialled("345"), records(did="345")
    assert (report.outcome, report.span, report.ended_by) == ("answered", PBX, "box")
    assert (record["direction"], record["outcome"]) == ("internal", "answered")
    assert audio.hears_tone(audio.read_wav(agent.heard).channel(0)[-audio.RATE_HZ :], FRIEND_HZ)
    agent.dial("346")
    assert records(did="346")["cause"] == USER_BUSY
    office.order("subscriber", Subscriber(number=other, voice="silence"))
    for to, answered in (("201", True), (other, True), ("00441234567", False)):  # its rights are national
        office.call_over(PBX, to, "345", hold_s=1).report()
        record = records(did=to, number="345")
        assert (record["source"], record["outcome"] == "answered") == ("extension:345", answered), record
    listed = {one["number"]: one["registered"] for one in box.ask("extension.list") if one["group"]}
    assert len(listed) == 100
    assert all(listed.values())


def forwarded(box: Box, office: Office, number: str) -> Caller:
    """Return somebody who called a number of ours that is forwarded outside, and was answered there."""
    until(lambda: box.ask("span.list")[0]["signalling"] == "up")
    office.order("subscriber", Subscriber(number=MOBILE, voice="tone", tone_hz=FRIEND_HZ, answer_after_s=1))
    caller = office.call_over(CARRIER, AWAY, number, tone_hz=CALLER_HZ)
    until(lambda: [one for one in office.outgoing() if one.number == MOBILE and one.answered_s and not one.ended_by])
    return caller


def hears(report: Report, hertz: float) -> bool:
    """Tell whether somebody heard a tone in each of the last two whole seconds."""
    last = report.heard.seconds[-3:-1]
    return len(last) == 2 and all(any(abs(peak.hz - hertz) < 20 for peak in one.frequencies) for one in last)


def states(box: Box) -> set[str]:
    return {slot["state"] for slot in box.ask("span.list")[0]["slots"]} - {"signalling"}


def test_a_call_that_goes_back_out_is_handed_back_and_both_talk_on_without_the_box(
    box: Box, office: Office, records: Records
) -> None:
    number = "13800138006"
    caller = forwarded(box, office, number)
    record = records(number=number)     # it is closed, though they talk
    assert (record["outcome"], record["by"], record["via"]) == ("answered", "carrier", "trunk:carrier")
    assert [(one["kind"], one["who"]) for one in record["segments"][-2:]] == [
        ("talk", f"trunk:carrier:{MOBILE}"), ("handed_back", "trunk:carrier"),
    ]  # fmt: skip
    until(lambda: states(box) == {"idle"})
    assert office.order("spans")[0]["joined"] == 1
    until(lambda: "asks for joining both (ECT)" in box.command("span", "trace", str(CARRIER), "--once").stdout)
    time.sleep(3)
    caller.hang_up()
    far = office.dialled(MOBILE)
    assert (hears(caller.report(), FRIEND_HZ), hears(far, CALLER_HZ)) == (True, True)
    assert office.order("spans")[0]["joined"] == 0


def test_where_the_carrier_refuses_they_talk_on_through_the_box(
    box: Box, office: Office, records: Records, faults: Callable[[SpanFault], None]
) -> None:
    faults(SpanFault(span=CARRIER, joins=False))
    number = "13800138007"
    caller = forwarded(box, office, number)
    until(lambda: "refuses" in box.command("span", "trace", str(CARRIER), "--once").stdout)
    assert "in_use" in states(box)
    time.sleep(3)
    caller.hang_up()
    far, record = office.dialled(MOBILE), records(number=number)
    assert (hears(caller.report(), FRIEND_HZ), hears(far, CALLER_HZ)) == (True, True)
    assert (record["outcome"], record["by"]) == ("answered", "caller")
    assert record["talk_s"] >= 3


def lamps(office: Office) -> list[str]:
    """Return the extensions whose lamps the PBX has lit, as somebody sees who asks `busyhour office spans`."""
    return [str(number) for number in office.order("spans")[PBX - 1]["waiting"]]


def test_the_pbx_is_told_by_qsig_for_whom_messages_wait(
    box: Box, office: Office, faults: Callable[[SpanFault], None]
) -> None:
    unseen = box.command("extension", "waiting", "345", "2").stdout
    assert "not shown: no QSIG" in unseen
    config = box.ask("config.export", secrets=True)
    pbx = next(span for span in config["spans"] if span["number"] == PBX)
    office.order("span_variant", SpanVariant(span=PBX, variant="qsig"))
    box.configure(spans=[config["spans"][0], pbx | {"pri": pbx["pri"] | {"variant": "qsig"}}])
    until(lambda: lamps(office) == ["345"])
    box.command("extension", "waiting", "346", "1")
    until(lambda: lamps(office) == ["345", "346"])
    box.command("extension", "waiting", "345", "0")
    until(lambda: lamps(office) == ["346"])
    assert "messages wait for 346" in box.command("office", "spans").stdout
    for words in ("putting out the lamp of 345", "lighting the lamp of 346", "RELEASE COMPLETE  cause 16  agrees"):
        until(lambda words=words: words in box.command("span", "trace", str(PBX), "--once").stdout)
    box.ask("extension.waiting", number="204", new=1)
    moved = {"number": "204", "group": "pbx"}
    box.configure(extensions=[moved if one["number"] == "204" else one for one in config["extensions"]])
    until(lambda: lamps(office) == ["204", "346"])
    box.configure(extensions=config["extensions"])
    until(lambda: lamps(office) == ["346"])
    faults(SpanFault(span=PBX, dchannel=False))
    until(lambda: ("span-down", "span:2") in of_spans(box))
    box.command("extension", "waiting", "346", "0")
    faults(SpanFault(span=PBX))
    until(lambda: lamps(office) == [])  # told once its D-channel is back
    box.ask("extension.waiting", number="345", new=1)
    until(lambda: lamps(office) == ["345"])
    killed = box.kill("gateway")
    box.ask("extension.waiting", number="345", new=0)
    until(lambda: lamps(office) == [])  # by the next gateway, which never knew that there were any
    box.wait_back("gateway", killed)
    office.order("span_variant", SpanVariant(span=PBX, variant="euroisdn"))
    box.configure(spans=config["spans"])
    until(lambda: box.ask("span.list")[PBX - 1]["signalling"] == "up")


def test_a_talk_goes_on_while_the_signalling_is_cut_and_alarms_come_and_go(
    box: Box, office: Office, agent: Phone
) -> None:
    caller = office.call_over(CARRIER, OUR_NUMBER, "13800138003", tone_hz=CALLER_HZ)
    agent.wait_event("CALL_ESTABLISHED", 30)
    office.order("span_fault", SpanFault(span=CARRIER, dchannel=False))
    until(lambda: of_spans(box) == {("span-down", "span:1")})
    office.order("span_fault", SpanFault(span=CARRIER))
    until(lambda: not of_spans(box))
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    heard = [{round(peak.hz, -1) for peak in second.frequencies} for second in caller.report().heard.seconds]
    first = next(number for number, hertz in enumerate(heard) if AGENT_HZ in hertz)
    assert all(AGENT_HZ in hertz for hertz in heard[first:-1]), heard
    office.order("span_fault", SpanFault(span=CARRIER, alarm="red"))
    until(lambda: ("span-alarm", "span:1") in of_spans(box))
    office.order("span_fault", SpanFault(span=CARRIER))
    until(lambda: not of_spans(box))


@pytest.mark.parametrize(("behaviour", "outcome"), [("unknown", "unknown"), ("answers", "answered")])
def test_who_calls_through_from_the_old_pbx_hears_what_the_carrier_says_before_the_answer(
    box: Box, office: Office, agent: Phone, behaviour: Any, outcome: str
) -> None:
    number = "62340007"
    office.order(
        "subscriber",
        Subscriber(
            number=number, behaviour=behaviour, voice="tone", tone_hz=FRIEND_HZ, announced_s=4, answer_after_s=6,
            talk_s=1,
        ),
    )  # fmt: skip
    config = box.ask("config.export", secrets=True)
    box.configure(routes=[{"name": "through", "source": "trunk:pbx", "did": number, "to": f"number:{number}"},
                          *(route for route in config["routes"] if route["name"] != "through")])
    report = office.call_over(PBX, number, "2001").report()
    heard = [second for second in report.heard.seconds if report.answered_s is None or second.at_s < report.answered_s]
    assert sum(any(abs(peak.hz - FRIEND_HZ) < 20 for peak in second.frequencies) for second in heard) >= 3, report
    assert report.outcome == outcome
    assert ("ringback" in {tone.name for tone in report.heard.tones}) == (behaviour == "answers")


def test_a_span_with_a_loop_plug_is_tested_and_its_errors_are_counted(
    box: Box, faults: Callable[[SpanFault], None]
) -> None:
    until(lambda: box.ask("span.list")[1]["signalling"] == "up")
    faults(SpanFault(span=PBX, plug=True, bit_errors=1e-3))  # it may keep the signalling up
    tested = box.command("span", "test", str(PBX), "--seconds", "2", check=False)
    assert tested.returncode == 1
    assert "errors in" in tested.stdout
    test = box.ask("span.last_test", number=PBX)["test"]
    assert (test["state"], test["verdict"]) == ("done", "errors"), test
    assert all(one["heard"] == "pattern" and abs(one["errors"] - one["bits"] / 1000) <= 1 for one in test["channels"])
    assert len(test["channels"]) == 30


def test_a_channel_that_the_carrier_has_looped_is_tested_while_the_others_take_calls(
    box: Box, office: Office, faults: Callable[[SpanFault], None], agent: Phone, records: Records
) -> None:
    faults(SpanFault(span=CARRIER, looped=(5,)))
    refused = box.command("span", "test", str(CARRIER), check=False)
    assert "its signalling is up" in refused.stderr
    begun = box.ask("span.test", number=CARRIER, slot=5, seconds=60)
    assert begun["state"] == "running"
    until(lambda: box.ask("span.last_test", number=CARRIER)["test"]["bits"] > 0)
    slots = {slot["slot"]: slot["state"] for slot in box.ask("span.list")[0]["slots"]}
    assert (slots[5], slots[4]) == ("testing", "idle")
    number = "13800138005"
    caller = office.call_over(CARRIER, OUR_NUMBER, number, tone_hz=CALLER_HZ, hold_s=60)
    agent.wait_event("CALL_ESTABLISHED", 30)
    until(lambda: {one["state"] for one in box.ask("agent.list") if one["number"] == "201"} == {"talking"})
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    assert records(number=number)["outcome"] == "answered"
    box.ask("span.stop_test", number=CARRIER)
    until(lambda: box.ask("span.last_test", number=CARRIER)["test"]["state"] == "stopped")
    test = box.ask("span.last_test", number=CARRIER)["test"]
    assert (test["verdict"], test["errors"]) == ("clean", 0)
    until(lambda: box.ask("span.list")[0]["slots"][4]["state"] == "idle")


def test_a_span_that_is_in_no_group_yet_is_tested_as_the_installer_does_first(
    box: Box, faults: Callable[[SpanFault], None]
) -> None:
    config = box.ask("config.export", secrets=True)
    box.configure(
        groups=[group for group in config["groups"] if group["name"] != "pbx"],
        routes=[route for route in config["routes"] if route["source"] != "trunk:pbx"],
        extensions=[extension for extension in config["extensions"] if extension["group"] != "pbx"],
    )
    faults(SpanFault(span=PBX, plug=True))
    tested = box.command("span", "test", str(PBX), "--seconds", "1")
    assert "the loop is good" in tested.stdout
    shown = box.command("span", "status", str(PBX)).stdout
    assert "not used" in shown
    assert "the loop is good" in shown


@pytest.mark.parametrize("variant", ["china", "itu"])
def test_calls_come_in_and_go_out_by_r2_where_the_span_speaks_it(
    box: Box, office: Office, phone: Phones, records: Records, variant: Any
) -> None:
    config = box.ask("config.export", secrets=True)
    office.order("span_variant", SpanVariant(span=CARRIER, variant=variant))
    box.configure(
        spans=[
            {"number": CARRIER, "signalling": "r2", "did_digits": len(OUR_NUMBER), "r2": {"variant": variant}},
            *config["spans"][1:],
        ],
        groups=[group | {"hand_back": False} for group in config["groups"]],
    )
    until(lambda: [office.order("spans")[0][key] for key in ("variant", "r2", "up")] == ["r2", variant, True])
    until(lambda: box.ask("span.list")[0]["slots"][0]["state"] == "idle")
    agent = phone("201", answer=True)
    box.ask("agent.login", number="201")
    number = f"1380013800{len(variant)}"
    caller = office.call_over(CARRIER, OUR_NUMBER, number, tone_hz=CALLER_HZ, hold_s=60)
    agent.wait_event("CALL_ESTABLISHED", 30)
    time.sleep(2)
    caller.hang_up()
    agent.wait_event("CALL_CLOSED", 10)
    report, record = caller.report(), records(number=number)
    assert (report.outcome, record["via"], record["outcome"]) == ("answered", "trunk:carrier", "answered")
    assert any(abs(peak.hz - AGENT_HZ) < 20 for second in report.heard.seconds for peak in second.frequencies)
    assert audio.hears_tone(recording(box, record).channel(0)[-audio.RATE_HZ :], CALLER_HZ)
    friend = "62340009"
    office.order("subscriber", Subscriber(number=friend, voice="tone", tone_hz=FRIEND_HZ, answer_after_s=1))
    seen = len(agent.events)
    agent.dial(friend)
    agent.wait_event("CALL_ESTABLISHED", 30, since=seen)
    time.sleep(2)
    agent.hang_up()
    assert (office.dialled(friend).outcome, office.dialled(friend).ended_by) == ("answered", "box")
    assert audio.hears_tone(audio.read_wav(agent.heard).channel(0)[-audio.RATE_HZ :], FRIEND_HZ)
    box.ask("agent.logout", number="201")
