"""What the exchange says to the gateway, and what the gateway says back.

Every message is a frozen struct, one JSON object a line (see framing). `channel` is a channel id; ids are never
used again. `at_s` is Unix time in seconds as the gateway's steady clock tells it. Causes are Q.850 numbers.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from drivers.link.causes import NORMAL_CLEARING
from drivers.link.manner import Manner, Transport

# An exchange says its last orders again when the connection broke, no more than these; the gateway knows as many
KEPT_ORDERS = 4096
E1_SLOTS = (*range(1, 16), *range(17, 32))  # that can carry calls; 0 is framing, 16 signalling


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """Common shape of all that crosses the link: the field `type` names the struct."""


# ---- parts -----------------------------------------------------------------------------------------------------------


class Tag(msgspec.Struct, frozen=True):
    """Whose channel this is, in the exchange's words; the gateway keeps it and gives it back, unread."""

    call: str
    leg: str
    purpose: str = ""


class Prompt(Message, frozen=True, tag="prompt"):
    """A sound file: an absolute path of a mono WAV, 8 kHz, 16 bit."""

    path: str


class Tone(Message, frozen=True, tag="tone"):
    """A call-progress tone of the box's country, until stopped; or one `beep`."""

    name: Literal["dial", "ringback", "busy", "congestion", "beep"]


class Silence(Message, frozen=True, tag="silence"):
    """Nothing to hear, for so long."""

    duration_s: float


Sound = Prompt | Tone | Silence


class ToExtension(Message, frozen=True, tag="to_extension"):
    """A telephone of this box, registered or in one of its ports."""

    number: str


class ToLine(Message, frozen=True, tag="to_line"):
    """A telephone number beyond one of our analog lines.

    `parallel`: dial even if another telephone on the pair seems to be off-hook, should there be a dial tone.
    """

    line: int
    number: str
    parallel: bool = False


class ToTrunk(Message, frozen=True, tag="to_trunk"):
    """A telephone number beyond a trunk, SIP or ISDN; `caller_number` must be one the trunk may show."""

    trunk: str
    number: str


Target = ToExtension | ToLine | ToTrunk


class SipUser(msgspec.Struct, frozen=True):
    """An extension as the edge must know it: HA1 is MD5(number:realm:secret), never the secret.

    `srtp`: calls to it offer encrypted voice and nothing else (RTP/SAVP, keys by SDES, RFC 4568).
    """

    number: str
    ha1: str
    srtp: bool = False


class SipTrunk(msgspec.Struct, frozen=True):
    """A carrier or another PBX. Requests are taken from `addresses` only; calls go to host:port.

    `called` is whom its calls are for: its numbers in every way they are written, the user it registers as. It tells
    trunks apart that share an address. `srtp`: what calls to it offer, keys by SDES (RFC 4568): none, in an offer of
    plain voice (RTP/AVP), or encrypted voice and nothing else (RTP/SAVP), which calls from it then must offer too.
    `authority`: PEM of who vouches for its certificate where it speaks TLS, "" for whom this system trusts.
    `manner`: what else its far end is particular about.
    """

    name: str
    host: str
    port: int = 5060
    transport: Transport = "udp"
    addresses: tuple[str, ...] = ()
    username: str = ""
    secret: str = ""
    register: bool = False
    srtp: Literal["off", "offer", "require"] = "off"
    authority: str = ""
    called: tuple[str, ...] = ()
    manner: Manner = Manner()


class SpanSetting(msgspec.Struct, frozen=True):
    """An E1 as its wire is to be set up: `slots` carry calls, 16 the signalling.

    `clock`: from which span the boards take theirs, 1 first, 0 from none.
    """

    number: int
    signalling: Literal["pri", "r2"] = "pri"
    crc4: bool = True
    coding: Literal["hdb3", "ami"] = "hdb3"
    clock: int = 1
    slots: tuple[int, ...] = E1_SLOTS


class IsdnTrunk(msgspec.Struct, frozen=True):
    """A carrier or another PBX at the other end of a digital span, spoken to by ISDN PRI, on `slots` (all, if none).

    Several may share a span, each with slots of its own, and a signalling that is the same; one of the same name on
    several spans is one trunk. `side` is ours: a carrier is the network, an old PBX behind this box the user.
    `overlap`: numbers may come digit by digit; one is whole when it has `digits` of them, or (0) when no more come for
    a while. `hunting`: which slot calls out take first, the last (down) or the first (up); "" the other side's last.
    `withheld`: who is called sees no number.
    """

    name: str
    span: int
    side: Literal["user", "network"] = "user"
    variant: Literal["euroisdn", "qsig"] = "euroisdn"
    overlap: bool = False
    digits: int = 0
    slots: tuple[int, ...] = ()
    hunting: Literal["", "down", "up"] = ""
    withheld: bool = False


class R2Trunk(msgspec.Struct, frozen=True):
    """A carrier or another PBX at the other end of a digital span, spoken to by MFC/R2, on `slots` (all, if none).

    Of a call that comes in `called_digits` are asked for, of its caller up to `calling_digits` (0: none), after the
    first of those called or (`calling_first` false) after all; `ask_category` false leaves out both. `category`: what
    our callers are. `double_answer`: an answer is broken once, which ends a call that would be charged to us. Timers:
    to have a seizure answered, one register signal, a call answered, a line let go of. `metering_ms`: how long a
    charging pulse may be, -1 as the variant has it. `hunting`: which slot our calls take first.
    """

    name: str
    span: int
    variant: str = "itu"
    called_digits: int = 4
    calling_digits: int = 20
    calling_first: bool = True
    ask_category: bool = True
    category: str = "national"
    seize_s: float = 8.0
    cycle_s: float = 5.0
    answer_s: float = 90.0
    release_s: float = 10.0
    metering_ms: int = -1
    double_answer: bool = False
    slots: tuple[int, ...] = ()
    hunting: Literal["down", "up"] = "down"
    withheld: bool = False


class LineSetup(msgspec.Struct, frozen=True):
    """What is not as usual on a line.

    `busy_tone`: its own, that tells the far end hung up, beside the country's; as a country's table writes one.
    `reversal`: its polarity tells answer and hangup; nothing else is then taken for an answer. `silence_s`: a talk in
    which neither side is heard for so long, and nothing played, ends by the gateway with cause 102; 0: none does.
    `never_answer`: whatever rings on it is for somebody else, and is not answered, whoever orders it.
    """

    number: int
    busy_tone: str = ""
    reversal: bool = False
    silence_s: float = 0.0
    never_answer: bool = False


class PortSetup(msgspec.Struct, frozen=True):
    """A telephone in an analog port of the box (FXS): the extension it is, and the name shown when it calls."""

    port: int
    number: str
    name: str = ""


class MediaAddress(msgspec.Struct, frozen=True):
    """What address our SDP shows to peers in `network` (CIDR); the longest match wins, else the route's own source."""

    network: str
    address: str


# ---- commands: exchange to gateway -----------------------------------------------------------------------------------


class Command(Message, frozen=True):
    """An order. `id` outlives a restart of the exchange: the gateway carries out each id once."""

    id: str


class Provision(Command, frozen=True, tag="provision"):
    """All the gateway must know of the configuration; replaces what it knew."""

    country: str
    lines: tuple[int, ...]
    users: tuple[SipUser, ...]
    trunks: tuple[SipTrunk, ...]
    rtp_first: int
    rtp_last: int
    media_addresses: tuple[MediaAddress, ...] = ()
    realm: str = "busyhour"  # what the users' HA1 was made with
    isdn: tuple[IsdnTrunk, ...] = ()
    r2: tuple[R2Trunk, ...] = ()
    spans: tuple[SpanSetting, ...] = ()
    setups: tuple[LineSetup, ...] = ()
    ports: tuple[PortSetup, ...] = ()
    whole: tuple[str, ...] = ()  # regular expressions of numbers that need no further digit, dialled at a port
    music: str = ""  # a WAV for those who wait while there is no exchange; the ringback tone if there is none


class Dial(Command, frozen=True, tag="dial"):
    """Make a channel, named by the exchange, and ring its far end; after `timeout_s` it is hung up with cause 19."""

    channel: str
    target: Target
    tag: Tag
    caller_number: str = ""
    caller_name: str = ""
    timeout_s: float = 60.0


class Claim(Command, frozen=True, tag="claim"):
    """Put the exchange's tag on an offered channel."""

    channel: str
    tag: Tag


class Ring(Command, frozen=True, tag="ring"):
    """Tell an offered channel's far end that we ring (SIP 180; nothing on a line)."""

    channel: str


class Answer(Command, frozen=True, tag="answer"):
    """Answer an offered channel; `answered` follows."""

    channel: str


class Hangup(Command, frozen=True, tag="hangup"):
    """End a channel; `hungup` follows."""

    channel: str
    cause: int = NORMAL_CLEARING


class Play(Command, frozen=True, tag="play"):
    """Play sounds to the channel's party in order, instead of what it was played; `finished` follows, with this id.

    `barge_in`: a digit ends it, one typed ahead too. `loop`: from the beginning again until stopped.
    """

    channel: str
    sounds: tuple[Sound, ...]
    loop: bool = False
    barge_in: bool = False


class StopPlay(Command, frozen=True, tag="stop_play"):
    """Be silent towards the channel's party."""

    channel: str


class Collect(Command, frozen=True, tag="collect"):
    """Gather digits, beginning with those typed since the last collect or connection; `collected` follows with this id.

    The first digit is waited for `first_s`, counted from the end of what is being played (at once if that is a loop,
    which has none); each next one `next_s`.
    A digit of `until` ends it and is not given.
    """

    channel: str
    max_digits: int = 1
    first_s: float = 5.0
    next_s: float = 3.0
    until: str = "#"


class Connect(Command, frozen=True, tag="connect"):
    """Let two answered channels hear each other, and nobody else; `connected` follows when it is so."""

    channel: str
    other: str


class Disconnect(Command, frozen=True, tag="disconnect"):
    """Part a channel from the one it is connected to."""

    channel: str


class Hold(Command, frozen=True, tag="hold"):
    """Let the channel and its counterpart hear each other no more, though they stay connected; `held` follows.

    `resume`, `connect` or parting ends it.
    """

    channel: str


class Resume(Command, frozen=True, tag="resume"):
    """End a `hold`: both hear each other again; `resumed` follows, unless the party itself has us on hold."""

    channel: str


class Record(Command, frozen=True, tag="record"):
    """Record to `path` (WAV; left this party, right all it hears): `recording` follows, and `recorded` at its end."""

    channel: str
    path: str


class StopRecord(Command, frozen=True, tag="stop_record"):
    """End the channel's recording; `recorded` follows."""

    channel: str


class ConcludeTransfer(Command, frozen=True, tag="conclude_transfer"):
    """Tell a party what became of the transfer it asked for; one that asked for none is told nothing.

    `cause` 0: its counterpart talks with the target. Else there was no transfer, for this reason.
    """

    channel: str
    cause: int = 0


class TestLine(Command, frozen=True, tag="test_line"):
    """Find out how an idle line is; `line_tested` follows with this id, within 20 s.

    `wrong-state` where the line is in use, rings, or is being tested; what wants the line later ends the test.
    """

    line: int


class RestartSlot(Command, frozen=True, tag="restart_slot"):
    """Make a channel of a span idle on both sides (Q.931 RESTART): its call ends; `slot_restarted` follows.

    `wrong-state`: it cannot be.
    """

    span: int
    slot: int


class TestSpan(Command, frozen=True, tag="test_span"):
    """Send a pattern on idle channels of a span and measure what comes back (ITU-T O.150): a loop is at the far end.

    Their channels take no calls until `span_tested` tells the end; `span_testing` tells how far it is. `slot` 0: all,
    which must be idle, and the signalling down. `local`: the card is to loop the span back by itself meanwhile.
    `wrong-state`: it cannot be.
    """

    span: int
    slot: int = 0
    seconds: int = 10
    local: bool = False


class StopSpanTest(Command, frozen=True, tag="stop_span_test"):
    """End a span's test, if there is one; `span_tested` tells it."""

    span: int


class TraceSpan(Command, frozen=True, tag="trace_span"):
    """Have the signalling of a span told: what is kept after a message's number, then live for so long."""

    span: int
    for_s: float
    after: int = 0


class LearnTone(Command, frozen=True, tag="learn_tone"):
    """Learn by a test call what a line sounds like when the far end has hung up.

    The next call that comes in by it is answered, or `number` is called. `line_learning` tells each step and
    `tone_learnt` the end, both with this id. `wait_s`: for the answer; `listen_s`: from then on, for the tone.
    `wrong-state` where the line is in use, rings, or is learning or being tested.
    """

    line: int
    number: str = ""
    wait_s: float = 120.0
    listen_s: float = 60.0


class StopLearning(Command, frozen=True, tag="stop_learning"):
    """End a line's learning, if it does; `tone_learnt` tells it."""

    line: int


class LiftBan(Command, frozen=True, tag="lift_ban"):
    """Have the edge listen to an address again; `ban_lifted` follows with this id, or `refused`."""

    address: str


class Ack(Message, frozen=True, tag="ack"):
    """All events up to `seq` are on the exchange's disk; the gateway may forget them."""

    seq: int


Order = (
    Provision | Dial | Claim | Ring | Answer | Hangup | Play | StopPlay | Collect | Connect | Disconnect
    | Hold | Resume | Record | StopRecord | ConcludeTransfer | TestLine | LearnTone | StopLearning
    | LiftBan | RestartSlot | TestSpan | StopSpanTest | TraceSpan
)
Downward = Order | Ack


# ---- events: gateway to exchange -------------------------------------------------------------------------------------


class Event(Message, frozen=True):
    """What happened. `seq` counts from 1 within a gateway epoch and is kept until acknowledged."""

    seq: int
    at_s: float


class ChannelEvent(Event, frozen=True):
    """What happened on one channel."""

    channel: str


class Offered(ChannelEvent, frozen=True, tag="offered"):
    """A call comes in. `source` is `line:1`, `trunk:NAME` or `extension:201`; numbers are as received, "" if none.

    `line:N` channels are offered when the caller id has come or the second ring begins.
    """

    source: str
    did: str = ""
    caller_number: str = ""
    caller_name: str = ""
    withheld: bool = False


class Ringing(ChannelEvent, frozen=True, tag="ringing"):
    """The far end of a dialled channel rings."""


class Answered(ChannelEvent, frozen=True, tag="answered"):
    """The channel talks from now on. `assumed`: the line gives no sign of it, so this is a guess."""

    assumed: bool = False


class Digit(ChannelEvent, frozen=True, tag="digit"):
    """The party pressed a key; `via` is how we know."""

    digit: str
    via: Literal["rfc4733", "info", "inband"]


class FaxHeard(ChannelEvent, frozen=True, tag="fax_heard"):
    """A fax machine calls (the calling tone of ITU-T T.30), and nobody is connected; again at each of its beeps."""


class Finished(ChannelEvent, frozen=True, tag="finished"):
    """A `play` ended: played through, ended by a digit, by another command or the end of the channel, or it failed."""

    command: str
    reason: Literal["played", "digit", "stopped", "failed"]
    detail: str = ""


class Collected(ChannelEvent, frozen=True, tag="collected"):
    """A `collect` ended with these digits, perhaps none."""

    command: str
    digits: str
    reason: Literal["full", "until", "timeout", "stopped"]


class Connected(ChannelEvent, frozen=True, tag="connected"):
    """Both channels hear each other since now."""

    other: str


class Disconnected(ChannelEvent, frozen=True, tag="disconnected"):
    """They no longer do."""

    other: str


class Held(ChannelEvent, frozen=True, tag="held"):
    """The channel and its counterpart hear each other no more: the party put us on hold, or the exchange said so.

    Told again when both did and one ends it; `by` is whose hold it is, the exchange's before the party's.
    """

    by: Literal["party", "exchange"] = "party"


class Resumed(ChannelEvent, frozen=True, tag="resumed"):
    """Nobody has the channel on hold any more."""


class Transferring(ChannelEvent, frozen=True, tag="transferring"):
    """The party asks that its counterpart be connected to `number` instead (a blind transfer).

    After a consultation (RFC 5589 §7) `replaces` is its other channel, whose counterpart it is to be connected to.

    Until `conclude_transfer` it waits to hear what became of that, and asks for no other. It may hang up meanwhile.
    """

    number: str
    replaces: str = ""


class Recording(ChannelEvent, frozen=True, tag="recording"):
    """The channel is being recorded since now."""

    path: str


class Recorded(ChannelEvent, frozen=True, tag="recorded"):
    """The recording is closed and playable."""

    path: str
    duration_s: float


class Hungup(ChannelEvent, frozen=True, tag="hungup"):
    """The channel is gone. `by`: the party, our own command, or the gateway (time-out, fault, no exchange)."""

    cause: int
    by: Literal["party", "exchange", "gateway"]


class Refused(Event, frozen=True, tag="refused"):
    """A command could not be carried out; `code` is an error's stable code from errors.py."""

    command: str
    code: str
    text: str
    channel: str = ""


class Provisioned(Event, frozen=True, tag="provisioned"):
    """The configuration is in force at the edge too.

    `opermode` is what the drivers of its lines' ports should be loaded with in that country; "" where that is nothing.
    """

    command: str
    opermode: str = ""


class LineChanged(Event, frozen=True, tag="line_changed"):
    """A line's state for those who look at it. One that is being tested can be dialled on: that ends the test.

    `parallel`: another telephone on the same pair is off-hook.
    """

    line: int
    state: Literal["idle", "ringing", "in_use", "testing", "parallel", "fault"]


class LineFinding(msgspec.Struct, frozen=True):
    """One thing found out about a line; a name may come twice.

    `verdict`: good, poor (it works, but not as it should), bad (it does not), or unknown (it could not be found out).
    `figure` is in `unit`, None where there is none. `reason` is a stable word for what is not good, or not as known of
    the country (`otherwise-...`); "" otherwise.
    """

    name: str
    verdict: Literal["good", "poor", "bad", "unknown"]
    figure: float | None = None
    unit: str = ""
    reason: str = ""


class LineTested(Event, frozen=True, tag="line_tested"):
    """A line's test ended. `outcome`: done, or why not.

    A call came `in`, or was to go `out`; the line went (`gone`), or another telephone has it (`parallel`).
    Only a test that is done says anything about the line; the findings are then in the order in which they were made.
    """

    command: str
    line: int
    outcome: Literal["done", "in", "out", "gone", "parallel"]
    findings: tuple[LineFinding, ...] = ()


class LineLearning(Event, frozen=True, tag="line_learning"):
    """How far the learning of a line's busy tone is: `step`, and what is heard while it listens.

    It waits for a call (`waiting`), calls (`calling`), or hears the call (`listening`): `heard` is silence, sound, or
    a tone; "" before.
    """

    command: str
    line: int
    step: Literal["waiting", "calling", "listening"]
    heard: str = ""


class ToneLearnt(Event, frozen=True, tag="tone_learnt"):
    """The learning of a line's busy tone ended.

    `learnt`: `tone` is it, as a country's table writes one (480+620/250,0/250). `failed`: `reason` says by a stable
    word why there is none. `levels`: of each 20 ms of the last seconds heard; `spectrum`: of each 25 Hz; in dBm0.
    """

    command: str
    line: int
    outcome: Literal["learnt", "failed", "stopped"]
    reason: str = ""
    tone: str = ""
    levels: tuple[int, ...] = ()
    spectrum: tuple[int, ...] = ()


class BanLifted(Event, frozen=True, tag="ban_lifted"):
    """The edge listens to an address again; `was`: it had been banned."""

    command: str
    address: str
    was: bool


class RegistrationChanged(Event, frozen=True, tag="registration_changed"):
    """An extension's telephone came or went, or its port did, or a trunk's registration (`trunk:NAME`)."""

    name: str
    registered: bool


class SlotRestarted(Event, frozen=True, tag="slot_restarted"):
    """What came of an order to restart a channel; `answered`: the far end did it too."""

    command: str
    span: int
    slot: int
    answered: bool


class ChannelBits(msgspec.Struct, frozen=True):
    """What came back on a channel that was tested: `heard` nothing, the pattern, or something other.

    `errors` of `bits` were wrong. `errored_s`: seconds with an error or worse (G.821). `losses`: the pattern was lost;
    `slips`: it went on some octets earlier or later, as after a slip of the clocks. The bits about these are not
    counted.
    """

    slot: int
    heard: Literal["nothing", "other", "pattern"]
    bits: int = 0
    errors: int = 0
    errored_s: int = 0
    losses: int = 0
    slips: int = 0


class SpanTested(Event, frozen=True, tag="span_tested"):
    """A span's test ended, its channels take calls again: it was done, somebody stopped it, or the span is gone.

    `late`: so often the box itself was too busy to attend to it; what went missing then is not counted.
    """

    command: str
    span: int
    outcome: Literal["done", "stopped", "gone"]
    slots: tuple[ChannelBits, ...]
    late: int = 0


class AlarmName(StrEnum):
    """The alarms that the gateway raises."""

    EDGE = "edge"  # it does not take the configuration
    NO_BATTERY = "line-no-battery"
    LEFT_OFF_HOOK = "line-off-hook"  # another telephone on the pair, for long
    BOARD_LOST = "board-lost"
    PORT_LOST = "port-lost"  # the configuration names one that is not there
    BOARD_CLOCK = "board-clock"  # it stands still; the machine's own is followed
    TRUNK_LOST = "trunk-lost"
    SPAN_LOST = "span-lost"  # no such span, or it cannot be used
    SPAN_ALARM = "span-alarm"  # RED, BLUE or YELLOW on the wire
    SPAN_DOWN = "span-down"  # the wire is well, the D-channel is not there
    SPAN_SHORT = "span-short"  # channels that the configuration has are not there
    SPAN_SLIPS = "span-slips"  # more than ITU-T G.822 has for a day


Fact = str | int | float | None


class Wrong(msgspec.Struct, frozen=True):
    """What exactly is wrong: `code` names the sentence (firmware.details), `facts` are the figures in it."""

    code: str
    facts: dict[str, Fact] = {}


class Alarm(Event, frozen=True, tag="alarm"):
    """Something needs a person, or no longer does: an AlarmName, the `subject` it is about, and what is wrong."""

    name: str
    subject: str
    raised: bool
    wrong: Wrong | None = None


class Banned(msgspec.Struct, frozen=True):
    """An address that the edge does not listen to, for wrong passwords or for a flood; times are Unix seconds.

    A flood's `since_s` is not known (0); it ends at `until_s` only if it stops.
    """

    address: str
    why: Literal["passwords", "flood"]
    since_s: float
    until_s: float


class Turned(msgspec.Struct, frozen=True):
    """A telephone that the edge turned away: a wrong password, no such extension, or another name than its own.

    `number` is as whom it came last, "" where that is no name at all.
    """

    address: str
    number: str
    why: Literal["password", "extension", "name"]
    count: int
    first_s: float
    last_s: float


class Guarded(msgspec.Struct, frozen=True):
    """Whom the edge keeps out now, and turned away within the last hour; `more`: too many to be told."""

    banned: tuple[Banned, ...] = ()
    turned: tuple[Turned, ...] = ()
    more: bool = False


WireAlarm = Literal["red", "blue", "yellow", "loopback", "recovering", "closed"]


class SpanState(msgspec.Struct, frozen=True):
    """A span of a board, or one that the configuration names though it is not there.

    `alarms`: of the wire, as DAHDI has them: red (LOS, no frame), blue (AIS), yellow (RAI). `clock`: the span it takes
    its clock from, 0 its own. `counters`: since its driver was loaded. `slips_day`: in the last 24 h, as far as known.
    `signalling`: up or down since `since_s`, "" where the span is not used. `calls`: the channel on each slot.
    `testing`: the slots that are being tested, and take no calls.
    """

    number: int
    there: bool = True
    digital: bool = True
    device: str = ""
    channels: int = 0
    alarms: tuple[WireAlarm, ...] = ()
    clock: int = 0
    counters: dict[str, int] = {}
    slips_day: int = 0
    signalling: Literal["", "up", "down"] = ""
    since_s: float = 0.0
    calls: dict[int, str] = {}
    wrong: str = ""
    testing: tuple[int, ...] = ()


class Stats(Message, frozen=True, tag="stats"):
    """The gateway's counters, every few seconds; not kept for a lost exchange.

    `guarded` is None while the edge is silent.
    """

    at_s: float
    counters: dict[str, float]
    guarded: Guarded | None = None


class SpanStates(Message, frozen=True, tag="span_states"):
    """All spans there are, and all that should be: when one changed, and every few seconds. Not kept either."""

    at_s: float
    spans: tuple[SpanState, ...]


class SpanMessage(msgspec.Struct, frozen=True):
    """A message of a span's signalling, `number` the how many-eth it was; `text` is its name (SETUP) or what happened.

    `reference`: which call it is of, as both sides know it. `cause`: Q.850, 0 for none. `sent`: by us.
    """

    number: int
    at_s: float
    sent: bool
    text: str
    reference: int = -1
    called: str = ""
    calling: str = ""
    slot: int = 0
    cause: int = 0


class SpanTrace(Message, frozen=True, tag="span_trace"):
    """Messages of a span's signalling, oldest first; not kept for a lost exchange."""

    at_s: float
    span: int
    messages: tuple[SpanMessage, ...]


class SpanTesting(Message, frozen=True, tag="span_testing"):
    """How far a span's test is, every second; not kept for a lost exchange."""

    at_s: float
    command: str
    span: int
    slots: tuple[ChannelBits, ...]


class ChannelState(msgspec.Struct, frozen=True):
    """A channel as it is now; fields as in the events above."""

    channel: str
    state: Literal["offered", "dialing", "ringing", "answered"]
    source: str = ""
    target: str = ""
    did: str = ""
    caller_number: str = ""
    caller_name: str = ""
    withheld: bool = False
    tag: Tag | None = None
    playing: str = ""
    collecting: str = ""
    connected: str = ""
    recording: str = ""
    held: bool = False
    since_s: float = 0.0
    answered_s: float = 0.0


class Hello(Message, frozen=True, tag="hello"):
    """First on every connection: a new `epoch` means the gateway started anew and all its earlier channels are gone.

    `offset_s` is what every `at_s` of this epoch has above CLOCK_MONOTONIC, which gateway and exchange share: the
    gateway's clock is not set when the machine's is. None where the gateway is of a release that did not tell.
    """

    epoch: str
    last_seq: int
    version: int = 1
    offset_s: float | None = None


class Snapshot(Message, frozen=True, tag="snapshot"):
    """Second: all there is, as of event `seq`. Events not yet acknowledged follow, then live ones."""

    seq: int
    channels: tuple[ChannelState, ...]
    lines: dict[int, str]
    registered: tuple[str, ...]


Happening = (
    Offered | Ringing | Answered | Digit | FaxHeard | Finished | Collected | Connected | Disconnected | Held | Resumed
    | Transferring | Recording | Recorded | Hungup | Refused | Provisioned | LineChanged | LineTested
    | LineLearning | ToneLearnt | SlotRestarted | SpanTested | BanLifted | RegistrationChanged | Alarm
)
Aside = Stats | SpanStates | SpanTrace | SpanTesting
Upward = Hello | Snapshot | Aside | Happening
