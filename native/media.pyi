"""The only face of the media core: slots, connect, play, detect, record. All of it runs without the GIL once set up.

Slots are ports of pjsua's conference bridge; times are CLOCK_MONOTONIC nanoseconds; samples are 8000 a second.
"""

from collections.abc import Sequence
from typing import NamedTuple

class MediaError(Exception):
    """The media core refused; the text says what and, from pjproject, why."""

class Happening(NamedTuple):
    """What the pump saw. `kind`: digit, finished, tone, caller_id, recorded, line_dead."""

    token: int        # of the leg it happened on
    kind: str
    value: str        # digit: "5"; tone: "busy"; finished: "played"; caller_id: "number\tname"; recorded: duration_s
    number: int       # finished: the play id it was given
    at_ns: int

class Prompt:
    """Samples kept in memory; immutable and shared by any number of legs."""

    duration_s: float
    def __init__(self, samples: bytes) -> None: ...   # signed 16 bit, native order
    @staticmethod
    def load(path: str) -> Prompt: ...                # mono WAV 8 kHz 16 bit; MediaError names what is wrong

class Cadence:
    """A tone as a country's table writes it: frequencies in Hz, level in dBm0, on and off in ms (all zero off: steady)."""

    def __init__(self, frequencies: Sequence[float], level_dbm0: float, on_off_ms: Sequence[int]) -> None: ...

class Leg:
    """One party's port on the bridge with its permanent tap: what it says is measured, what the box plays goes to it."""

    slot: int
    token: int
    def play(self, sounds: Sequence[Prompt | Cadence | int], play_id: int, loop: bool = False) -> None: ...
    def stop(self) -> None: ...                       # `finished` with "stopped" follows, if something was played
    def detect(self, digits: bool, tones: dict[str, Cadence], caller_id: bool) -> None: ...
    def level_dbm0(self) -> float: ...                # of the last 200 ms heard from the party; -96 at most silent
    def record(self, path: str) -> None: ...          # two channels: left the party, right all that the party hears
    def stop_record(self) -> None: ...                # `recorded` follows when the file is closed
    def move(self, slot: int) -> None: ...            # the stream was made anew (hold, codec): all goes on at this slot
    def close(self) -> None: ...                      # parts it from everything; a recording is closed properly

class Timeslot:
    """A TDM channel on the bridge: 160-byte blocks of A-law read from and written to a file descriptor by the pump."""

    slot: int
    def close(self) -> None: ...

class Core:
    """The one pump and all that hangs on it. Exactly one per process, after pjsua has started."""

    fd: int                                           # readable when poll() has something
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def poll(self) -> list[Happening]: ...
    def counters(self) -> dict[str, float]: ...       # ticks, late_ticks, worst_late_ms, caught_up, dropped_ticks, slips...
    def leg(self, slot: int, token: int) -> Leg: ...
    def timeslot(self, fd: int) -> Timeslot: ...
    def connect(self, one: Leg, other: Leg) -> None: ...      # both ways; recordings follow by themselves
    def disconnect(self, one: Leg, other: Leg) -> None: ...
