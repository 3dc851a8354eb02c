"""How the far end of a SIP trunk wants to be spoken to, where carriers, gateways and other exchanges differ."""

from typing import Literal

import msgspec

Transport = Literal["udp", "tcp", "tls"]
DidFrom = Literal["request", "to", "p-called-party-id", "diversion"]
CallerFrom = Literal["asserted", "from", "remote-party-id"]
CallerIn = Literal["from", "asserted", "preferred", "remote-party-id"]
Sender = Literal["number", "username"]
Presentation = Literal["shown", "withheld"]
Dtmf = Literal["rfc4733", "inband", "info"]
Prack = Literal["off", "offer", "require"]
KeepAlive = Literal["options", "off"]
Codec = Literal["pcma", "pcmu", "g722", "opus"]


class Manner(msgspec.Struct, frozen=True):
    """What headers say whom, and what else of SIP a trunk's far end is particular about.

    A call in: `did_from` is where whom it is for is found, the user of the Request-URI or of a header; where that
    header is missing it is the Request-URI's. `caller_from`: where the caller is found; P-Asserted-Identity (RFC 3325)
    and Remote-Party-ID come before From, which serves where they are missing. `early_media`: it hears our ringback by a
    183 with SDP while it rings, instead of a 180.

    A call out: `sender` is the user of From, the number shown or the user name of our account. `caller_in`: the header
    that says the number too (P-Asserted-Identity, P-Preferred-Identity, Remote-Party-ID), From alone where it is
    `from`. `presentation`: who is called sees no number; its carrier does where it is in a header (RFC 3323, 3325).

    Both: `dtmf` is how keys are sent to it: RFC 4733 where its SDP has that, else as sound; as sound always; or by
    INFO. By the two latter nothing else is taken for a key. `prack`: reliable provisional answers (RFC 3262).
    `session_timer_s`: RFC 4028, 0 for none. `codecs`: all that are offered or taken, the best first; all of ours where
    it is empty. `keep_alive`: it is asked by OPTIONS whether it is there. `register_s`: for so long we register. `gin`:
    for all numbers at once (RFC 6140). `authorize_first`: the first REGISTER names us unasked (TS 24.229 §5.1.1.2).
    """

    did_from: DidFrom = "request"
    caller_from: CallerFrom = "asserted"
    caller_in: CallerIn = "from"
    sender: Sender = "number"
    presentation: Presentation = "shown"
    dtmf: Dtmf = "rfc4733"
    early_media: bool = False
    prack: Prack = "off"
    session_timer_s: int = 600  # a party that vanished is noticed within ten minutes, even where it sends no RTCP
    codecs: tuple[Codec, ...] = ()
    keep_alive: KeepAlive = "options"
    register_s: int = 600
    gin: bool = False
    authorize_first: bool = False
