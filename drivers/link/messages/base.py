"""What all messages of the link are made of."""

import msgspec

E1_SLOTS = (*range(1, 16), *range(17, 32))  # that can carry calls; 0 is framing, 16 signalling


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """Common shape of all that crosses the link: the field `type` names the struct."""


class Tag(msgspec.Struct, frozen=True):
    """Whose channel this is, in the exchange's words; the gateway keeps it and gives it back, unread."""

    call: str
    leg: str
    purpose: str = ""


class Command(Message, frozen=True):
    """An order. `id` outlives a restart of the exchange: the gateway carries out each id once."""

    id: str


class Event(Message, frozen=True):
    """What happened. `seq` counts from 1 within a gateway epoch and is kept until acknowledged."""

    seq: int
    at_s: float


class ChannelEvent(Event, frozen=True):
    """What happened on one channel."""

    channel: str


Fact = str | int | float | None


class Wrong(msgspec.Struct, frozen=True):
    """What exactly is wrong: `code` names the sentence (firmware.details), `facts` are the figures in it."""

    code: str
    facts: dict[str, Fact] = {}
