"""What can be played on a channel."""

from typing import Literal

from drivers.link.messages.base import Message


class Prompt(Message, frozen=True, tag="prompt"):
    """A sound file: an absolute path of a mono WAV, 8 kHz, 16 bit."""

    path: str


class Tone(Message, frozen=True, tag="tone"):
    """A call-progress tone of the box's country, until stopped; or one `beep`."""

    name: Literal["dial", "ringback", "busy", "congestion", "beep"]


class Silence(Message, frozen=True, tag="silence"):
    """Nothing to hear, for so long."""

    duration_s: float


Sound = Prompt | Tone | Silence
