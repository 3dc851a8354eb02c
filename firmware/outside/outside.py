"""The way out of the box, for whoever needs the world beyond it: requests, mail and names; tests have another world.

Nothing here is ever in a call's path. Everything has an end: all that is asked is answered within its time, or raises
Unreachable; a destination that may not be reached raises Forbidden.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

from drivers.link.messages import Wrong
from firmware.details import SAID, sentence
from firmware.errors import BusyhourError, Refused
from firmware.outside.reach import Reach

REPLY_BYTES = 2048  # of an answer that are read: enough to say what was wrong


class Forbidden(Refused):
    """A destination that the box may not be made to reach."""

    code = "forbidden-destination"


class Unreachable(BusyhourError):
    """Nobody answered in time, or not as they should; `wrong` says what exactly."""

    code = "unreachable"

    def __init__(self, code: str, **facts: str | int | float) -> None:
        """`code` is one of firmware.details."""
        super().__init__(sentence(code, facts, "en", code), **facts)
        self.wrong = Wrong(code, dict(facts))


def wrong_of(error: BusyhourError) -> Wrong:
    """Return what an alarm says of an error."""
    return error.wrong if isinstance(error, Unreachable) else Wrong(SAID, {"text": str(error)})


class Reply(NamedTuple):
    """What a receiver answered; `text` is the beginning of it, for a person."""

    status: int
    text: str


class MailServer(NamedTuple):
    """Who takes our mail on. `security`: TLS from the first byte, after STARTTLS, or none."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    username: str = ""
    password: str = ""
    reach: Reach = "lan"


class Letter(NamedTuple):
    """A mail in plain text, and where `html` is given the same as a page, for whoever reads those."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str = ""


class Outside(Protocol):
    """The world. Each raises Forbidden and Unreachable."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], reach: Reach) -> Reply:
        """Send a request and return the answer, whatever it is; a redirect is an answer, and is not followed."""
        ...

    async def mail(self, server: MailServer, letter: Letter) -> None:
        """Hand a letter to the server, which has taken it for all recipients when this returns."""
        ...

    async def resolve(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name."""
        ...
