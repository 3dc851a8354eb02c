"""What a prompt can be made of, as the exchange asks for it and the maker reads it."""

import msgspec

SHORTEST_S = 0.1
LONGEST_S = 600.0


class FromFile(msgspec.Struct, frozen=True, tag="file"):
    """A stranger's sound file of any common kind; `music` is levelled lower than speech."""

    source: str
    target: str
    music: bool = False


class FromText(msgspec.Struct, frozen=True, tag="text"):
    """Words, to be spoken."""

    text: str
    language: str
    target: str


class FromRecording(msgspec.Struct, frozen=True, tag="recording"):
    """A recording of ours, whose left side is kept; `key_heard`: it ends with the tone of a key."""

    source: str
    target: str
    key_heard: bool = False


Job = FromFile | FromText | FromRecording


class Made(msgspec.Struct, frozen=True):
    """How long the prompt became."""

    duration_s: float
