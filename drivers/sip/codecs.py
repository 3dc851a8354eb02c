"""The codecs of the box, and what an SDP has of them."""

import re
from collections.abc import Sequence

from drivers.link.manner import Codec

# By pjmedia's names, with how much each is preferred
OPUS = "opus/48000/2"
PRIORITIES = {"PCMA/8000/1": 200, "PCMU/8000/1": 190, "G722/16000/1": 120, OPUS: 110}
STATIC = {"0": "pcmu", "8": "pcma", "9": "g722"}  # RFC 3551 §6
KEYS = "telephone-event"

_MAPPED = re.compile(r"^a=rtpmap:([0-9]+) ([^/\r\n]+)/([0-9]+)", re.MULTILINE)
_VOICE = re.compile(r"^(m=audio [0-9/]+ [A-Z/]+)((?: [0-9]+)+)", re.MULTILINE)
_OF_PAYLOAD = re.compile(r"^a=(?:rtpmap|fmtp|rtcp-fb):([0-9]+) [^\r\n]*\r?\n", re.MULTILINE)


def has_one(sdp: str) -> bool:
    """Tell whether an SDP's audio has a codec of ours, by a static payload type or by name."""
    ours = {name.partition("/")[0].lower() for name in PRIORITIES}
    static = (payload for voice in _VOICE.finditer(sdp) for payload in voice[2].split())
    return any(payload in STATIC for payload in static) or any(
        mapped[2].strip().lower() in ours for mapped in _MAPPED.finditer(sdp)
    )


def narrowed(sdp: str, wanted: Sequence[Codec], *, keys: bool) -> str:
    """Return an SDP with the codecs `wanted` alone, in this order, all where it is empty; `keys`: with RFC 4733.

    An SDP that has none of them stays as it is: no call is better than one without a codec, and the far end decides.
    """
    names = STATIC | {mapped[1]: mapped[2].strip().lower() for mapped in _MAPPED.finditer(sdp)}
    rates = dict.fromkeys(STATIC, "8000") | {mapped[1]: mapped[3] for mapped in _MAPPED.finditer(sdp)}
    kept: set[str] = set()

    def voice(found: re.Match[str]) -> str:
        payloads = found[2].split()
        codecs = [one for one in payloads if names.get(one) != KEYS]
        order = list(wanted)
        chosen = sorted(
            (one for one in codecs if not order or names.get(one) in order),
            key=lambda one: order.index(names[one]) if order else 0,
        ) or codecs
        used = {rates.get(one) for one in chosen}  # RFC 4733 §2.1: keys are timed by the clock of a voice
        chosen += [one for one in payloads if names.get(one) == KEYS and keys and rates.get(one) in used]
        kept.update(chosen)
        return found[1] + "".join(f" {one}" for one in chosen)

    changed = _VOICE.sub(voice, sdp)
    return _OF_PAYLOAD.sub(lambda found: found[0] if found[1] in kept else "", changed)
