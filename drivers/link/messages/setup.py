"""What the gateway must know of the configuration."""

from typing import Literal

import msgspec

from drivers.link.manner import Manner, Transport
from drivers.link.messages.base import E1_SLOTS, Command, Event


class SipUser(msgspec.Struct, frozen=True):
    """An extension as the edge must know it: HA1 is MD5(number:realm:secret), never the secret.

    `srtp`: calls to it offer encrypted voice and nothing else (RTP/SAVP, keys by SDES, RFC 4568).
    """

    number: str
    ha1: str
    srtp: bool = False


class SipTrunk(msgspec.Struct, frozen=True):
    """A carrier or another PBX. Requests are taken from `addresses` only; calls go to host:port.

    `domain` is what its numbers belong to, in the Request-URI, From and To, where that is not the host: an IMS's is
    behind a host that it is met at. `auth_name` is the name our password is for, where that is not the `username`.
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
    domain: str = ""
    auth_name: str = ""


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
    `never_answer`: whatever rings on it is for somebody else, and is not answered, whoever orders it. `dialling`: by
    keys (DTMF), or by pulses, for an office that takes no keys. `flash_ms`: for so long a flash opens its loop;
    0: it is never flashed. `rx_gain_db`, `tx_gain_db`: so much louder is what comes by it, and what goes.
    """

    number: int
    busy_tone: str = ""
    reversal: bool = False
    silence_s: float = 0.0
    never_answer: bool = False
    dialling: Literal["keys", "pulses"] = "keys"
    flash_ms: int = 0
    rx_gain_db: int = 0
    tx_gain_db: int = 0


class PortSetup(msgspec.Struct, frozen=True):
    """A telephone in an analog port of the box (FXS): the extension it is, and the name shown when it calls.

    `call_waiting`: a second call is told in a talk, by a tone, and taken by a flash; else it is busy.
    """

    port: int
    number: str
    name: str = ""
    call_waiting: bool = False


class PbxSetup(msgspec.Struct, frozen=True):
    """Extensions at an old PBX at the other end of a trunk's spans, from `first` to `last`: they are called by it."""

    trunk: str
    first: str
    last: str


class MediaAddress(msgspec.Struct, frozen=True):
    """What address our SDP shows to peers in `network` (CIDR); the longest match wins, else the route's own source."""

    network: str
    address: str


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
    pbx: tuple[PbxSetup, ...] = ()
    whole: tuple[str, ...] = ()  # regular expressions of numbers that need no further digit, dialled at a port
    music: str = ""  # a WAV for those who wait while there is no exchange; the ringback tone if there is none


class Provisioned(Event, frozen=True, tag="provisioned"):
    """The configuration is in force at the edge too.

    `opermode` is what the drivers of its lines' ports should be loaded with in that country; "" where that is nothing.
    """

    command: str
    opermode: str = ""
