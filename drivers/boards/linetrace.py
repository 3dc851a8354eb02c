"""The last signals of an analog line or a telephone: what came, what was heard, what the box did about it."""

import re
from typing import Literal

from drivers.boards.base import Battery
from drivers.boards.trace import Trace
from drivers.boards.user import Caller
from drivers.link.messages import LineSign
from native.media import Happening

BATTERY: dict[Battery, LineSign] = {
    Battery.NONE: "battery-none", Battery.LOW: "battery-low", Battery.FULL: "battery-full"
}  # fmt: skip
HEARD: dict[str, LineSign] = {  # by the names that tones have in the media core
    "dial": "tone-dial", "ringback": "tone-ringback", "busy": "tone-busy", "congestion": "tone-congestion",
    "information": "tone-information", "information (E.180)": "tone-information", "learnt": "tone-learnt", "fax": "fax",
}  # fmt: skip
CALLER: dict[tuple[str, bool], LineSign] = {  # by how it was told, and whether the number is withheld
    ("fsk", False): "caller-id-fsk", ("fsk", True): "withheld-fsk",
    ("keys", False): "caller-id-keys", ("keys", True): "withheld-keys",
}  # fmt: skip
CLEARED: dict[str, LineSign] = {"tone": "cleared-tone", "break": "cleared-break", "reversal": "cleared-reversal"}


class LineTrace(Trace):
    """Keeps what passes."""

    def came(self, sign: LineSign, **facts: str | int) -> None:
        """Take what the far side did, or what its silence or sound is taken for."""
        self.take(sign, False, **facts)

    def sent(self, sign: LineSign, **facts: str | int) -> None:
        """Take what the box did."""
        self.take(sign, True, **facts)

    def caller(self, kind: Literal["fsk", "keys"], caller: Caller) -> None:
        """Take a caller id that was read."""
        self.came(CALLER[kind, caller.withheld], calling=caller.number, name=caller.name)

    def no_caller(self, keys: str) -> None:
        """Take that a call is offered without a caller id, though perhaps these keys were heard.

        Of them only the form is told (as D-----------C), by which it is known what the office sends: they may be what
        somebody dialled at another telephone on the pair.
        """
        self.came("caller-id-unread" if keys else "caller-id-none", calling=re.sub("[0-9]", "-", keys))

    def heard(self, happening: Happening) -> None:
        """Take a tone or a key. Which key is not told: in a talk they are card numbers and PINs."""
        if happening.kind == "tone" and happening.value in HEARD:
            self.came(HEARD[happening.value])
        elif happening.kind == "digit":
            self.came("digit")
