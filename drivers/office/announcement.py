"""How an office tells a line who calls: what goes out on the pair, and whether before the first ring or after it.

ETSI EN 300 659-1 §6.1 has the ways of FSK; keys come as spandsp's adsi.h and the countries' own specifications say.
"""

from typing import NamedTuple

from drivers.link.office import PlaceCall
from drivers.office.sound import Lasting, Source
from native.callerid import CallerIdSender

BEFORE_RING_S = 0.3  # from its end to the first ring
AFTER_RING_S = 0.6   # from the end of the first ring to its beginning (GR-30: 0.5 to 1.5 s)
REVERSED_S = 0.2     # from the reversal to what follows (at least 0.1 s)
PULSE_S = 0.24       # a ring so short wakes a display, and nobody
AFTER_PULSE_S = 0.6  # from its end to the message
REQUEST_S = 0.5      # Japan's ring of its own: so long on, so long off ..
REQUESTED_S = 6.0    # .. and so long at most for somebody to answer it
AFTER_ANSWER_S = 0.3


class Step(NamedTuple):
    """A sound for as long as it lasts, and whether there is ring voltage meanwhile."""

    source: Source
    ring: bool = False


class Announcement(NamedTuple):
    """What comes before the first ring, or (`after_ring`) in the pause after it; `reverse`: the polarity is reversed.

    The polarity stays so until the call is answered, or given up. `request`: it is told to who is off-hook.
    """

    steps: tuple[Step, ...]
    after_ring: bool = False
    reverse: bool = False
    request: bool = False


def announcement(order: PlaceCall, time_mmddhhmm: str) -> Announcement:
    """Return how a call that has a caller id is announced."""
    kind, keys = order.caller_id, order.caller_id.startswith("dtmf")
    start = order.caller_id_start or ("request" if kind == "jclip" else "nothing" if keys else "ring")
    alert = start == "alert" or (start == "reversal" and not keys)
    message = Step(CallerIdSender(kind, order.number, order.name, order.withheld, time_mmddhhmm, alert))  # type: ignore[arg-type]
    if start == "request":
        return Announcement((Step(Lasting(AFTER_ANSWER_S)), message), reverse=True, request=True)
    if start == "ring":
        return Announcement((Step(Lasting(AFTER_RING_S)), message), after_ring=True)
    ahead: tuple[Step, ...] = ()
    if start == "reversal":
        ahead = (Step(Lasting(REVERSED_S)),)
    elif start == "pulse":
        ahead = (Step(Lasting(PULSE_S), ring=True), Step(Lasting(AFTER_PULSE_S)))
    return Announcement((*ahead, message, Step(Lasting(BEFORE_RING_S))), reverse=start == "reversal")
