"""The devices of the real kernel modules: spans, channels, sound, frames, events."""

import os
import random
import select
import time

from drivers.boards.dahdi import device
from native import dahdi
from native.dahdi import Event, Hook, Signalling

LINE, ITS_OFFICE = 4, 35
VOICE, ITS_END = 5, 36
FRAMES, THEIR_END = 16, 47
LONGEST_S = 20.0
YELLOW, RED = 1 << 2, 1 << 3


def wait(fd: int, what: int) -> None:
    """Wait until poll(2) says so of a descriptor."""
    asked = select.poll()
    asked.register(fd, what)
    assert asked.poll(LONGEST_S * 1000), f"descriptor {fd}: nothing within {LONGEST_S} s"


def test_boards_are_found_with_their_channels_and_kinds() -> None:
    spans, channels = device.spans(), device.channels()
    assert {number: (span.channels, span.configured, span.alarms) for number, span in spans.items()} == {
        1: (31, 31, 0), 2: (31, 31, 0), 3: (4, 4, 0), 4: (4, 4, 0), 5: (1, 0, RED), 6: (1, 0, YELLOW),
    }
    assert [channel.number for channel in channels] == list(range(1, 73))
    assert {channel.span for channel in channels[31:62]} == {2}
    signalling = {channel.number: channel.signalling for channel in channels}
    assert [signalling[number] for number in (LINE, ITS_OFFICE)] == [Signalling.FXSKS, Signalling.FXOKS]
    assert [signalling[number] for number in (VOICE, FRAMES)] == [Signalling.CLEAR, Signalling.HDLC]
    assert {channel.law for channel in channels if channel.number not in (FRAMES, THEIR_END, 71, 72)} == {"alaw"}


def test_a_channel_is_opened_once_and_only_if_it_is_there() -> None:
    fd = device.open_channel(VOICE)
    try:
        for number, name in ((VOICE, "EBUSY"), (73, "ENXIO")):
            try:
                os.close(device.open_channel(number))
            except OSError as error:
                said = os.strerror(error.errno or 0), str(number) in str(error.filename)
            assert said[1], (name, said)
    finally:
        os.close(fd)


def test_sound_is_the_same_bits_at_the_other_end_both_ways() -> None:
    ends = [device.open_voice(VOICE, digital=True), device.open_voice(ITS_END, digital=True)]
    for end in ends:
        dahdi.set_buffers(end, 32, device.BLOCK)
    seeds = random.Random(5)
    sent = [b"".join(seeds.randbytes(device.BLOCK) for _ in range(50)) for _ in ends]
    given, got = [0, 0], [b"", b""]
    until_s = time.monotonic() + LONGEST_S
    while any(sent[1 - end] not in got[end] for end in (0, 1)) and time.monotonic() < until_s:
        for end, fd in enumerate(ends):
            try:
                while given[end] < len(sent[end]):
                    given[end] += os.write(fd, sent[end][given[end] : given[end] + device.BLOCK])
            except BlockingIOError:
                pass
            try:
                while block := os.read(fd, device.BLOCK):
                    got[end] += block
            except BlockingIOError:
                pass
        select.select(ends, [], [], 0.1)
    for fd in ends:
        os.close(fd)
    assert [sent[1 - end] in got[end] for end in (0, 1)] == [True, True]


def test_a_frame_comes_whole_through_a_d_channel() -> None:
    here, there = device.open_hdlc(FRAMES), device.open_hdlc(THEIR_END)
    try:
        os.write(here, b"flags are looked for\0\0")  # by a receiver that has just begun: this one may be lost
        frames = [bytes([2, 1, number]) + bytes(range(number)) for number in (5, 60, 200)]
        for frame in frames:
            os.write(here, frame + b"\0\0")  # where the kernel puts the check sequence
        got: list[bytes] = []
        until_s = time.monotonic() + LONGEST_S
        while got[-3:] != frames and time.monotonic() < until_s:
            select.select([there], [], [there], 0.5)
            list(device.events(there))
            try:
                got.append(os.read(there, device.FRAME_BYTES)[:-2])
            except BlockingIOError:
                continue
        assert got[-3:] == frames
    finally:
        os.close(here)
        os.close(there)


def test_each_ring_is_told_once_and_in_order_however_late_one_asks() -> None:
    line, office = device.open_voice(LINE), device.open_voice(ITS_OFFICE)
    try:
        time.sleep(2.5)  # the kernel takes what comes earlier for contacts that bounce
        list(device.events(line))
        for _ in range(3):
            assert device.hook(office, Hook.RING)
            time.sleep(0.6)
            assert device.hook(office, Hook.RING_OFF)
            time.sleep(0.6)
        told = [code for code in device.events(line) if code in (Event.RING_BEGIN, Event.RING_OFF_HOOK)]
        assert told == [Event.RING_BEGIN, Event.RING_OFF_HOOK] * 3
        assert device.line_volts(line) is None  # a wire of memory has none to tell: that is not known, and no error
        assert device.hook(line, Hook.OFF)
        wait(office, select.POLLPRI)
        assert Event.RING_OFF_HOOK in list(device.events(office))
        assert dahdi.channel(office).off_hook
    finally:
        os.close(line)
        os.close(office)


def test_the_clock_ticks_every_20_ms() -> None:
    clock = device.open_clock()
    try:
        wait(clock, select.POLLPRI)
        began = time.monotonic()
        for _ in range(50):
            wait(clock, select.POLLPRI)
            dahdi.take_tick(clock)
        assert 0.9 < time.monotonic() - began < 1.5
    finally:
        os.close(clock)
