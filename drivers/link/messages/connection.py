"""The connection itself: who is there, what there is, what was kept and what was refused."""

from typing import Literal

import msgspec

from drivers.link.messages.base import Event, Message, Tag

# An exchange says its last orders again when the connection broke, no more than these; the gateway knows as many
KEPT_ORDERS = 4096


class Ack(Message, frozen=True, tag="ack"):
    """All events up to `seq` are on the exchange's disk; the gateway may forget them."""

    seq: int


class Refused(Event, frozen=True, tag="refused"):
    """A command could not be carried out; `code` is an error's stable code from errors.py."""

    command: str
    code: str
    text: str
    channel: str = ""


class ChannelState(msgspec.Struct, frozen=True):
    """A channel as it is now; fields as in the events above."""

    channel: str
    state: Literal["offered", "dialing", "ringing", "answered"]
    source: str = ""
    target: str = ""
    did: str = ""
    caller_number: str = ""
    caller_name: str = ""
    withheld: bool = False
    tag: Tag | None = None
    playing: str = ""
    collecting: str = ""
    connected: str = ""
    recording: str = ""
    held: bool = False
    since_s: float = 0.0
    answered_s: float = 0.0


class Hello(Message, frozen=True, tag="hello"):
    """First on every connection: a new `epoch` means the gateway started anew and all its earlier channels are gone.

    `offset_s` is what every `at_s` of this epoch has above CLOCK_MONOTONIC, which gateway and exchange share: the
    gateway's clock is not set when the machine's is. None where the gateway is of a release that did not tell.
    """

    epoch: str
    last_seq: int
    version: int = 1
    offset_s: float | None = None


class Snapshot(Message, frozen=True, tag="snapshot"):
    """Second: all there is, as of event `seq`. Events not yet acknowledged follow, then live ones."""

    seq: int
    channels: tuple[ChannelState, ...]
    lines: dict[int, str]
    registered: tuple[str, ...]
