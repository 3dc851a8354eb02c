"""Where a call goes next, as data enough to begin there again, and what takes it there."""

from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from firmware.calls.call import Call

Goal = Literal["flow", "queue", "extension", "number", "feature", "prompt", "leg", "elsewhere", "hangup"]


class Destination(msgspec.Struct, frozen=True):
    """A stage and what it needs.

    `name` is the flow, the queue, the number, the leg; of `hangup` it is the cause (Q.850), "" for 16. `elsewhere`: the
    call is not ours, and rings on. `since_s` is
    Unix time of the first entry; 0 becomes the time it is entered.
    """

    kind: Goal
    name: str = ""
    since_s: float = 0.0
    node: str = ""
    variables: dict[str, str] = {}

    @classmethod
    def named(cls, text: str) -> "Destination":
        """Return the destination a configuration calls `queue:service`, `number:10086`, `hangup` ..."""
        kind, _, name = text.partition(":")
        return msgspec.convert({"kind": kind, "name": name}, cls)

    def continues(self, former: "Destination") -> bool:
        """Tell whether this is the same entry into the same stage, perhaps at another node."""
        return (self.kind, self.name, self.since_s) == (former.kind, former.name, former.since_s)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


NOWHERE = Destination("hangup")  # of a call that has not been routed yet


class Stage(Protocol):
    """What a call is in for a while: an IVR, a queue, an extension's ringing and talk."""

    async def run(self, call: "Call", destination: Destination) -> Destination | None:
        """Serve the caller and return where to go next, None when the visit is over.

        Cancelled once when the caller has gone. After a restart it is called again with the journaled destination,
        and begins by looking at `call.live_legs(...)`.
        """
