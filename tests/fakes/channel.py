"""A channel of the fake gateway: what it is doing, and with whom."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from drivers.link import messages as m


@dataclass(eq=False)
class Channel:
    """A channel as the gateway knows it."""

    id: str
    state: str
    source: str = ""
    target: str = ""
    did: str = ""
    caller_number: str = ""
    caller_name: str = ""
    withheld: bool = False
    tag: m.Tag | None = None
    playing: m.Play | None = None
    next_sound: asyncio.TimerHandle | None = None
    sound: str = ""
    collecting: m.Collect | None = None
    collect_timer: asyncio.TimerHandle | None = None
    digits: str = ""           # of the collect
    typed: str = ""            # since the last collect
    other: Channel | None = None
    recording: str = ""
    recording_since_s: float = 0.0
    holders: set[str] = field(default_factory=set)  # the party, the exchange
    transferring: bool = False
    handing: bool = False      # back to the carrier
    told: list[int] = field(default_factory=list)  # how each transfer it asked for ended: the cause, 0 for done
    since_s: float = 0.0
    answered_s: float = 0.0
    cause: int | None = None
    heard: list[tuple[float, str]] = field(default_factory=list)

    def snapshot(self) -> m.ChannelState:
        """Return what a new exchange is told of it."""
        return m.ChannelState(
            channel=self.id, state=self.state, source=self.source, target=self.target, did=self.did,  # type: ignore[arg-type]
            caller_number=self.caller_number, caller_name=self.caller_name, withheld=self.withheld, tag=self.tag,
            playing=self.playing.id if self.playing else "", collecting=self.collecting.id if self.collecting else "",
            connected=self.other.id if self.other else "", recording=self.recording, held=bool(self.holders),
            since_s=self.since_s, answered_s=self.answered_s,
        )


def held_by(channel: Channel) -> str:
    """Return who has a channel on hold, the exchange before the party, "" for nobody."""
    return "exchange" if "exchange" in channel.holders else "party" if channel.holders else ""
