"""What is watched while no call asks: telephones and trunks that come and go, alarms, whom the edge keeps out."""

from enum import StrEnum
from typing import Literal

import msgspec

from drivers.link.messages.base import Command, Event, Message, Wrong


class LiftBan(Command, frozen=True, tag="lift_ban"):
    """Have the edge listen to an address again; `ban_lifted` follows with this id, or `refused`."""

    address: str


class BanLifted(Event, frozen=True, tag="ban_lifted"):
    """The edge listens to an address again; `was`: it had been banned."""

    command: str
    address: str
    was: bool


class RegistrationChanged(Event, frozen=True, tag="registration_changed"):
    """An extension's telephone came or went, or its port did, or a trunk's registration (`trunk:NAME`)."""

    name: str
    registered: bool


class AlarmName(StrEnum):
    """The alarms that the gateway raises."""

    EDGE = "edge"  # it does not take the configuration
    NO_BATTERY = "line-no-battery"
    LEFT_OFF_HOOK = "line-off-hook"  # another telephone on the pair, for long
    BOARD_LOST = "board-lost"
    PORT_LOST = "port-lost"  # the configuration names one that is not there
    BOARD_CLOCK = "board-clock"  # it stands still; the machine's own is followed
    TRUNK_LOST = "trunk-lost"
    SPAN_LOST = "span-lost"  # no such span, or it cannot be used
    SPAN_ALARM = "span-alarm"  # RED, BLUE or YELLOW on the wire
    SPAN_DOWN = "span-down"  # the wire is well, the D-channel is not there
    SPAN_SHORT = "span-short"  # channels that the configuration has are not there
    SPAN_SLIPS = "span-slips"  # more than ITU-T G.822 has for a day


class Alarm(Event, frozen=True, tag="alarm"):
    """Something needs a person, or no longer does: an AlarmName, the `subject` it is about, and what is wrong."""

    name: str
    subject: str
    raised: bool
    wrong: Wrong | None = None


class Banned(msgspec.Struct, frozen=True):
    """An address that the edge does not listen to, for wrong passwords or for a flood; times are Unix seconds.

    A flood's `since_s` is not known (0); it ends at `until_s` only if it stops.
    """

    address: str
    why: Literal["passwords", "flood"]
    since_s: float
    until_s: float


class Turned(msgspec.Struct, frozen=True):
    """A telephone that the edge turned away: a wrong password, no such extension, or another name than its own.

    `number` is as whom it came last, "" where that is no name at all.
    """

    address: str
    number: str
    why: Literal["password", "extension", "name"]
    count: int
    first_s: float
    last_s: float


class Guarded(msgspec.Struct, frozen=True):
    """Whom the edge keeps out now, and turned away within the last hour; `more`: too many to be told."""

    banned: tuple[Banned, ...] = ()
    turned: tuple[Turned, ...] = ()
    more: bool = False


class Stats(Message, frozen=True, tag="stats"):
    """The gateway's counters, every few seconds; not kept for a lost exchange.

    `guarded` is None while the edge is silent.
    """

    at_s: float
    counters: dict[str, float]
    guarded: Guarded | None = None
