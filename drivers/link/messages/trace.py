"""What passes at a place, signal by signal, for who reads it as it goes by: `span:1` or `line:2`."""

from typing import Literal

import msgspec

from drivers.link.messages.base import Command, Message

LineSign = Literal[
    # what a central office does, or is taken to have done
    "battery-none", "battery-low", "battery-full", "break", "ring-on", "ring-off", "polarity-reversed", "polarity-back",
    "caller-id-fsk", "caller-id-keys", "withheld-fsk", "withheld-keys", "caller-id-none", "caller-id-unread", "gave-up",
    "glare", "answer-reversal", "answer-assumed", "cleared-tone", "cleared-break", "cleared-reversal", "no-dial-tone",
    "no-sound", "ended",
    # what is heard
    "tone-dial", "tone-ringback", "tone-busy", "tone-congestion", "tone-information", "tone-learnt", "fax", "digit",
    # what the box does
    "loop-closed", "loop-opened", "answer", "test", "take", "dialled", "flash", "left", "hang-up", "silence",
]  # fmt: skip


class TraceSignals(Command, frozen=True, tag="trace_signals"):
    """Have the signals of a place told: what is kept after a signal's number, then live for so long.

    `no-such-channel`: the configuration does not name the place. `wrong-state`: it is not there.
    """

    place: str
    for_s: float
    after: int = 0


class Signal(msgspec.Struct, frozen=True):
    """A signal, `number` the how many-eth at its place; `text` is the name of a message (SETUP) or a LineSign.

    `reference`: which call it is of, as both sides of a span know it. `cause`: Q.850, 0 for none. `sent`: by us.
    `calling` and `name` are a caller's; of keys that no number could be read of, `calling` has a - for each digit.
    `services`: what a span's message says of supplementary services (ITU-T Q.932 §8.2): `invoke:`, `result:`, `error:`
    or `reject:`, and of what: `ect:4` for an operation of ETSI's explicit call transfer,
    `mwi:mwiActivate:345` for one of QSIG's message waiting (ECMA-242) and whose lamp it is, or a number.
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
    name: str = ""
    services: tuple[str, ...] = ()


class Signals(Message, frozen=True, tag="signals"):
    """Signals of a place, oldest first; `more` that passed before follow at once. Not kept for a lost exchange."""

    at_s: float
    place: str
    signals: tuple[Signal, ...]
    more: bool = False
