"""Caller id as an office sends it and a telephone reads it, a block at a time, for programs without a media pump.

Samples are as in native.dsp. Objects belong to one thread. What does not fit raises ValueError, naming it.
"""

from typing import Literal, NamedTuple

class CallerId(NamedTuple):
    """What the office says of the caller; texts are empty where it says nothing."""

    number: str
    name: str
    withheld: bool

class CallerIdSender:
    """A caller's number as the office sends it: MDMF by FSK of either kind, or D (or A) NUMBER C; or jclip."""

    kind: str
    def __init__(
        self,
        kind: Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"],
        number: str,
        name: str = "",
        withheld: bool = False,
        time_mmddhhmm: str = "",
        alert: bool = False,
    ) -> None: ...
    def read(self, count: int) -> bytes: ...               # shorter when the message is over

class CallerIdReceiver:
    """Reads what CallerIdSender sends."""

    def __init__(self, kind: Literal["fsk", "v23", "jclip", "dtmf", "dtmf-a", "dtmf-hash"]) -> None: ...
    def receive(self, samples: bytes) -> list[CallerId]: ...
