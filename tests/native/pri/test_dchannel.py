"""Two of libpri on one wire, network and user side: calls both ways, and what may become of them."""

import gc

import pytest

from native.isdn import (
    Alerting,
    Answered,
    Cleared,
    Dialled,
    Down,
    Freed,
    MoreWanted,
    Offered,
    Party,
    PriError,
    Proceeding,
    Progress,
    Refused,
    Renewed,
    RestartDone,
    Restarted,
    Up,
    Wrong,
)
from native.pri import DChannel
from tests.native.heap import allocated_bytes
from tests.native.pri.pair import INBAND, End, Pair, speaking

CAUSES = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21, 22, 26, 27, 28, 29, 30, 31, 34, 38, 39, 40, 41, 42, 43,
    44, 46, 47, 49, 50, 53, 55, 57, 58, 62, 63, 65, 66, 69, 70, 79, 81, 82, 83, 84, 85, 86, 87, 88, 90, 91, 95,
    96, 97, 98, 99, 100, 101, 102, 103, 110, 111, 127,
)  # fmt: skip
VARIANTS = ("euroisdn", "qsig")


@pytest.fixture
def pair() -> Pair:
    return Pair()


def ways(pair: Pair) -> list[tuple[End, End]]:
    return [(pair.network, pair.user), (pair.user, pair.network)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_call_en_bloc_both_ways(variant: str) -> None:
    pair = Pair(variant)
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234", Party("13800138000"), channel=31, exclusive=True)
        assert (offered.did, offered.complete, offered.channel, offered.exclusive) == ("62871234", True, 31, True)
        assert (offered.caller.number, offered.bearer) == ("13800138000", "audio")
        called.dchannel.proceed(offered.call, 31)
        called.dchannel.alert(offered.call)
        called.dchannel.answer(offered.call)
        pair.settle()
        assert caller.events == [Proceeding(number, 31, False), Alerting(number, 31, False), Answered(number, 31)]
        caller.events = []
        pair.live(3600)
        assert not caller.events + called.events
        called.dchannel.hang_up(offered.call, 16)
        pair.settle()
        assert pair.ended(caller, number) == 16
        assert pair.ended(called, offered.call) is None


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_call_digit_by_digit_both_ways(variant: str) -> None:
    pair = Pair(variant, overlap=True)
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "", channel=2, complete=False)
        assert (offered.did, offered.complete) == ("", False)
        called.dchannel.want_more(offered.call, 2, dial_tone=True)
        pair.settle()
        assert caller.one(MoreWanted) == MoreWanted(number, 2, True)
        caller.dchannel.dial(number, "6287")
        caller.dchannel.dial(number, "1")
        pair.settle()
        assert "".join(event.digits for event in called.of(Dialled)) == "62871"
        called.dchannel.proceed(offered.call)
        called.dchannel.answer(offered.call)
        pair.settle()
        assert caller.one(Answered) == Answered(number, 2)
        caller.dchannel.hang_up(number, 16)
        pair.settle()
        assert pair.ended(called, offered.call) == 16
        assert pair.ended(caller, number) is None


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("presentation", ["allowed", "restricted", "unavailable"])
@pytest.mark.parametrize("screening", ["user", "passed", "failed", "network"])
def test_who_calls_is_told_as_it_was_said(variant: str, presentation: str, screening: str) -> None:
    pair = Pair(variant)
    said = Party("13800138000", "", presentation, screening, "national", "public")
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234", said)
        assert offered.caller == said
        caller.dchannel.hang_up(number, 16)
        pair.settle()
        called.events, caller.events = [], []


@pytest.mark.parametrize("kind", ["unknown", "international", "national", "network", "subscriber", "abbreviated"])
def test_what_a_number_is_written_as(pair: Pair, kind: str) -> None:
    caller = Party("800138000", kind=kind, plan="private")
    _, offered = pair.ring(pair.network, pair.user, "62871234", caller, kind=kind)
    assert (offered.kind, offered.caller.kind, offered.caller.plan) == (kind, kind, "private")


def test_the_name_comes_from_a_network_and_both_ways_in_qsig() -> None:
    for variant, side, name in (
        ("euroisdn", "network", "Zhang San"), ("euroisdn", "network", "Müller"), ("qsig", "network", "王芳 分机"),
        ("qsig", "user", "Müller"), ("qsig", "network", "三" * 30),
    ):  # fmt: skip
        pair = Pair(variant)
        caller, called = ways(pair)[side == "user"]
        _, offered = pair.ring(caller, called, "1", Party("2", name))
        assert offered.caller.name
        assert name.startswith(offered.caller.name)
        assert len(offered.caller.name) == min(len(name), 16)


def test_a_caller_without_a_number(pair: Pair) -> None:
    _, offered = pair.ring(pair.network, pair.user, "62871234")
    assert (offered.caller.number, offered.caller.presentation) == ("", "unavailable")


def test_who_redirected_the_call(pair: Pair) -> None:
    _, offered = pair.ring(pair.network, pair.user, "62871234", Party("1380"), redirected_by="02188886666")
    assert offered.redirected_by == "02188886666"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_cause_in_a_talk_both_ways(variant: str) -> None:
    pair = Pair(variant)
    for caller, called in ways(pair):
        for cause in CAUSES:
            number, offered = pair.talk(caller, called)
            for one, mine, other, its in ((called, offered, caller, number),):
                one.dchannel.hang_up(mine, cause)
                pair.settle()
                assert (cause, pair.ended(other, its)) == (cause, cause)
                assert pair.ended(one, mine) is None


@pytest.mark.parametrize("rings", [False, True])
def test_every_cause_of_a_call_refused_both_ways(pair: Pair, rings: bool) -> None:
    for caller, called in ways(pair):
        for cause in CAUSES:
            number, offered = pair.ring(caller, called, "62871234")
            if rings:
                called.dchannel.alert(offered.call, 1)
            called.dchannel.hang_up(offered.call, cause)
            pair.settle()
            assert (cause, pair.ended(caller, number)) == (cause, cause)
            assert pair.ended(called, offered.call) is None


def test_a_caller_who_gives_up_before_anything_was_said(pair: Pair) -> None:
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234")
        caller.dchannel.hang_up(number, 16)
        pair.settle()
        assert pair.ended(called, offered.call) == 16
        assert pair.ended(caller, number) is None


def test_both_hang_up_at_once(pair: Pair) -> None:
    number, other = pair.talk(pair.network, pair.user)
    pair.network.dchannel.hang_up(number, 16)
    pair.user.dchannel.hang_up(other, 17)
    pair.live(1)
    pair.ended(pair.network, number)
    pair.ended(pair.user, other)


def test_there_is_something_to_hear_before_the_answer(pair: Pair) -> None:
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234", channel=4)
        called.dchannel.proceed(offered.call, 4, inband=True)
        called.dchannel.progress(offered.call)
        called.dchannel.progress(offered.call, cause=1)
        called.dchannel.alert(offered.call, inband=True)
        pair.settle()
        assert caller.events == [
            Proceeding(number, 4, True), Progress(number, 4, True, 0), Progress(number, 4, True, 1),
            Alerting(number, 4, True),
        ]  # fmt: skip
        called.dchannel.hang_up(offered.call, 16)
        pair.settle()
        caller.events, called.events = [], []


def says_why(end: End, what: bytes = INBAND) -> None:
    """Have the DISCONNECT that is to go out next say that there is something to hear."""
    end.frames[-1] = speaking(end.frames[-1], what)


@pytest.mark.parametrize(
    "indicator", [INBAND, b"\x1e\x02\x82\x81", b"\xa1\x28\x01a\x1e\x02\x82\x82" + INBAND],
    ids=["in band", "out of ISDN", "behind others"],
)  # fmt: skip
def test_a_far_end_that_says_why_it_refuses_is_heard_until_it_has_said_that(pair: Pair, indicator: bytes) -> None:
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234", channel=4)
        called.dchannel.proceed(offered.call, 4)
        pair.settle()
        called.dchannel.hang_up(offered.call, 1)
        says_why(called, indicator)
        pair.settle()
        assert caller.events == [Proceeding(number, 4, False), Refused(number, 1)]
        pair.live(29)
        assert number in caller.dchannel.calls
        pair.live(2)
        assert pair.ended(caller, number) is not None
        assert pair.ended(called, offered.call) is None


def test_who_has_heard_enough_of_why_hangs_up(pair: Pair) -> None:
    for caller, called in ways(pair):
        number, offered = pair.ring(caller, called, "62871234", channel=4)
        called.dchannel.alert(offered.call, 4)
        pair.settle()
        called.dchannel.hang_up(offered.call, 17)
        says_why(called)
        pair.settle()
        assert caller.events[-1] == Refused(number, 17)
        caller.dchannel.hang_up(number, 16)
        pair.settle()
        assert pair.ended(caller, number) is None
        assert pair.ended(called, offered.call) is None


@pytest.mark.parametrize(
    "what", [b"\x1e\x02\x82\x82", b"\x1e\x01\x88", b"\x1e\x09", b"\x1e", b"\x28\x04" + INBAND, b"\x97" + INBAND],
    ids=["called not ISDN", "too short", "longer than all", "no length", "within another", "another codeset"],
)  # fmt: skip
def test_a_far_end_that_says_nothing_is_gone_at_once(pair: Pair, what: bytes) -> None:
    number, offered = pair.ring(pair.user, pair.network, "62871234", channel=4)
    pair.network.dchannel.proceed(offered.call, 4)
    pair.settle()
    pair.network.dchannel.hang_up(offered.call, 1)
    says_why(pair.network, what)
    pair.settle()
    assert pair.ended(pair.user, number) == 1


def test_busy_tone_after_a_talk_keeps_nobody(pair: Pair) -> None:
    for caller, called in ways(pair):
        number, other = pair.talk(caller, called)
        called.dchannel.hang_up(other, 16)
        says_why(called)
        pair.settle()
        assert pair.ended(caller, number) == 16
        pair.ended(called, other)


def test_the_far_end_may_choose_another_channel(pair: Pair) -> None:
    number, offered = pair.ring(pair.user, pair.network, "62871234", channel=4)
    assert not offered.exclusive
    pair.network.dchannel.proceed(offered.call, 9)
    pair.settle()
    assert pair.user.one(Proceeding) == Proceeding(number, 9, False)
    assert pair.user.dchannel.calls == {number: 9}


def test_both_sides_take_the_same_channel(pair: Pair) -> None:
    ours = pair.user.dchannel.call("1", channel=5)
    theirs = pair.network.dchannel.call("2", channel=5, exclusive=True)
    pair.settle()
    to_network, to_user = pair.network.one(Offered), pair.user.one(Offered)
    assert (to_network.channel, to_user.channel) == (5, 5)
    pair.user.dchannel.answer(to_user.call, 5)  # the network's call has the channel (Q.931 §5.7), ours is moved
    pair.network.dchannel.answer(to_network.call, 6)
    pair.settle()
    assert pair.network.one(Answered) == Answered(theirs, 5)
    assert pair.user.one(Answered) == Answered(ours, 6)
    assert pair.user.dchannel.calls == {ours: 6, to_user.call: 5}


def test_thirty_calls_at_once(pair: Pair) -> None:
    slots = [*range(1, 16), *range(17, 32)]
    talks = {slot: pair.talk(pair.user, pair.network, slot) for slot in slots}
    assert sorted(pair.user.dchannel.calls.values()) == slots
    for number, _ in talks.values():
        pair.user.dchannel.hang_up(number, 16)
    pair.settle()
    assert pair.user.dchannel.calls == pair.network.dchannel.calls == {}


def test_a_channel_is_restarted_from_either_side(pair: Pair) -> None:
    for one, other in ways(pair):
        one.dchannel.restart(7)
        pair.settle()
        assert other.one(Restarted) == Restarted(7)
        assert one.one(RestartDone) == RestartDone(7)


def test_a_restart_ends_the_calls_of_its_channel_and_no_other(pair: Pair) -> None:
    lost, lost_here = pair.talk(pair.network, pair.user, 7)
    kept, kept_here = pair.talk(pair.user, pair.network, 8)
    pair.network.dchannel.restart(7)
    pair.settle()
    assert pair.user.of(Cleared) == [Cleared(lost_here, 41)]
    assert pair.network.of(Freed) == [Freed(lost)]
    assert pair.user.dchannel.calls == {kept: 8}
    assert pair.network.dchannel.calls == {kept_here: 8}
    pair.talk(pair.network, pair.user, 7)


def test_a_restart_that_is_not_heard_is_sent_again(pair: Pair) -> None:
    pair.cut = True
    pair.network.dchannel.restart(7)
    pair.settle()
    pair.live(20)
    pair.cut = False
    pair.live(130)  # T316
    assert pair.user.of(Restarted)
    assert pair.network.of(RestartDone)


@pytest.mark.parametrize("control", [0x6F, 0x7F])
def test_a_data_link_that_the_far_end_sets_up_anew_is_told(pair: Pair, control: int) -> None:
    for end, command in ((pair.network, 0x00), (pair.user, 0x02)):
        end.dchannel.receive(bytes((command, 1, control, 0, 0)))
        end.dchannel.receive(bytes((command | 0xFC, 1, control, 0, 0)))  # management's is none of the signalling's
        pair.settle()
        assert (end.of(Renewed), end.dchannel.up) == ([Renewed()], True)
    pair.talk(pair.network, pair.user)


def test_talks_live_on_while_the_d_channel_is_away(pair: Pair) -> None:
    number, other = pair.talk(pair.network, pair.user)
    pair.cut = True
    pair.live(60)
    assert (pair.network.one(Down), pair.user.one(Down)) == (Down(), Down())
    pair.cut = False
    pair.live(10)
    assert (pair.network.one(Up), pair.user.one(Up)) == (Up(), Up())
    pair.live(3600)
    assert not pair.network.events + pair.user.events
    pair.user.dchannel.hang_up(other, 16)
    pair.settle()
    assert pair.ended(pair.network, number) == 16


def test_talks_end_when_the_d_channel_stays_away(pair: Pair) -> None:
    number, other = pair.talk(pair.network, pair.user)
    pair.cut = True
    pair.live(85)
    assert pair.network.dchannel.calls
    assert pair.user.dchannel.calls
    pair.live(35)
    assert pair.ended(pair.network, number) == 27
    assert pair.ended(pair.user, other) == 27


def test_a_call_that_is_not_answered_yet_ends_with_the_d_channel(pair: Pair) -> None:
    number, offered = pair.ring(pair.network, pair.user, "62871234")
    pair.user.dchannel.alert(offered.call, 1)
    pair.settle()
    pair.cut = True
    pair.live(30)
    assert pair.ended(pair.network, number) == 27
    assert pair.ended(pair.user, offered.call) == 27


def test_a_hangup_while_the_d_channel_is_away_frees_the_channel_on_both_sides(pair: Pair) -> None:
    number, other = pair.talk(pair.network, pair.user)
    pair.cut = True
    pair.live(20)
    pair.user.dchannel.hang_up(other, 16)
    pair.live(20)
    pair.cut = False
    pair.live(120)
    assert pair.network.dchannel.calls == pair.user.dchannel.calls == {}
    assert pair.network.of(Freed) == [Freed(number)]


def test_nothing_can_be_called_while_the_d_channel_is_away(pair: Pair) -> None:
    pair.cut = True
    pair.live(60)
    with pytest.raises(PriError, match="the D-channel is down"):
        pair.user.dchannel.call("1", channel=1)
    with pytest.raises(PriError, match="the D-channel is down"):
        pair.user.dchannel.restart(1)


def test_a_far_end_that_says_nothing_to_a_call(pair: Pair) -> None:
    number = pair.network.dchannel.call("1", channel=1)
    pair.settle()
    pair.live(30)  # T303, twice
    assert pair.ended(pair.network, number) == 18


def test_two_of_the_same_side_are_told(pair: Pair) -> None:
    frames: list[bytes] = []
    one = DChannel("user", "euroisdn", frames.append, lambda text: None, lambda: 0.0)
    one.run()
    for frame in tuple(frames):
        one.receive(frame)
    assert any(isinstance(event, Wrong) for event in one.take())


def test_a_call_is_not_touched_after_its_end(pair: Pair) -> None:
    number, other = pair.talk(pair.network, pair.user)
    pair.user.dchannel.hang_up(other, 16)
    pair.user.dchannel.hang_up(other, 16)
    pair.settle()
    pair.talk(pair.network, pair.user)  # libpri may put the new call where the old one was
    user, network = pair.user.dchannel, pair.network.dchannel
    for again in (user.answer, user.alert, user.proceed, user.progress):
        with pytest.raises(PriError, match=f"there is no call {other} any more"):
            again(other)
    with pytest.raises(PriError, match=f"there is no call {number} any more"):
        network.hang_up(number, 16)
    assert len(user.calls) == len(network.calls) == 1


def test_what_cannot_be_said_is_refused_before_anything_is_sent(pair: Pair) -> None:
    user = pair.user.dchannel
    for wrong, match in (
        (lambda: user.call("12x"), "called number '12x' is no number"),
        (lambda: user.call("1" * 64), "is no number of at most 63"),
        (lambda: user.call("1", Party("2", presentation="secret")), "presentation 'secret' is none of allowed"),
        (lambda: user.call("1", Party("2", screening="god")), "screening 'god' is none of user"),
        (lambda: user.call("1", kind="local"), "kind of number 'local' is none of unknown, international"),
        (lambda: user.restart(32), "channel 32 is none of 1 to 31"),
        (lambda: user.hang_up(1, 0), "cause 0 is none of Q.850's 1 to 127"),
        (lambda: DChannel("both", "qsig", print, print, lambda: 0.0), "side 'both' is none of network, user"),
        (lambda: DChannel("user", "ni2", print, print, lambda: 0.0), "variant 'ni2' is none of euroisdn, qsig"),
    ):
        with pytest.raises(PriError, match=match):
            wrong()
    pair.settle()
    assert user.calls == {}
    assert not pair.network.events


def test_a_technician_can_read_the_messages(pair: Pair) -> None:
    pair.user.dchannel.trace(True)
    pair.ring(pair.network, pair.user, "62871234", Party("13800138000"))
    text = "\n".join(pair.user.said)
    assert "SETUP" in text
    assert "'62871234'" in text
    pair.user.dchannel.trace(False)
    pair.user.said.clear()
    pair.ring(pair.network, pair.user, "62871234", channel=2)
    assert pair.user.said == []


def test_a_closed_one_says_and_sends_nothing_more(pair: Pair) -> None:
    pair.talk(pair.network, pair.user)
    pair.user.dchannel.close()
    pair.live(30)
    assert pair.user.dchannel.calls == {}
    assert pair.user.frames == []
    assert pair.user.events == []


def test_ten_thousand_calls_take_no_more_memory(pair: Pair) -> None:
    def calls(count: int) -> int:
        for _ in range(count):
            number, _ = pair.talk(pair.network, pair.user)
            pair.network.dchannel.hang_up(number, 16)
            pair.settle()
            pair.network.events, pair.user.events = [], []
        gc.collect()
        return allocated_bytes()

    before = calls(1_000)
    assert calls(10_000) - before < 200_000
