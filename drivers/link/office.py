"""What is said to the simulated central office, and what it reports: typed orders and reports.

One JSON object a line on $HOME/run/office.sock. {"id":1,"method":"call","params":{...}} is answered by any number of
{"id":1,"event":{...}} and then one {"id":1,"result":...} or {"id":1,"error":{"code":"...","message":"..."}}.
Times of a report are seconds since its call began (`started_s`, Unix time), to 20 ms; levels are dBm0.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

LineNumber = Annotated[int, Meta(ge=1, le=960, description="1 to 960")]
SpanNumber = Annotated[int, Meta(ge=1, le=64, description="1 to 64")]
Digits = Annotated[str, Meta(pattern=r"\A[0-9]{0,40}\Z", description="up to 40 digits")]
Keys = Annotated[
    str,
    Meta(pattern=r"\A[0-9*#A-D,]{0,120}\Z", description="up to 120 of 0-9 * # A-D, and , for a second's pause"),
]
Name = Annotated[str, Meta(pattern=r"\A[ -~]{0,50}\Z", description="up to 50 printable ASCII characters")]
Seconds = Annotated[float, Meta(ge=0, le=86400, description="0 to 86400 seconds")]
Hertz = Annotated[float, Meta(ge=50, le=3900, description="50 to 3900 Hz")]
Behaviour = Literal["answers", "busy", "no_answer", "congested", "unknown"]
"""Of a subscriber; congested: the network is full; unknown: nobody has the number, told by the information tone."""
CallerIdKind = Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash", "none"]
CallerIdStart = Literal["", "ring", "nothing", "alert", "pulse", "reversal", "request"]
"""What goes ahead of a caller id, by the words of drivers/countries.toml; "" as is usual for its kind."""
Outcome = Literal["answered", "busy", "no_answer", "congested", "unknown"]
SoundPath = Annotated[str, Meta(pattern=r"\A(|/[^\x00]*)\Z", description="an absolute path, or empty for none")]


# ---- orders ----------------------------------------------------------------------------------------------------------


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Common shape: an unknown key is refused."""


class PlaceCall(Order, frozen=True):
    """Be a caller: ring, listen, wait `wait_s` from the answer, press `digits`, speak, hold, hang up.

    Either of `line`, or over `span` for the number `to`.
    Spoken is `play` (WAV, mono, 8 kHz, 16 bit) once, or `tone_hz` steadily until the end. With `hold_s` the caller
    hangs up so long after having pressed and played; without, stays until busy tone is heard. Who does
    not get through gives up after `ring_for_s`. A `fax` beeps instead of that (ITU-T T.30 §4.1), at `tone_dbm0`.
    `record` is a WAV of all the caller heard from first to last.

    `caller_id_start`: caller id comes after the first ring (`ring`), or before it: after `nothing`, a dual tone
    (`alert`, DT-AS), a short ring (`pulse`, RP-AS), or a reversal of the polarity, after which FSK has a dual tone too.
    `jclip` comes to who goes off-hook at a ring of its own (`request`, CAR), and rings once that is on-hook again.
    """

    line: LineNumber | None = None
    span: SpanNumber | None = None
    to: Digits = ""
    number: Digits = ""
    name: Name = ""
    withheld: bool = False
    caller_id: CallerIdKind = "fsk"
    caller_id_start: CallerIdStart = ""
    wait_s: Seconds = 1.0
    digits: Keys = ""
    play: SoundPath = ""
    tone_hz: Hertz | None = None
    tone_dbm0: Annotated[float, Meta(ge=-40, le=0, description="-40 to 0 dBm0")] = -10.0
    fax: bool = False
    hold_s: Seconds | None = None
    ring_for_s: Seconds = 60.0
    record: SoundPath = ""

    def __post_init__(self) -> None:
        """Refuse a call of nowhere, and of both."""
        if (self.line is None) == (self.span is None):
            raise ValueError("line or span: one of them must be given, and not both")
        if self.span is None and self.to:
            raise ValueError(f"to: {self.to!r}, must be empty for a line, which has but one number")
        if self.caller_id_start and (self.caller_id == "jclip") != (self.caller_id_start == "request"):
            raise ValueError(f"caller_id_start: {self.caller_id_start!r}, must be request for jclip, and for no other")


class Press(Order, frozen=True):
    """Let a caller on the line press more keys, after what it is saying."""

    call: str
    digits: Keys


class Say(Order, frozen=True):
    """Let a caller on the line say something else from now on: a file, a tone, or (neither) nothing."""

    call: str
    play: SoundPath = ""
    tone_hz: Hertz | None = None


class HangUp(Order, frozen=True):
    """Let a caller hang up now."""

    call: str


class Subscriber(Order, frozen=True):
    """How a number beyond the office behaves when the box calls it, until told otherwise.

    `answers`: rings `answer_after_s`, then speaks (`tone_hz`, or `play`, or `echo`: a beep, then all it hears, a second
    later, or nothing) and hangs up `talk_s` after the answer (never, if not given). `unknown`: no such number. Over a
    span the box hears the same voice for `announced_s` before it is refused, or rings, which it hears then, too.
    """

    number: Annotated[str, Meta(pattern=r"\A[0-9*#]{1,40}\Z", description="1 to 40 of 0-9 * #")]
    behaviour: Behaviour = "answers"
    answer_after_s: Seconds = 6.0
    voice: Literal["echo", "tone", "file", "silence"] = "echo"
    tone_hz: Hertz = 1000.0
    play: SoundPath = ""
    talk_s: Seconds | None = 60.0
    record: SoundPath = ""
    announced_s: Seconds = 0.0


class Silence(Order, frozen=True):
    """A fault: the samples of a line are nothing but silence, towards the box, from it, or both; or sound again."""

    line: LineNumber
    direction: Literal["to_box", "from_box", "both"] = "both"
    on: bool = True


class Battery(Order, frozen=True):
    """A fault: the line is cut (`on` false): no battery, no ring, no samples, no loop; or whole again."""

    line: LineNumber
    on: bool


class Fault(Order, frozen=True):
    """All that is wrong with a line from now on; what is not named is right again, so that a line alone is well.

    `battery` false: it is cut. `dial_tone` false: none comes; `dial_tone_hz`: a steady tone of that frequency instead.
    `noise_dbm0`: white noise of that level towards the box, on-hook and off-hook. `busy_hz`, `busy_ms`: another tone,
    on and off in turns, in place of the busy tone that tells that the far end hung up, as of a private exchange;
    without `busy_hz`, none at all. `break_ms`: a break of the battery for so long tells it, before that tone.
    `echo_db`: what the box says comes back, so much weaker. `caller_id` false: no caller's number is told. `keys`
    false: digits are taken by breaks of the loop alone.
    """

    line: LineNumber
    battery: bool = True
    dial_tone: bool = True
    dial_tone_hz: Hertz | None = None
    noise_dbm0: Annotated[float, Meta(ge=-70, le=0, description="-70 to 0 dBm0")] | None = None
    echo_db: Annotated[float, Meta(ge=0, le=60, description="0 to 60 dB")] | None = None
    caller_id: bool = True
    keys: bool = True
    busy_hz: Annotated[tuple[Hertz, ...], Meta(max_length=4)] = ()
    busy_ms: Annotated[
        tuple[Annotated[int, Meta(ge=20, le=10000, description="20 to 10000 ms")], ...], Meta(max_length=16)
    ] = ()

    break_ms: Annotated[int, Meta(ge=0, le=5000, description="0 to 5000 ms")] = 0

    def __post_init__(self) -> None:
        """Refuse an on without its off."""
        if len(self.busy_ms) % 2 or (self.busy_hz and not self.busy_ms):
            raise ValueError(f"busy_ms: {list(self.busy_ms)}, must be pairs of on and off")


class SpanFault(Order, frozen=True):
    """All that is wrong with a span from now on; what is not named is right again.

    `dchannel` false: no frame of its signalling arrives anywhere. `alarm`: what the box sees on its wire: red (no
    signal), blue (AIS) or yellow (the far end sees no signal); sound and signalling are lost with it.

    `plug`: a loop plug is in the box's socket, so that all it sends comes back. `looped`: timeslots that the carrier
    has looped back. `bit_errors`: the ratio of bits that come back wrong, one in so many, evenly.

    `joins` false: the office refuses to join two calls of the box to each other, as where that is not ordered.
    """

    span: SpanNumber
    dchannel: bool = True
    alarm: Literal["", "red", "blue", "yellow"] = ""
    plug: bool = False
    looped: tuple[Annotated[int, Meta(ge=1, le=31, description="1 to 31")], ...] = ()
    bit_errors: Annotated[float, Meta(ge=0, le=0.1, description="0 to 0.1")] = 0.0
    joins: bool = True


IsdnVariant = Literal["euroisdn", "qsig"]
R2Variant = Literal[
    "itu", "china", "argentina", "brazil", "colombia", "czechia", "ecuador", "indonesia", "mexico", "philippines",
    "venezuela",
]  # fmt: skip


class SpanVariant(Order, frozen=True):
    """What a span speaks from now on, by ISDN or by MFC/R2, whichever the box speaks there.

    The box must be configured for the same; calls under way on the span end.
    """

    span: SpanNumber
    variant: IsdnVariant | R2Variant


class Reversal(Order, frozen=True):
    """Whether the line's polarity is reversed from the answer of a call of the box until the far end hangs up.

    Some carriers do so where it is ordered; `incoming`: on calls of others, too.
    """

    line: LineNumber
    on: bool
    incoming: bool = False


class Recall(Order, frozen=True):
    """Whether a line leads to a private exchange, which takes a flash in a talk for a recall.

    It holds who talks and gives dial tone, for another to be called. A further flash goes back to who is held; the
    hangup of who flashed leaves the two others to each other. Elsewhere a flash does nothing.
    """

    line: LineNumber
    on: bool


class Parallel(Order, frozen=True):
    """Lift the receiver of a telephone that is on the same pair as the box's line, beside it, or put it down.

    It answers what rings, and says nothing; the box sees it by the battery, which is low.
    """

    line: LineNumber
    act: Literal["lift", "put_down"]


class Handset(Order, frozen=True):
    """Do something with the receiver of a telephone: lift it, put it down, or press its hook for a moment (flash)."""

    port: LineNumber
    act: Literal["lift", "put_down", "flash"]


class DialDigits(Order, frozen=True):
    """Dial at a telephone: by its keys, or by breaks of its loop (`pulse`), where 0-9 can be dialled."""

    port: LineNumber
    digits: Keys
    pulse: bool = False

    def __post_init__(self) -> None:
        """Refuse what a dial does not have."""
        if self.pulse and not set(self.digits) <= set("0123456789,"):
            raise ValueError(f"digits: {self.digits!r}, must be 0-9, and , for a pause: a dial has no other")


class Speak(Order, frozen=True):
    """Say something else into a telephone from now on: a file, a tone, or (neither) nothing."""

    port: LineNumber
    play: SoundPath = ""
    tone_hz: Hertz | None = None


# ---- reports ---------------------------------------------------------------------------------------------------------


class ToneHeard(msgspec.Struct, frozen=True):
    """A tone by its country's name (`busy`, `ringback`, `dial`, `congestion`), with the bursts counted."""

    name: str
    start_s: float
    end_s: float
    bursts: int


class Span(msgspec.Struct, frozen=True):
    """From and to."""

    start_s: float
    end_s: float


class Peak(msgspec.Struct, frozen=True):
    """A frequency that stands out of a second's sound."""

    hz: float
    dbm0: float


class Second(msgspec.Struct, frozen=True):
    """A second of what was heard, beginning at `at_s`; the strongest frequency first."""

    at_s: float
    level_dbm0: float
    frequencies: tuple[Peak, ...]


class Key(msgspec.Struct, frozen=True):
    """A key pressed or heard (DTMF)."""

    digit: str
    at_s: float


class Heard(msgspec.Struct, frozen=True):
    """All that somebody heard; silences are those of half a second or more, seconds of the last half hour at most."""

    tones: tuple[ToneHeard, ...] = ()
    silences: tuple[Span, ...] = ()
    digits: tuple[Key, ...] = ()
    seconds: tuple[Second, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A call as its outside party lived it.

    `direction` is the box's: `in` for a caller, `out` for a subscriber the box called. `released_s`: the box hung up.
    `ended_by`: who hung up first, the outside party or the box, or whom the office has joined it to in place of the
    box. By a line or by a span, the other is 0.
    """

    call: str
    direction: Literal["in", "out"]
    line: int = 0
    span: int = 0
    number: str
    started_s: float
    outcome: Outcome
    ringing_s: float | None = None
    answered_s: float | None = None
    digits_sent: tuple[Key, ...] = ()
    released_s: float | None = None
    ended_s: float | None = None
    ended_by: Literal["party", "box", ""] = ""
    heard: Heard = Heard()
    record: str = ""


class Progress(msgspec.Struct, frozen=True):
    """What just happened to a call: placed, ringing, busy, answered, digit, said, tone, released or ended.

    `audible`: the box is heard before it answers.
    """

    call: str
    at_s: float
    at: float  # the same as Unix time
    event: str
    detail: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What a telephone's display shows of who calls, and after how many bursts of ringing it came."""

    number: str
    name: str
    withheld: bool
    rings: int


class TelephoneStatus(msgspec.Struct, frozen=True):
    """A telephone in a port of the box; `rings` are since it was last put down, `heard` since it was last lifted.

    `off_hook` is what a card would tell of it: a receiver just put down may yet be a flash.
    """

    port: int
    lifted: bool
    off_hook: bool
    ringing: bool
    rings: int
    tone: str
    shown: Shown | None
    heard: Heard


class LineStatus(msgspec.Struct, frozen=True):
    """A line as the office sees it; counters are since the board connected."""

    line: int
    state: str
    loop_closed: bool
    ring: bool
    battery: bool
    parallel: bool
    polarity: Literal["normal", "reversed"]
    board: bool
    silenced: tuple[str, ...]
    reversal: bool
    dial_tone: bool
    dial_tone_hz: float | None
    noise_dbm0: float | None
    caller_id: bool
    keys: bool
    call: str
    missing_blocks: int
    dropped_blocks: int


class SpanStatus(msgspec.Struct, frozen=True):
    """A span as the office sees it. `side`: what the office is there. `calls`: their state by timeslot.

    `wrong_bits`: so many were put into what was looped back. `variant`: what it speaks, euroisdn, qsig or r2, and
    `r2`: the country's that it is then.
    `joined`: so many pairs of calls the office has joined, which talk on. `joins`: whether it does.
    `waiting`: the extensions at its far end whose lamps are lit, since the box told it by QSIG that messages wait.
    """

    span: int
    side: Literal["network", "user"]
    board: bool
    up: bool
    dchannel: bool
    alarm: str
    calls: dict[int, str]
    plug: bool = False
    looped: tuple[int, ...] = ()
    wrong_bits: int = 0
    variant: str = "euroisdn"
    r2: str = "china"
    joined: int = 0
    joins: bool = True
    waiting: tuple[str, ...] = ()
