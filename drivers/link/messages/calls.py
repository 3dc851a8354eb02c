"""Orders about channels, and what happens on them."""

from typing import Literal

from drivers.link.causes import NORMAL_CLEARING
from drivers.link.messages.base import ChannelEvent, Command, Message, Tag
from drivers.link.messages.sounds import Sound


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
    """Tell an offered channel's far end that we ring (SIP 180, ISDN ALERTING; nothing on a line)."""

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


class Listen(Command, frozen=True, tag="listen"):
    """Let the party of an offered or answered channel hear `other`, which is `audible`, before that one is answered.

    An offered SIP channel hears it by a 183 with SDP, one of ISDN by progress indicator 8, one of R2 once it is
    accepted; a line that is not answered has no way back, and hears nothing. `connect` or the end of either ends it.
    """

    channel: str
    other: str


class Disconnect(Command, frozen=True, tag="disconnect"):
    """Part a channel from the one it is connected to."""

    channel: str


class HandBack(Command, frozen=True, tag="hand_back"):
    """Ask the far switch of two channels that are connected to each other to join them itself (EN 300 369-1).

    `handed_back` tells what came of it. `wrong-state`: it cannot be, since they are not on one EuroISDN span, or one is
    recorded, on hold, or being handed back already; they stay connected, as they do where the far switch will not.
    """

    channel: str
    other: str


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


class Flash(Command, frozen=True, tag="flash"):
    """Press the hook of a talking channel's analog line for a moment; `flashed` follows with this id.

    `digits`, if any, are dialled once the office gives dial tone. What a flash does is the office's own: mostly it
    holds the far end until the next flash, and joins the two others when the channel is hung up.
    """

    channel: str
    digits: str = ""


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


class Audible(ChannelEvent, frozen=True, tag="audible"):
    """The far end of a dialled channel is heard before it answers: its own ringback, or what it has to say.

    With a `cause` (Q.850): it will not have the call, and says why; `hungup` follows with that cause.
    """

    cause: int = 0


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


class Flashed(ChannelEvent, frozen=True, tag="flashed"):
    """A `flash` is done. `dialled`: its digits were sent, if it had any; else no dial tone came for them in time."""

    command: str
    dialled: bool


class Transferring(ChannelEvent, frozen=True, tag="transferring"):
    """The party asks that its counterpart be connected to `number` instead (a blind transfer).

    After a consultation (RFC 5589 §7) `replaces` is its other channel, whose counterpart it is to be connected to.

    Until `conclude_transfer` it waits to hear what became of that, and asks for no other. It may hang up meanwhile.
    """

    number: str
    replaces: str = ""


class HandedBack(ChannelEvent, frozen=True, tag="handed_back"):
    """What came of a `hand_back`: `joined`, and both channels' `hungup` by the carrier follow; else they talk on.

    `refused` by the far switch, `unanswered` in time (it may yet be `joined`), or `gone`: the other ended. Where the
    channel itself ended its `hungup` says so.
    """

    command: str
    other: str
    outcome: Literal["joined", "refused", "unanswered", "gone"]


class Recording(ChannelEvent, frozen=True, tag="recording"):
    """The channel is being recorded since now."""

    path: str


class Recorded(ChannelEvent, frozen=True, tag="recorded"):
    """The recording is closed and playable."""

    path: str
    duration_s: float


class Hungup(ChannelEvent, frozen=True, tag="hungup"):
    """The channel is gone. `by`: the party, our own command, or the gateway (time-out, fault, no exchange).

    `carrier`: the far switch has joined its party to that of another channel, and they talk on without us.
    """

    cause: int
    by: Literal["party", "exchange", "gateway", "carrier"]
