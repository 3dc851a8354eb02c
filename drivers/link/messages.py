"""What the exchange says to the gateway, and what the gateway says back.

Every message is a frozen struct, one JSON object a line (see framing). `channel` is a channel id; ids are never
used again. `at_s` is Unix time in seconds as the gateway's steady clock tells it. Causes are Q.850 numbers.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from drivers.link.causes import NORMAL_CLEARING

# An exchange says its last orders again when the connection broke, no more than these; the gateway knows as many
KEPT_ORDERS = 4096


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
    """A registered telephone of this box."""

    number: str


class ToLine(Message, frozen=True, tag="to_line"):
    """A telephone number beyond one of our analog lines."""

    line: int
    number: str


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
    """

    name: str
    host: str
    port: int = 5060
    transport: Literal["udp", "tcp", "tls"] = "udp"
    addresses: tuple[str, ...] = ()
    username: str = ""
    secret: str = ""
    register: bool = False
    srtp: Literal["off", "offer", "require"] = "off"
    authority: str = ""
    called: tuple[str, ...] = ()


class IsdnTrunk(msgspec.Struct, frozen=True):
    """A carrier or another PBX at the other end of a digital span, spoken to by ISDN PRI.

    `side` is ours: a carrier is the network, an old PBX behind this box the user. `overlap`: numbers may come digit by
    digit; one is whole when it has `digits` of them, or (0) when no more come for a while.
    """

    name: str
    span: int
    side: Literal["user", "network"] = "user"
    variant: Literal["euroisdn", "qsig"] = "euroisdn"
    overlap: bool = False
    digits: int = 0


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


class LiftBan(Command, frozen=True, tag="lift_ban"):
    """Have the edge listen to an address again; `ban_lifted` follows with this id, or `refused`."""

    address: str


class Ack(Message, frozen=True, tag="ack"):
    """All events up to `seq` are on the exchange's disk; the gateway may forget them."""

    seq: int


Order = (
    Provision | Dial | Claim | Ring | Answer | Hangup | Play | StopPlay | Collect | Connect | Disconnect
    | Hold | Resume | Record | StopRecord | ConcludeTransfer | TestLine | LiftBan
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
    """The configuration is in force at the edge too."""

    command: str


class LineChanged(Event, frozen=True, tag="line_changed"):
    """A line's state for those who look at it. One that is being tested can be dialled on: that ends the test."""

    line: int
    state: Literal["idle", "ringing", "in_use", "testing", "fault"]


class LineFinding(msgspec.Struct, frozen=True):
    """One thing found out about a line; a name may come twice.

    `verdict`: good, poor (it works, but not as it should), bad (it does not), or unknown (it could not be found out).
    `figure` is in `unit`, None where there is none. `reason` is a stable word for what is not good, "" otherwise.
    """

    name: str
    verdict: Literal["good", "poor", "bad", "unknown"]
    figure: float | None = None
    unit: str = ""
    reason: str = ""


class LineTested(Event, frozen=True, tag="line_tested"):
    """A line's test ended. `outcome`: done, or a call came `in`, or was to go `out`, or the line went (`gone`).

    Only a test that is done says anything about the line; the findings are then in the order in which they were made.
    """

    command: str
    line: int
    outcome: Literal["done", "in", "out", "gone"]
    findings: tuple[LineFinding, ...] = ()


class BanLifted(Event, frozen=True, tag="ban_lifted"):
    """The edge listens to an address again; `was`: it had been banned."""

    command: str
    address: str
    was: bool


class RegistrationChanged(Event, frozen=True, tag="registration_changed"):
    """An extension's telephone came or went, or a trunk's registration did (`trunk:NAME`)."""

    name: str
    registered: bool


class AlarmName(StrEnum):
    """The alarms that the gateway raises."""

    EDGE = "edge"  # it does not take the configuration
    NO_BATTERY = "line-no-battery"
    BOARD_LOST = "board-lost"
    BOARD_CLOCK = "board-clock"  # it stands still; the machine's own is followed
    TRUNK_LOST = "trunk-lost"


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


class Stats(Message, frozen=True, tag="stats"):
    """The gateway's counters, every few seconds; not kept for a lost exchange.

    `guarded` is None while the edge is silent.
    """

    at_s: float
    counters: dict[str, float]
    guarded: Guarded | None = None


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
    Offered | Ringing | Answered | Digit | Finished | Collected | Connected | Disconnected | Held | Resumed
    | Transferring | Recording | Recorded | Hungup | Refused | Provisioned | LineChanged | LineTested
    | BanLifted | RegistrationChanged | Alarm
)
Upward = Hello | Snapshot | Stats | Happening
