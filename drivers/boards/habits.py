"""What a line's office was seen to do where offices differ, beside what those of its country are known to do.

Recognition does not depend on it: it is said in a test of the line, for who looks why a caller is not shown or a call
does not end.
"""

from collections.abc import Collection
from typing import Literal

from drivers.countries import Country
from drivers.link.messages import LineFinding

TONE = "tone"  # busy tone: any office may give it, whatever else it does


class Habits:
    """How an office told the last caller's number, and that the last far end hung up; "" as long as it did not.

    `none`: the last caller's number was not told at all, not even that it is withheld.
    """

    def __init__(self) -> None:
        self.caller_id: Literal["", "fsk", "keys", "none"] = ""
        self.hangup: Literal["", "tone", "reversal", "break"] = ""

    def findings(self, country: Country) -> list[LineFinding]:
        """Return what was seen of that which is known of the country, all of it good; and a number that is not told."""
        kinds = {"keys" if kind.startswith("dtmf") else "fsk" for kind in country.caller_id}
        hangups = {*country.hangup, TONE} if country.hangup else set()
        untold = LineFinding("caller_id", "poor", reason="not-told") if self.caller_id == "none" else None
        found = (untold or _finding("caller_id", self.caller_id, kinds), _finding("hangup", self.hangup, hangups))
        return [one for one in found if one is not None]


def _finding(name: str, seen: str, known: Collection[str]) -> LineFinding | None:
    if not seen or not known:
        return None
    return LineFinding(name, "good", reason="" if seen in known else f"otherwise-{seen}")
