"""The only face of the media core: slots, connect, play, detect, record. All of it runs without the GIL once set up.

Slots are ports of pjsua's conference bridge; times are CLOCK_MONOTONIC nanoseconds; samples are 8000 a second. All
calls are made from one thread that pjlib knows, and return at once: the pump does what they order in its next tick.
What cannot be done raises MediaError.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

class MediaError(Exception):
    """The media core refused; the text says what and, from pjproject, why."""

class Happening(NamedTuple):
    """What was seen. These are the kinds, and what `value` and `number` are for each.

    digit       value "5": an in-band key, 0-9 * # A-D
    finished    value "played" or "stopped"; number: the play id it was given. Once for every play
    tone        value "busy": the name given to detect, once while the tone lasts
    caller_id   value: number, a tab, name; number: 0 known, 1 withheld by the caller, 2 not available
    recorded    value "12.34": seconds in the closed file; number: 0, or the errno that ended it early (28: disk full)
    line_dead   the far end of a timeslot is gone; token: the timeslot's
    mf          value: a register signal of R2 (ITU-T Q.441) that begins, 1 to 9, 0 (10), B (11) to F (15); "": it ended
    clock       value "board" or "own": what the pump follows from now on; token: clock_token of start
    connected   both parties hear each other from this tick on; token and number: the tokens of connect's two legs
    """

    token: int        # of the leg it happened on
    kind: str
    value: str
    number: int
    at_ns: int        # when its tick began

class Prompt:
    """Samples kept in memory; immutable and shared by any number of legs."""

    duration_s: float
    def __init__(self, samples: bytes) -> None: ...   # signed 16 bit, native order
    @staticmethod
    def load(path: str) -> Prompt: ...                # WAV, mono, 8 kHz, 16 bit; MediaError says what is wrong

class Cadence:
    """A tone as a country's table writes it: Hz, dBm0 of each frequency, on and off in ms in turn.

    Every off 0 is a steady tone; played in a loop it has no break if its length holds whole periods, as 1000 does.
    `modulated_hz`: its amplitude swings by 90 % so often a second, and `level_dbm0` is the carrier's.
    """

    frequencies: tuple[float, ...]
    level_dbm0: float
    on_off_ms: tuple[int, ...]
    modulated_hz: float
    def __init__(
        self, frequencies: Sequence[float], level_dbm0: float, on_off_ms: Sequence[int], modulated_hz: float = 0.0
    ) -> None: ...

class Sound(NamedTuple):
    """One of a series: frequencies in Hz together for `on_ms`, after a silence of `gap_ms`."""

    frequencies: tuple[float, ...]
    on_ms: int
    gap_ms: int

class Series(NamedTuple):
    """Two to four sounds of different frequencies one after the other, to listen for; heard once, it is told."""

    sounds: tuple[Sound, ...]

class Heard(NamedTuple):
    """What an Ear heard; `kind`, `value` and `number` as a Happening has them."""

    kind: str
    value: str
    number: int
    at_s: float       # since the first sample, when its tick began

class Ear:
    """The detectors that a leg has, for samples at hand: a recording, or a measurement of the detectors; Leg.detect."""

    def __init__(
        self, digits: bool, tones: Mapping[str, Cadence | Series], caller_id: bool,
        mf: Literal["", "forward", "backward"] = "",
    ) -> None: ...
    def hear(self, samples: bytes) -> list[Heard]:
        """Listen to more samples (16 bit, 8000 a second), faster than life; what is no whole tick waits for more."""

class Leg:
    """One party's leg: a permanent tap on what it says; what the box plays is mixed into what others say to it."""

    slot: int
    token: int
    def play(self, sounds: Sequence[Prompt | Cadence | int], play_id: int, loop: bool = False) -> None:
        """Play in order, instead of what is played now: prompts, one pass of each cadence, milliseconds of silence."""
    def stop(self) -> None: ...                       # `finished` with "stopped" follows, if something was played
    def detect(
        self, digits: bool, tones: Mapping[str, Cadence | Series], caller_id: bool,
        mf: Literal["", "forward", "backward"] = "",
    ) -> None:
        """Listen for these from now on and nothing else; at most 8 tones.

        `caller_id`, and `mf` (R2's register signals of who calls, or of who is called), are for a line that nobody
        talks on: all that comes is heard, and as soon as it comes.
        """
    def level_dbm0(self) -> float: ...                # of the last 200 ms heard from the party; -96 at most silent
    def samples_since(self, tick: int) -> tuple[int, bytes]: ...  # the tick it is, and what was heard since
    def samples(self) -> bytes: ...                   # the last second heard, less in the first: signed 16 bit, native
    def record(self, path: str) -> None:
        """Record to a new file, two channels: left what the party says, right all that it is sent. Replaces no file."""
    def stop_record(self) -> None: ...                # `recorded` follows when the file is closed
    def move(self, slot: int) -> None:
        """Go on at this slot: the stream was made anew (hold, resume, codec), though its slot may be the same again."""
    def close(self) -> None: ...                      # parts it from everything; a recording is closed properly

class Timeslot:
    """A TDM channel on the bridge: blocks of 160 bytes (G.711) read from and written to a descriptor by the pump."""

    slot: int
    def gain(self, heard_db: float, said_db: float) -> None: ...  # of what comes, and of what goes, from now on
    def close(self) -> None: ...

class Core:
    """The one pump and all that hangs on it. One per process, made after pjsua's libInit, stopped before libDestroy."""

    fd: int                                           # readable when poll() has something
    def start(self, clock_fd: int = -1, clock_token: int = 0) -> None:
        """Start after libStart and before the first call: streams made earlier have no room for a leg.

        `clock_fd`, a duplicate of which is used, is a board's clock: POLLPRI each 20 ms. Where it is silent for 60 ms
        the pump goes on by the machine's clock, until it has come for a second again; each is told by `clock`.
        """
    def stop(self) -> None: ...                       # closes all that is open; its last happenings can still be polled
    def poll(self) -> list[Happening]: ...
    def counters(self) -> dict[str, float]:
        """Return what was counted since the start.

        ticks late_ticks (over 5 ms) worst_late_ms caught_up dropped_ticks; slips lost_blocks (of timeslots);
        board_clock (1: it is followed);
        event_overflows recorder_overruns failed_connects silenced_logs; parties (streams and timeslots that exist)
        pump_cpu_s; realtime memory_locked (1: the machine allowed it).
        """
    def leg(self, slot: int, token: int) -> Leg: ...  # at a call's audioConfSlot or a timeslot's; a token names one
    def timeslot(self, fd: int, token: int = 0, law: str = "alaw") -> Timeslot:
        """Return a timeslot that uses a duplicate of fd, made non-blocking; `law` is "alaw" or "mulaw"."""
    def connect(self, one: Leg, other: Leg) -> None: ...      # both ways; recordings follow; `connected` when applied
    def disconnect(self, one: Leg, other: Leg) -> None: ...
