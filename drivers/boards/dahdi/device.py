"""DAHDI's devices as the box uses them: boards found by themselves, a channel opened by its number.

All cards of a machine share one numbering of spans and channels, both from 1. Works without udev: a channel is opened
by /dev/dahdi/channel and its number (DAHDI_SPECIFY).
"""

import errno
import fcntl
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.link.errors import NoLoop
from drivers.link.messages import WireAlarm
from native import dahdi
from native.dahdi import Channel, Event, Hook, Maintenance, Span

CONTROL = "/dev/dahdi/ctl"
CHANNEL = "/dev/dahdi/channel"
TIMER = "/dev/dahdi/timer"
BLOCK = 160         # bytes and samples, 20 ms
BUFFERS = 8         # of the kernel's, each way: what it may be late; what is written stays at two blocks all the same
MOST_BUFFERS = 32   # DAHDI_MAX_NUM_BUFS
FRAMES = 32         # of a D-channel
FRAME_BYTES = 1024
MOST_SPANS = 128    # DAHDI_MAX_SPANS
EVENTS_AT_ONCE = 64
FLASH_AHEAD_MS = 1  # the kernel keeps the loop closed for so long before a flash; of 0 it would forget the flash
PULSE_DIGIT = 1 << 16           # DAHDI_EVENT_PULSEDIGIT, or'ed with the digit's character
ON_HOOK_TRANSFER = 0x4004DA33   # DAHDI_ONHOOKTRANSFER, _IOW(0xDA, 51, int)
LAMP = 0xC004DA5E               # DAHDI_VMWI, _IOWR(0xDA, 94, int)
LAMP_KIND = 0x4004DA5F          # DAHDI_VMWI_CONFIG, _IOW(0xDA, 95, struct dahdi_vmwi_info)
NEON_LAMP = 1 << 2              # DAHDI_VMWI_HVAC: 90 V, which lights a neon lamp
SET_POLARITY = 0x4004DA5C       # DAHDI_SETPOLARITY, _IOW(0xDA, 92, int)
LINE_VOLTS = 0x800CDA3C         # WCTDM_GET_STATS (dahdi/wctdm_user.h), _IOR(0xDA, 60, three ints)
PROC = "/proc/dahdi"
# dahdi/user.h; the first three are ITU-T G.775's and I.431's LOS, AIS and RAI
ALARMS: dict[int, WireAlarm] = {
    1 << 3: "red", 1 << 4: "blue", 1 << 2: "yellow", 1 << 1: "loopback", 1 << 0: "recovering", 1 << 5: "closed",
}  # fmt: skip


@contextmanager
def _opened(path: str, flags: int = os.O_RDWR) -> Iterator[int]:
    fd = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def spans() -> dict[int, Span]:
    """Return all spans by number; OSError where DAHDI is not there, or not for us."""
    found = {}
    with _opened(CONTROL) as control:
        for number in range(1, MOST_SPANS + 1):
            try:
                found[number] = dahdi.span(control, number)
            except OSError:  # numbers may have holes
                continue
    return found


def alarms(span: Span) -> tuple[WireAlarm, ...]:
    """Return what is wrong with a span's wire."""
    return tuple(name for bit, name in ALARMS.items() if span.alarms & bit)


def slips(number: int) -> int:
    """Return how often the clocks of both ends of a span slipped past each other by a frame; /proc alone tells."""
    try:
        told = Path(f"{PROC}/{number}").read_text(errors="replace")
    except OSError:
        return 0  # a kernel without /proc/dahdi counts none
    found = re.search(r"^\s*Timing slips: (\d+)", told, re.MULTILINE)
    return int(found[1]) if found else 0


def channels() -> list[Channel]:
    """Return all channels of all spans, by number."""
    wanted = sum(span.channels for span in spans().values())
    found: list[Channel] = []
    number = 0
    with _opened(CONTROL) as control:
        while len(found) < wanted and number < MOST_SPANS * 32:
            number += 1
            try:
                found.append(dahdi.channel(control, number))
            except OSError:
                continue
    return found


def open_channel(number: int) -> int:
    """Return the descriptor of a channel, which nobody else may have open; non-blocking, on-hook, no buffers set."""
    fd = os.open(CHANNEL, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        dahdi.specify(fd, number)
    except OSError:
        os.close(fd)
        raise
    return fd


def open_voice(number: int, digital: bool = False) -> int:
    """Return the descriptor of a channel that carries sound: BLOCK bytes of its law at a time, both ways."""
    fd = open_channel(number)
    try:
        if digital:
            dahdi.set_audio(fd, True)
        dahdi.set_buffers(fd, BUFFERS, BLOCK)
    except OSError:
        os.close(fd)
        raise
    return fd


def keep(fd: int, *, much: bool) -> None:
    """Have a channel that carries sound keep as many blocks as can be, or as few as calls want."""
    dahdi.set_buffers(fd, MOST_BUFFERS if much else BUFFERS, BLOCK)
    dahdi.flush(fd)


def loop_back(number: int, looped: bool) -> None:
    """Have the card loop a span back towards us, or no more; NoLoop where its driver cannot."""
    with _opened(CONTROL) as control:
        try:
            dahdi.maintain(control, number, Maintenance.LOCAL_LOOP if looped else Maintenance.NONE)
        except OSError as error:
            if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOTTY):
                raise NoLoop(f"span {number}: its driver offers no loop of the card's own") from error
            raise


def open_hdlc(number: int) -> int:
    """Return the descriptor of a D-channel (signalling HDLC): each read and write is a frame with its two FCS bytes."""
    fd = open_channel(number)
    try:
        dahdi.set_buffers(fd, FRAMES, FRAME_BYTES)
    except OSError:
        os.close(fd)
        raise
    return fd


def open_clock() -> int:
    """Return a descriptor with POLLPRI after each block of the first board's clock."""
    fd = os.open(TIMER, os.O_RDWR | os.O_CLOEXEC)
    try:
        dahdi.pace(fd, BLOCK)
    except OSError:
        os.close(fd)
        raise
    return fd


def events(fd: int) -> Iterator[int]:
    """Yield what happened on a channel since the last time, oldest first; Events, and numbers of no use here."""
    for _ in range(EVENTS_AT_ONCE):
        code = dahdi.event(fd)
        if code == Event.NONE:
            return
        yield code


def pass_on_hook(fd: int, ms: int) -> None:
    """Let the card pass sound to a telephone that is on-hook, for so long: caller id between two rings."""
    fcntl.ioctl(fd, ON_HOOK_TRANSFER, struct.pack("i", ms))


def set_polarity(fd: int, reverse: bool) -> None:
    """Connect a telephone's wires the other way round, or back; OSError where the card cannot, or it rings."""
    fcntl.ioctl(fd, SET_POLARITY, struct.pack("i", reverse))


def light(fd: int, on: bool) -> None:
    """Light the neon lamp of a telephone that is on-hook, or put it out; OSError where the card cannot."""
    fcntl.ioctl(fd, LAMP_KIND, struct.pack("I", NEON_LAMP))
    fcntl.ioctl(fd, LAMP, struct.pack("i", on))


def line_volts(fd: int) -> int | None:
    """Return the voltage across an FXO port's pair, V, negative where the polarity is reversed; None: not known.

    It is register 29 (LVS) of the port's Si3050: 1 V a step, about 10 % off, right both on-hook and off-hook, and 0 for
    3 V and less (Si3050 data sheet, §5.12.1), for which the drivers have their alarm. wctdm, wctdm24xxp, wcaxx and
    opvxa1200 give it in mV, to whoever may open the channel; other drivers have no such ioctl.
    """
    try:
        told = fcntl.ioctl(fd, LINE_VOLTS, bytes(12))
    except OSError:
        return None
    return round(struct.unpack("iii", told)[0] / 1000) or None


def set_flash(fd: int, open_ms: int) -> None:
    """Let a flash of the channel open its loop for so many milliseconds, as soon as it is done."""
    dahdi.set_flash(fd, FLASH_AHEAD_MS, open_ms)


def hook(fd: int, what: Hook) -> bool:
    """Do that to an analog wire; False where it must be tried again, since the last thing is not done yet."""
    try:
        dahdi.hook(fd, what)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return True
