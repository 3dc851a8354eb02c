"""DAHDI's devices (dahdi/user.h): what boards there are, and their channels' ioctls. What fails raises OSError."""

from enum import IntEnum
from typing import NamedTuple

class Signalling(IntEnum):
    """What a channel may be configured for; DAHDI names a port by what it needs: an FXO port is `FXS..`."""

    FXSLS = ...
    FXSKS = ...
    FXOLS = ...
    FXOKS = ...
    CLEAR = ...
    HDLC = ...
    HARD_HDLC = ...
    CAS = ...

class Hook(IntEnum):
    """What can be done to an analog wire."""

    ON = ...
    OFF = ...
    FLASH = ...
    RING = ...
    RING_OFF = ...

class Event(IntEnum):
    """What happens on a channel; there are more, of no use here."""

    NONE = ...
    ON_HOOK = ...
    RING_OFF_HOOK = ...   # of an FXO port: a burst of ringing ended; of an FXS one: off-hook
    FLASH = ...
    ALARM = ...
    NO_ALARM = ...
    DIAL_COMPLETE = ...
    RINGER_ON = ...
    RINGER_OFF = ...
    HOOK_COMPLETE = ...
    BITS_CHANGED = ...
    PULSE_START = ...
    POLARITY = ...
    RING_BEGIN = ...
    REMOVED = ...

class Maintenance(IntEnum):
    """What a span may do for a test."""

    NONE = ...
    LOCAL_LOOP = ...    # what we send comes back to us

class Span(NamedTuple):
    """A span of a board, as its driver has it; errors are counted since it was loaded."""

    number: int
    name: str
    description: str
    kind: str           # "E1", "FXS", "FXO", "ANALO", "DYNAM" of spans made of memory; cut to five letters
    device: str         # the card, or ""
    location: str       # of the card in the machine, or ""
    alarms: int         # 0: none
    channels: int
    configured: int     # of them
    digital: bool
    sync_source: int    # 0: it has its own clock; else whose it takes, which each driver says in its own way
    errors: dict[str, int]  # bpv, crc4, ebit, fas, irq_misses

class Channel(NamedTuple):
    """A channel, as its driver has it."""

    number: int
    span: int
    position: int       # in the span, from 1
    name: str
    signalling: int     # a Signalling, 0: not configured
    capable: int        # of these, or'ed
    off_hook: bool      # its far end
    alarms: int
    law: str            # "alaw" or "mulaw"
    broken: bool

def span(fd: int, number: int) -> Span: ...                # by the descriptor of /dev/dahdi/ctl
def channel(fd: int, number: int = 0) -> Channel: ...      # by that one too, or by the channel's own
def specify(fd: int, number: int) -> None: ...             # make a descriptor of /dev/dahdi/channel that of one channel
def set_buffers(fd: int, count: int, size: int) -> None: ...  # so many of so many bytes, each sent as soon as written
def set_audio(fd: int, audio: bool) -> None: ...           # of a B-channel: sound, not bits
def flush(fd: int) -> None: ...                            # forget the sound that waits, both ways; events stay
def maintain(fd: int, number: int, what: int) -> None: ...  # by that of /dev/dahdi/ctl; ENOSYS: the driver has none
def hook(fd: int, what: int) -> None: ...                  # under way on return; EBUSY: the last one is not done yet
def set_flash(fd: int, before_ms: int, open_ms: int) -> None: ...  # what a FLASH of the channel is from now on
def event(fd: int) -> int: ...                             # the oldest that waits, taken out; 0: none
def received_bits(fd: int) -> int: ...                     # ABCD
def send_bits(fd: int, bits: int) -> None: ...             # ABCD, from now on
def cancel_echo(fd: int, taps: int) -> None: ...           # samples of memory, 2^n, 32 to 1024; 0: no more
def pace(fd: int, samples: int) -> None: ...               # POLLPRI after each so many, on /dev/dahdi/timer
def take_tick(fd: int) -> None: ...                        # one of these events is done with
