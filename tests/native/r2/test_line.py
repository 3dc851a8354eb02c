"""MFC/R2 on one timeslot: two lines against each other, each with nothing but bits, tones and a clock."""

import pytest

from native.r2 import VARIANTS, Accepted, Answered, Changed, Cleared, Collided, Freed, Line, Offered, R2Error, Seized
from tests.native.r2.pair import Pair

CATEGORIES = ["national", "national-priority", "international", "international-priority", "test"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_call_connects_with_both_numbers_and_either_side_ends_it(variant: str) -> None:
    pair = Pair(variant)
    offered = pair.ring("6287", "13812345678")
    assert (offered.did, offered.caller, offered.restricted) == ("6287", "13812345678", False)
    assert pair.other.of(Seized) == [Seized()]
    pair.other.line.accept()
    pair.until(pair.other, Accepted)
    pair.until(pair.one, Accepted)
    pair.other.line.answer()
    pair.until(pair.one, Answered, 1)
    assert [end.listening for end in pair.ends] == ["", ""]
    pair.one.line.hang_up(16)
    pair.live(1)
    assert (pair.one.events, pair.other.events) == ([Freed()], [Cleared(16), Freed()])
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]
    pair.talk()
    pair.other.line.hang_up(16)
    pair.live(1)
    assert (pair.one.events, pair.other.events) == ([Cleared(16), Freed()], [Freed()])
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("cause", "told"), [(17, 17), (34, 42), (42, 42), (1, 1), (28, 1), (27, 27), (21, 27), (16, 27)]
)
def test_a_call_that_is_refused_ends_with_the_reason_that_the_variant_has_for_it(
    variant: str, cause: int, told: int
) -> None:
    pair = Pair(variant)
    pair.ring()
    pair.other.line.hang_up(cause)
    pair.live(3)
    (cleared,) = pair.one.of(Cleared)
    lacking = {("mexico", 1): 17, ("china", 27): 42}
    assert cleared == Cleared(lacking.get((variant, told), told))
    assert (pair.one.events, pair.other.events) == ([Freed()], [Seized(), Freed()])
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_caller_who_would_not_be_known_is_not_known(variant: str) -> None:
    offered = Pair(variant).ring(calling=None)
    assert (offered.did, offered.caller, offered.restricted) == ("6287", "", True)


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_category_of_the_caller_is_told(category: str) -> None:
    assert Pair().ring(category=category).category == category


def test_china_asks_for_each_digit_of_both_numbers_by_the_same_signal() -> None:
    pair = Pair("china")
    pair.ring("62", None)
    assert pair.one.tones[:2] == ["6", "1"]
    pair = Pair("china", called_digits=3)
    assert pair.ring("628", "10").caller == "10"
    assert pair.one.tones == ["6", "1", "1", "0", "F", "2", "8", "1"]       # KA is 1, KD is 1
    assert pair.other.tones == ["6", "1", "1", "1", "1", "1", "3"]
    assert {bits & 3 for bits in (pair.one.bits, pair.other.bits)} == {3}


@pytest.mark.parametrize("calling", ["1" * 19, "1" * 20, "12345" * 8])
@pytest.mark.parametrize("asked", [1, 20, 40])
def test_a_chinese_caller_is_heard_to_the_end_however_long(calling: str, asked: int) -> None:
    pair = Pair("china", calling_digits=asked)
    offered = pair.ring("6287", calling)
    assert (offered.did, offered.caller) == ("6287", calling)
    pair.other.line.answer()
    pair.until(pair.one, Answered)


def test_fewer_digits_than_are_asked_for_are_enough() -> None:
    assert Pair("itu", called_digits=12).ring("6287").did == "6287"
    pair = Pair("china", called_digits=12)
    assert pair.ring("6287", "10").did == "6287"
    assert pair.now_s > 5   # China has no signal for it: the cycle runs out
    pair.other.line.answer()
    pair.until(pair.one, Answered)


def test_more_digits_are_cut_at_those_that_are_asked_for() -> None:
    offered = Pair(called_digits=3, calling_digits=5).ring("6287", "13812345678")
    assert (offered.did, offered.caller) == ("628", "13812")


@pytest.mark.parametrize("settings", [{"calling_digits": 0}, {"calling_first": False}, {"ask_category": False}])
def test_an_exchange_may_ask_in_another_order_or_for_less(settings: dict[str, int]) -> None:
    offered = Pair(**settings).ring("6287", "138")
    assert (offered.did, offered.caller) == ("6287", "138" if "calling_first" in settings else "")


def test_who_answers_at_once_is_answered_once_the_tones_are_over() -> None:
    pair = Pair()
    pair.ring()
    pair.other.line.answer()
    pair.other.line.answer()
    pair.until(pair.one, Accepted)
    pair.until(pair.one, Answered, 1)
    assert pair.other.line.state == "answered"


def test_a_called_side_that_does_not_answer_after_all_is_heard_to_be_busy_until_the_caller_goes() -> None:
    pair = Pair()
    pair.accepted()
    pair.other.line.hang_up(17)
    pair.live(30)
    assert (pair.one.events, pair.other.events) == ([], [])     # Q.421: the line signals have nothing for it
    pair.one.line.hang_up(16)
    pair.live(1)
    assert (pair.one.events, pair.other.events) == ([Freed()], [Freed()])
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]


def test_nobody_answers_within_the_time_set() -> None:
    pair = Pair(answer_s=20)
    pair.accepted()
    pair.live(19)
    assert pair.one.events == []
    pair.live(3)
    assert pair.one.of(Cleared) == [Cleared(19)]
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]


def test_both_sides_that_seize_at_once_let_go_and_are_free() -> None:
    pair = Pair()
    pair.one.line.call("1", "2")
    pair.other.line.call("3", "4")
    pair.live(2)
    assert pair.one.events == pair.other.events == [Collided(), Freed()]
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]
    pair.talk()


def test_a_line_without_an_answer_to_its_seizure_is_free_again() -> None:
    pair = Pair(seize_s=8)
    pair.cut_bits = True
    pair.one.line.call("1", "2")
    pair.live(7)
    assert pair.one.events == []
    pair.live(2)
    assert pair.one.events == [Cleared(27), Freed()]
    pair.cut_bits = False
    pair.talk()


def test_tones_that_stop_coming_end_the_call_on_both_sides() -> None:
    for lost_after_s in (0.0, 0.03, 0.5, 1.0, 1.5, 2.0):
        pair = Pair()
        pair.one.line.call("6287", "138")
        pair.live(lost_after_s)
        pair.cut_tones = True
        pair.live(120)
        assert pair.one.of(Freed) == [Freed()], lost_after_s
        assert len(pair.one.of(Cleared)) == 1
        assert pair.one.line.free
        assert pair.other.line.state in ("idle", "offered")
        pair.other.line.hang_up(16)
        pair.cut_tones = False
        pair.live(1)
        pair.talk()


def test_a_far_end_that_does_not_let_go_holds_nobody_up_but_its_own_line() -> None:
    pair = Pair(release_s=10)
    pair.talk()
    pair.cut_bits = True
    pair.one.line.hang_up(16)
    pair.live(9)
    assert pair.one.events == []
    pair.live(2)
    assert pair.one.events == [Freed()]
    assert pair.one.line.state == "unknown"
    pair.other.line.hang_up(16)
    pair.live(121)
    assert pair.other.events == [Freed()]
    pair.cut_bits = False
    for end in pair.ends:
        end.line.receive(end.other.bits)
    pair.live(0.1)
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]
    pair.talk()


def test_a_caller_who_was_told_that_it_cannot_be_and_stays_is_let_go_of() -> None:
    pair = Pair()
    pair.ring()
    pair.cut_tones = True
    pair.other.line.hang_up(17)
    pair.live(40)
    assert pair.other.of(Freed) == [Freed()]
    assert pair.other.line.free


def test_a_line_may_be_blocked_and_made_idle_again_by_the_far_end() -> None:
    pair = Pair()
    pair.other.line.shut(True)
    pair.live(0.1)
    assert (pair.one.events, pair.one.line.state, pair.other.line.state) == ([Changed()], "blocked", "shut")
    with pytest.raises(R2Error, match="the line is blocked"):
        pair.one.line.call("1", "2")
    pair.other.line.shut(False)
    pair.live(0.1)
    assert (pair.one.events, pair.one.line.state) == ([Changed(), Changed()], "idle")
    pair.talk()


def test_a_call_on_a_line_that_is_shut_ends() -> None:
    pair = Pair()
    pair.talk()
    pair.other.line.shut(True)
    pair.live(12)
    assert pair.other.events == [Cleared(27), Freed()]
    assert pair.one.of(Freed) == [Freed()]
    assert pair.one.line.state == "blocked"


def test_a_glitch_of_the_bits_is_none_and_a_signal_of_twenty_milliseconds_is_one() -> None:
    pair = Pair()
    pair.talk()
    for bits in (0b0001, 0b1101, 0b1001, 0b0110):
        pair.one.line.receive(bits)
        pair.live(0.015)
        pair.one.line.receive(pair.other.bits)
        pair.live(1)
    assert pair.one.events == []
    pair.one.line.receive(0b1101)
    pair.live(0.03)
    assert pair.one.of(Cleared) == [Cleared(16)]


def test_bits_that_mean_nothing_end_the_call_on_both_sides() -> None:
    pair = Pair()
    pair.talk()
    pair.other.line.receive(0b0101)
    pair.live(1)
    assert pair.other.events[:2] == [Cleared(111), Freed()]
    assert len(pair.one.of(Cleared)) == 1
    pair.other.line.receive(pair.one.bits)
    pair.live(1)
    pair.talk()


def test_a_metering_pulse_is_no_hangup_where_it_is_to_be_expected() -> None:
    pair = Pair("argentina", metering_ms=400)
    pair.talk()
    pair.one.line.receive(0b1101)
    pair.live(0.2)
    pair.one.line.receive(0b0101)
    pair.live(2)
    assert (pair.one.events, pair.one.line.state) == ([], "answered")
    pair.one.line.receive(0b1101)
    pair.live(0.6)
    assert pair.one.of(Cleared) == [Cleared(16)]


@pytest.mark.parametrize(("who", "first_ms", "within_s"), [("caller", 0, 1), ("called", 100, 40)])
def test_whoever_ends_a_call_in_the_midst_of_the_tones_leaves_nothing(who: str, first_ms: int, within_s: int) -> None:
    for after_ms in range(first_ms, 4000, 130):
        pair = Pair()
        ending = pair.one if who == "caller" else pair.other
        pair.one.line.call("6287", "13812345678")
        pair.live(after_ms / 1000)
        ending.line.hang_up(16)
        pair.live(within_s)
        assert ending.of(Freed) == [Freed()]
        assert [end.line.state for end in pair.ends] == ["idle", "idle"], after_ms
        assert [end.tone for end in pair.ends] == ["", ""]
        pair.talk()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_callers_last_signal_with_holes_in_it_offers_the_call_once(variant: str) -> None:
    pair = Pair(variant)
    pair.ring()
    last = pair.one.tones[-1]
    for _ in range(3):
        pair.other.hear("")
        pair.live(0.01)
        pair.other.hear(last)
        pair.live(0.01)
    assert pair.other.of(Offered) == []
    pair.other.line.answer()
    pair.until(pair.one, Answered)


def test_a_far_end_that_asks_for_digits_without_end_is_not_heeded_for_ever() -> None:
    pair = Pair()
    pair.one.line.call("6287", "138")
    pair.live(0.1)
    pair.cut_tones = pair.cut_bits = True
    for _ in range(300):
        pair.one.hear("1")
        pair.live(0.05)
        pair.one.hear("")
        pair.live(0.05)
    assert pair.one.of(Cleared) == [Cleared(111)]
    assert "120 register signals and no end" in pair.one.said


def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    pair = Pair()
    for called, calling in (("", "1"), ("12#", "1"), ("1" * 41, "1"), ("1", "+86"), ("٣", "1")):
        with pytest.raises(R2Error, match="is no number of at most 40 digits"):
            pair.one.line.call(called, calling)
    with pytest.raises(R2Error, match="there is no such call any more"):
        pair.one.line.answer()
    with pytest.raises(R2Error, match="category 'x' is none of"):
        pair.one.line.call("1", "2", "x")
    with pytest.raises(R2Error, match="tone 'A' is none of"):
        pair.one.line.hear("A")
    with pytest.raises(R2Error, match="variant 'x' is none of itu, china"):
        Line("x", print, print, print, print, lambda: 0.0)
    pair.one.line.hang_up(16)
    pair.live(1)
    assert pair.one.events == []
    pair.one.line.call("1", "2")
    with pytest.raises(R2Error, match="the line is calling"):
        pair.one.line.call("1", "2")


def test_the_wall_clock_has_no_part_in_its_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair(seize_s=8)
    pair.now_s = 1e6    # the first call of a box that has run for days
    pair.cut_bits = True
    pair.one.line.call("1", "2")
    assert pair.one.line.due_s == pytest.approx(1e6 + 8, abs=0.01)
    pair.live(9)
    assert pair.one.of(Cleared) == [Cleared(27)]


def test_two_timers_of_one_late_moment_leave_the_line_free() -> None:
    pair = Pair(answer_s=20)
    pair.accepted()
    pair.one.line.receive(0b0101)
    pair.now_s += 500       # nobody looked for so long
    pair.live(1)
    pair.other.line.hang_up(16)
    pair.live(130)
    assert pair.one.of(Freed) in ([], [Freed()])
    pair.one.line.hang_up(16)
    pair.live(130)
    assert [end.line.state for end in pair.ends] == ["idle", "idle"]


def test_a_trace_shows_every_signal() -> None:
    pair = Pair()
    pair.one.line.trace(True)
    pair.talk()
    assert any("CAS Tx >> [SEIZE]" in text for text in pair.one.said)
    assert any("MF Tx >> 6 [ON]" in text for text in pair.one.said)
