"""A TDM channel: blocks of A-law in and out, a clock of the far end's own, and its end."""

import os
import select
import socket
import tty
from collections.abc import Iterator

import numpy as np
import pytest

from native.media import Leg, MediaError, Prompt, Timeslot
from tests import audio
from tests.native.room import Room
from tests.native.signals import as_bytes, caller_id, mdmf, tone

SILENT_BLOCK = bytes([0xD5]) * 160


class Line:
    """A timeslot with a leg, and the socket of its far end, which the test serves by hand."""

    def __init__(self, room: Room) -> None:
        near, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.far.setblocking(False)
        self.token = room.token()
        self.timeslot: Timeslot = room.core.timeslot(near.fileno(), self.token)
        near.close()
        self.leg: Leg = room.core.leg(self.timeslot.slot, room.token())

    def drain(self) -> list[bytes]:
        blocks = []
        while True:
            try:
                blocks.append(self.far.recv(1000))
            except BlockingIOError:
                return blocks

    def close(self) -> None:
        self.leg.close()
        self.timeslot.close()
        self.far.close()


@pytest.fixture
def line(room: Room) -> Iterator[Line]:
    line = Line(room)
    yield line
    line.close()


def slips(room: Room) -> float:
    return room.core.counters()["slips"]


def test_a_block_goes_out_in_every_tick_silent_when_nothing_is_said(room: Room, line: Line) -> None:
    room.wait(lambda: line.drain())
    blocks: list[bytes] = []
    ticks = room.core.counters()["ticks"]
    while len(blocks) < 50:
        room.turn()
        blocks += line.drain()
    gone = room.core.counters()["ticks"] - ticks
    assert set(blocks) == {SILENT_BLOCK}
    assert len(blocks) == pytest.approx(gone, abs=2)


def test_what_is_played_goes_out_in_alaw(room: Room, line: Line) -> None:
    codes = np.random.default_rng(1).integers(0, 256, 1600, np.uint8).tobytes()
    line.leg.play([Prompt(as_bytes(audio.decode_alaw(codes)))], 1)
    heard = b""
    while not room.of(line.leg, "finished"):
        room.turn()
        heard += b"".join(line.drain())
    room.wait_ticks(2)
    assert codes in heard + b"".join(line.drain())


def test_a_far_end_in_a_burst_is_cut_down_and_counted(room: Room, line: Line) -> None:
    before = slips(room)
    loud = audio.encode_alaw(tone([1000], -10, 0.02))
    for _ in range(30):
        line.far.send(loud)
    room.wait(lambda: line.leg.level_dbm0() > -20)
    assert 30 - 8 <= slips(room) - before <= 30 - 8 + 1  # and one when they are used up


def test_a_far_end_that_stops_is_silence_and_one_slip(room: Room, line: Line) -> None:
    loud = audio.encode_alaw(tone([1000], -10, 0.02))
    for _ in range(4):
        line.far.send(loud)
    room.wait(lambda: line.leg.level_dbm0() > -20)
    before = slips(room)
    room.wait(lambda: line.leg.level_dbm0() < -90)
    room.wait_ticks(10)
    assert slips(room) - before <= 1
    for _ in range(4):
        line.far.send(loud)
    room.wait(lambda: line.leg.level_dbm0() > -20)


def test_the_last_second_that_was_heard_is_at_hand_in_its_order(room: Room, line: Line) -> None:
    codes = np.random.default_rng(1).integers(0, 256, 90 * 160, np.uint8).tobytes()
    for number in range(90):
        line.far.send(codes[number * 160 : (number + 1) * 160])
        if number >= 3:  # some stay ahead: we may be late for a tick
            room.wait_ticks(1)
    heard = line.leg.samples()
    assert len(heard) == 2 * 8000
    assert heard[:-1600] in as_bytes(audio.decode_alaw(codes))  # a tick may have come without its block at the end


def test_useless_delay_is_taken_away_block_by_block(room: Room) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for _ in range(5):
        one.send(SILENT_BLOCK)  # 100 ms that would stay for ever: from now on one block comes and one goes
    ends = [room.core.timeslot(other.fileno()), room.core.timeslot(one.fileno())]
    one.close()
    other.close()
    before = slips(room)
    room.wait(lambda: slips(room) - before >= 2)
    for end in ends:
        end.close()


def test_much_useless_delay_is_taken_away_within_two_seconds(room: Room) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for _ in range(6):
        one.send(SILENT_BLOCK)  # as after a machine that stood still
    ends = [room.core.timeslot(other.fileno()), room.core.timeslot(one.fileno())]
    one.close()
    other.close()
    before, began = slips(room), room.core.counters()["ticks"]
    room.wait(lambda: slips(room) - before >= 3)
    assert room.core.counters()["ticks"] - began < 100
    for end in ends:
        end.close()


def test_a_far_end_that_does_not_read_loses_blocks_and_stops_nothing(room: Room, line: Line) -> None:
    before = room.core.counters()
    room.wait(lambda: room.core.counters()["lost_blocks"] > before["lost_blocks"] + 5)
    waiting = line.drain()
    assert len(waiting) < 25  # what had piled up is less than half a second
    room.wait_ticks(3)
    assert line.drain()


def test_a_far_end_that_goes_is_told_once(room: Room, line: Line) -> None:
    line.far.close()
    room.wait(lambda: any(h.kind == "line_dead" for h in room.happenings))
    room.wait_ticks(10)
    assert [(h.token, h.kind) for h in room.happenings] == [(line.token, "line_dead")]
    assert line.leg.level_dbm0() == -96


def test_a_block_of_wrong_length_is_a_slip_and_not_played(room: Room, line: Line) -> None:
    before = slips(room)
    for _ in range(4):
        line.far.send(audio.encode_alaw(tone([1000], -10, 0.01)))
    room.wait(lambda: slips(room) - before == 4)
    room.wait_ticks(5)
    assert line.leg.level_dbm0() == -96


def test_the_callers_descriptor_stays_its_own(room: Room) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        timeslot = room.core.timeslot(one.fileno())
        timeslot.close()
        room.wait(lambda: room.core.counters()["parties"] == 0)
        other.setblocking(False)
        one.send(b"mine")
        heard = b""
        while not heard.endswith(b"mine"):
            heard += other.recv(1000)


def test_a_timeslot_that_is_closed_wakes_us_to_let_go_of_its_descriptor(room: Room) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with other:
        with one:
            timeslot = room.core.timeslot(one.fileno())
        room.wait_ticks(3)
        timeslot.close()
        other.settimeout(5)
        assert select.select([room.core.fd], [], [], 5)[0]  # nothing else happens that would
        room.core.poll()
        while other.recv(1000):  # until its last end is closed
            continue


def test_a_device_is_let_go_of_as_a_socket_is(room: Room) -> None:
    """A channel of a card that somebody still has open cannot be opened for the next call."""
    far, near = os.openpty()
    tty.setraw(near)
    before = len(os.listdir("/proc/self/fd"))
    timeslot = room.core.timeslot(near)
    room.wait_ticks(3)
    timeslot.close()
    assert select.select([room.core.fd], [], [], 5)[0]
    room.core.poll()
    room.wait_ticks(3)  # the bridge lets go of it after us
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(near)
    os.close(far)


def test_no_descriptor_is_refused(room: Room) -> None:
    with pytest.raises(MediaError, match="descriptor 9999: Bad file descriptor"):
        room.core.timeslot(9999)
    assert room.core.counters()["parties"] == 0


def test_a_leg_at_no_slot_is_refused(room: Room) -> None:
    for slot in (-1, 400, 100_000):
        with pytest.raises(MediaError, match="slot"):
            room.core.leg(slot, room.token())


def test_a_caller_id_comes_whole_however_late_its_blocks(room: Room, line: Line) -> None:
    line.leg.detect(digits=False, tones={}, caller_id=True)
    said = audio.encode_alaw(caller_id(mdmf((2, b"13800138000"))))
    blocks = [said[start : start + 160] for start in range(0, len(said) - 159, 160)]
    before = slips(room)
    chance = np.random.default_rng(3)
    while blocks:
        burst, blocks = blocks[: (size := int(chance.integers(1, 30)))], blocks[size:]
        for block in burst:
            line.far.send(block)
        room.wait_ticks(int(chance.integers(1, 30)))
    assert room.wait_for(line.leg, "caller_id").value == "13800138000\t"
    assert slips(room) == before


def test_no_idle_lines_delay_is_left_for_the_talk(room: Room, line: Line) -> None:
    line.leg.detect(digits=False, tones={}, caller_id=True)
    loud = audio.encode_alaw(tone([1000], -10, 0.02))
    for _ in range(40):
        line.far.send(loud)
    line.leg.detect(digits=True, tones={}, caller_id=False)
    line.far.send(loud)
    room.wait(lambda: line.leg.level_dbm0() > -20)
    began = room.core.counters()["ticks"]
    room.wait(lambda: line.leg.level_dbm0() < -90)
    assert room.core.counters()["ticks"] - began < 25  # 8 blocks at most, and the 10 whose level is told; not 41


class Device:
    """A timeslot on a descriptor that is no socket: what is written to it waits, as in DAHDI's driver."""

    def __init__(self, room: Room, law: str = "alaw") -> None:
        self.far, near = os.openpty()
        tty.setraw(near)
        os.set_blocking(self.far, False)
        self.timeslot: Timeslot = room.core.timeslot(near, law=law)
        os.close(near)
        self.leg: Leg = room.core.leg(self.timeslot.slot, room.token())

    def drain(self) -> bytes:
        got = b""
        while True:
            try:
                got += os.read(self.far, 4096)
            except BlockingIOError:
                return got

    def close(self) -> None:
        self.leg.close()
        self.timeslot.close()
        os.close(self.far)


@pytest.fixture
def device(room: Room) -> Iterator[Device]:
    device = Device(room)
    yield device
    device.close()


def test_a_device_whose_clock_stands_still_is_given_three_blocks_and_no_more(room: Room, device: Device) -> None:
    room.wait_ticks(20)
    assert len(device.drain()) == 3 * 160


def test_a_device_is_given_a_block_for_each_that_comes_from_it(room: Room, device: Device) -> None:
    room.wait_ticks(20)
    device.drain()
    for _ in range(30):
        os.write(device.far, SILENT_BLOCK)
        room.wait_ticks(2)
    assert len(device.drain()) in (30 * 160, 31 * 160)


def test_a_device_that_sent_more_than_it_had_begins_with_silence_again(room: Room, device: Device) -> None:
    room.wait_ticks(20)
    before = slips(room)
    device.drain()
    for _ in range(5):  # at once: its three have gone, and for two more there was nothing
        os.write(device.far, SILENT_BLOCK)
    room.wait_ticks(20)
    assert slips(room) > before
    assert device.drain()[:160] == SILENT_BLOCK


def test_a_device_that_sent_all_it_had_is_given_the_next_block_and_no_silence(room: Room, device: Device) -> None:
    device.leg.play([Prompt(as_bytes(tone([1000], -10, 5)))], 1)
    room.wait_ticks(20)
    device.drain()
    for _ in range(3):  # at once: the tick was late, and the last of its three may still be on its way
        os.write(device.far, SILENT_BLOCK)
    room.wait_ticks(20)
    given = device.drain()
    assert [given[at : at + 160] == SILENT_BLOCK for at in range(0, len(given), 160)] == [False] * 3


def test_mu_law_is_spoken_where_a_board_has_it(room: Room) -> None:
    device = Device(room, "mulaw")
    try:
        device.leg.play([Prompt(as_bytes(tone([1000], -10, 2)))], 1, loop=True)
        heard = b""
        for _ in range(500):  # ticks; fifty are enough
            os.write(device.far, bytes([0xFF]) * 160)
            room.wait_ticks(1)
            heard += device.drain()
            if len(heard) >= 8000:
                break
        samples = np.array([mulaw(code) for code in heard[1600:6400]], np.int16)
        assert audio.hears_tone(samples, 1000)
        assert audio.level_dbm0(samples) == pytest.approx(-10, abs=0.5)
    finally:
        device.close()
    with pytest.raises(MediaError, match="law 'slin' is none of alaw, mulaw"):
        room.core.timeslot(0, law="slin")


def mulaw(code: int) -> int:
    """Decode by ITU-T G.711 table 2, written down anew."""
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -size if code & 0x80 else size


def test_what_comes_and_what_goes_is_louder_or_softer_by_so_many_db(room: Room, line: Line) -> None:
    """Told anew while it goes on; 0 is what there was before."""
    spoken = audio.encode_alaw(tone([700], -20, 0.02))
    line.leg.play([Prompt(as_bytes(tone([1100], -20, 1.0)))], 1, loop=True)

    def levels() -> tuple[float, float]:
        line.far.send(spoken)
        room.wait_ticks(1)
        said = b"".join(line.drain())[-160:]
        return line.leg.level_dbm0(), audio.level_dbm0(audio.decode_alaw(said)) if said else 0.0

    for heard_db, said_db in ((0, 0), (6, -6), (-12, 12), (3, 0), (0, 0)):
        line.timeslot.gain(heard_db, said_db)
        wanted = pytest.approx((-20 + heard_db, -20 + said_db), abs=0.4)
        for _ in range(100):
            if (found := levels()) == wanted:
                break
        assert found == wanted
        assert any(levels() == wanted for _ in range(10)), "it did not last"
