"""The office as the program it is: real sockets, its own clock, boards and clients that come, go and misbehave."""

import shutil
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.link.office import Battery, PlaceCall, Reversal, Silence, Subscriber
from drivers.link.office_client import OfficeError
from native.callerid import CallerIdReceiver
from tests.audio import hears_tone, level_dbm0, sounds
from tests.drivers.office.program import OfficeProgram
from tests.drivers.office.raw_board import RawBoard, gaps_ms
from tests.native import signals
from tests.native.signals import as_bytes
from tests.peers.office import Office


@pytest.fixture(scope="module")
def program() -> Iterator[OfficeProgram]:
    program = OfficeProgram()
    yield program
    program.close()


@pytest.fixture
def office(program: OfficeProgram) -> Iterator[Office]:
    office = Office(program.home)
    yield office
    office.close()


@pytest.fixture
def board(program: OfficeProgram) -> Iterator[RawBoard]:
    board = RawBoard(program.home)
    yield board
    board.close()


def test_a_board_is_told_the_lines_and_given_their_samples(board: RawBoard) -> None:
    board.run(1.5)
    assert [message for _, message in board.messages[:7]] == [
        {"type": "lines", "lines": [1, 2, 3, 4], "ports": [5, 6], "spans": [1, 2]},
        *({"type": "audio", "line": number} for number in (1, 2, 3, 4, 5, 6)),
    ]
    for line in (1, 2, 3, 4, 5, 6):
        assert {len(block) for block in board.blocks[line]} == {160}
        assert len(board.blocks[line]) == pytest.approx(75, abs=2)
        assert np.median(gaps_ms(board.arrived_s[line])) == pytest.approx(20, abs=1)
        assert level_dbm0(board.heard(line)) < -60


def test_a_call_rings_tells_its_number_in_samples_only_and_is_answered(board: RawBoard, office: Office) -> None:
    caller = office.call(1, "13800138000", name="WANG", tone_hz=700, wait_s=0, hold_s=2)
    board.run(6.2)
    rings = board.states(1, "ring")
    assert [on for _, on in rings] == [True, False, True, False]
    assert np.diff([at_s for at_s, _ in rings]) == pytest.approx([1, 4, 1], abs=0.06)
    receiver = CallerIdReceiver("fsk")
    data = as_bytes(board.heard(1))
    blocks = [data[start : start + 320] for start in range(0, len(data), 320)]
    assert [tuple(read) for block in blocks for read in receiver.receive(block)] == [("13800138000", "WANG", False)]
    assert b"138" not in b"".join(repr(message).encode() for _, message in board.messages)
    board.loop(1, True)
    board.say(1, signals.tone([1100], -12, 1.5))
    board.run(2.2)
    board.loop(1, False)
    report = caller.report()
    assert report.answered_s == pytest.approx(6.2, abs=0.1)
    (tone,) = sounds(board.heard(1)[6 * 8000 :], above_dbm0=-30, at_least_ms=1000)[:1]
    start = 6 * 8000 + round(tone.start_s * 8000)
    assert hears_tone(board.heard(1)[start + 800 : start + 8000], 700)
    assert [round(peak.hz) for peak in report.heard.seconds[7].frequencies] == [1100]


def test_the_box_is_answered_by_a_subscriber_when_it_dials(board: RawBoard, office: Office) -> None:
    office.order("subscriber", Subscriber(number="10086", answer_after_s=0, voice="tone", tone_hz=1300, talk_s=1))
    office.order("reversal", Reversal(line=2, on=True))
    board.loop(2, True)
    board.run(0.5)
    board.say(2, signals.dtmf("10086"))
    board.run(3)
    (call,) = [call for call in office.outgoing() if call.number == "10086"]
    assert (call.outcome, call.ended_by) == ("answered", "party")
    (spoken,) = sounds(board.heard(2)[8000:], above_dbm0=-30, at_least_ms=800)[:1]
    start = 8000 + round(spoken.start_s * 8000)
    assert hears_tone(board.heard(2)[start + 400 : start + 7000], 1300)
    assert [polarity for _, polarity in board.states(2, "polarity")] == ["reversed", "normal"]


def test_a_silenced_line_carries_no_caller_id_and_no_keys(board: RawBoard, office: Office) -> None:
    office.order("silence", Silence(line=3, direction="both"))
    caller = office.call(3, "13800138000", ring_for_s=5)
    board.run(4)
    assert level_dbm0(board.heard(3)) < -60
    caller.hang_up()
    board.loop(3, True)
    board.say(3, signals.dtmf("13911112222"))
    board.run(2.5)
    status = office.order("lines")[2]
    assert status["state"] == "dial_tone"
    assert status["silenced"] == ["from_box", "to_box"]
    office.order("silence", Silence(line=3, on=False))
    board.run(0.3)
    assert level_dbm0(board.heard(3)[-1600:]) == pytest.approx(-10, abs=0.5)
    board.loop(3, False)
    board.run(0.6)


def test_a_cut_line_neither_rings_nor_talks(board: RawBoard, office: Office) -> None:
    office.order("battery", Battery(line=4, on=False))
    caller = office.call(4, ring_for_s=1.5)
    board.run(1.6)
    assert [told for _, told in board.states(4, "battery")] == ["none"]
    assert board.states(4, "ring") == []
    assert caller.report().outcome == "no_answer"
    office.order("battery", Battery(line=4, on=True))
    board.run(0.2)
    assert [told for _, told in board.states(4, "battery")] == ["none", "full"]


def test_when_the_board_goes_the_caller_hears_busy_and_the_next_board_gets_idle_lines(
    program: OfficeProgram, office: Office
) -> None:
    board = RawBoard(program.home)
    caller = office.call(1, caller_id="none")
    board.run(0.5)
    board.loop(1, True)
    board.run(0.5)
    board.close()
    report = caller.report()
    assert report.released_s == pytest.approx(1.4, abs=0.2)
    assert report.heard.tones[-1].name == "busy"
    again = RawBoard(program.home)
    again.run(0.5)
    assert [line["state"] for line in office.order("lines")] == ["idle"] * 4
    office.call(1, caller_id="none", ring_for_s=0.5)
    again.run(0.3)
    assert [on for _, on in again.states(1, "ring")] == [True]
    again.close()


def test_the_newest_board_has_the_lines(program: OfficeProgram, board: RawBoard) -> None:
    newer = RawBoard(program.home)
    board.run(1)
    assert board.closed
    newer.run(0.3)
    assert len(newer.blocks[1]) > 5
    newer.close()


@pytest.mark.parametrize("nonsense", [b"{}\n", b"no json\n", b'{"type":"loop","line":99,"closed":true}\n'])
def test_a_board_that_talks_nonsense_is_parted_from(program: OfficeProgram, nonsense: bytes) -> None:
    board = RawBoard(program.home)
    board.wire.sendall(nonsense)
    board.run(2)
    assert board.closed
    board.close()
    RawBoard(program.home).close()


def test_a_board_that_does_not_read_finds_no_old_sound_when_it_does(program: OfficeProgram, office: Office) -> None:
    board = RawBoard(program.home)
    board.loop(1, closed=True)
    board.run(0.2)
    time.sleep(1.5)
    before = len(board.blocks[1])
    board.run(0.01)
    assert len(board.blocks[1]) - before <= 15  # of the 75 that were due
    assert office.order("lines")[0]["dropped_blocks"] > 30
    board.close()


@pytest.mark.parametrize("late", ["office", "board"])
def test_of_an_idle_line_nothing_is_lost_when_either_side_is_late(
    program: OfficeProgram, board: RawBoard, office: Office, late: str
) -> None:
    call = office.call(2, "13800138000")
    board.run(1.7)  # into the caller id
    if late == "office":
        program.process.send_signal(signal.SIGSTOP)
        board.run(0.5)
        program.process.send_signal(signal.SIGCONT)
    else:
        time.sleep(0.5)
    board.run(2)
    call.hang_up()
    data = as_bytes(board.heard(2))
    receiver = CallerIdReceiver("fsk")
    read = [who for start in range(0, len(data), 320) for who in receiver.receive(data[start : start + 320])]
    assert [tuple(who) for who in read] == [("13800138000", "", False)]


def test_a_client_that_goes_takes_its_callers_with_it(program: OfficeProgram, board: RawBoard) -> None:
    office = Office(program.home)
    office.call(1, caller_id="none")
    board.run(0.3)
    office.close()
    board.run(0.3)
    assert [on for _, on in board.states(1, "ring")] == [True, False]


@pytest.mark.parametrize(
    ("how", "code", "text"),
    [
        ({"line": 9}, "no-such-line", "line: 9, this office has lines 1 to 4"),
        ({"line": 0}, "bad-request", "line: 0, must be 1 to 960"),
        ({"line": 1, "number": "12a"}, "bad-request", "number: '12a', must be up to 40 digits"),
        ({"line": 1, "number": "1\n"}, "bad-request", r"number: '1\\n'"),
        ({"line": 1, "digits": "1x"}, "bad-request", "digits: '1x', must be up to 120 of 0-9"),
        ({"line": 1, "caller_id": "sms"}, "bad-request", "caller_id: 'sms', must be one of dtmf, dtmf-a, dtmf-hash"),
        ({"line": 1, "caller_id_start": "bell"}, "bad-request", "caller_id_start: 'bell', must be one of "),
        ({"line": 1, "tone_hz": 9000.0}, "bad-request", "tone_hz: 9000.0, must be 50 to 3900 Hz"),
        ({"line": 1, "hold_s": -1.0}, "bad-request", "hold_s: -1.0, must be 0 to 86400 seconds"),
        ({"line": 1, "play": "here.wav"}, "bad-request", "play: 'here.wav', must be an absolute path"),
        ({"line": 1, "play": "/nowhere.wav"}, "bad-sound", "/nowhere.wav: No such file"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused_by_field_and_value(office: Office, how, code, text) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(OfficeError, match=text) as refused:
        office.call(**how)
    assert refused.value.code == code


@pytest.mark.parametrize(("kind", "start"), [("jclip", "ring"), ("fsk", "request")])
def test_japans_caller_id_comes_by_request_and_no_other_does(kind: str, start: str) -> None:
    with pytest.raises(ValueError, match=f"caller_id_start: '{start}', must be request for jclip, and for no other"):
        PlaceCall(line=1, caller_id=kind, caller_id_start=start)  # type: ignore[arg-type]


def test_an_unknown_order_is_answered_with_those_there_are(office: Office) -> None:
    with pytest.raises(OfficeError, match="'dance' is unknown; there are battery, call, calls"):
        office.order("dance")


def test_a_second_office_in_the_same_home_is_refused_and_says_why(program: OfficeProgram) -> None:
    second = program.start()
    assert second.wait(10) == 78
    assert second.stderr is not None
    assert "board.sock: another program listens there" in second.stderr.read()


def test_the_office_ends_cleanly_and_starts_again_over_what_a_killed_one_left() -> None:
    program = OfficeProgram()
    program.kill()
    assert (program.home / "run" / "board.sock").exists()
    program.restart()
    RawBoard(program.home).close()
    program.process.send_signal(signal.SIGINT)
    assert program.process.wait(10) == 0
    assert list((program.home / "run").iterdir()) == []
    shutil.rmtree(program.home)
