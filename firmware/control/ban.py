"""`ban.*`: who is kept out now, and why; telephones that were turned away; and letting somebody in again."""

from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from drivers.link.messages import Turned
from firmware.calls.bans import Bans
from firmware.clock import Clock
from firmware.control.methods import Asker, Role, method
from firmware.errors import NoStorage, NotFound, Refused
from firmware.records.audit import Audit, Entry
from firmware.users.users import Users

Subject = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x20]+\Z", description="an address, or a user's name")
]

CONSOLE = "console"  # as the console calls itself when somebody signs in there


class Ban(msgspec.Struct, frozen=True):
    """Somebody who is kept out: an address, or whoever tries a user's name. Times are Unix seconds.

    `door`: `sip` for telephones, which get no answer at all, `sign-in` for users by name and where they come from,
    `console` for the console, which then asks nobody for a password. `why`: wrong `passwords`, or a `flood` of
    requests, which ends at `until_s` only if it stops. `since_s` is 0 where that is not known. `count` is of the wrong
    passwords, 0 where nobody counted.
    """

    subject: str
    door: Literal["sip", "sign-in", "console"]
    why: Literal["passwords", "flood"]
    since_s: float
    until_s: float
    count: int = 0


class BanTable(msgspec.Struct, frozen=True):
    """Who is kept out now, and telephones that were turned away within the last hour and did not come in since.

    `edge`: the edge tells. `more`: it has more than are told here.
    """

    bans: list[Ban]
    turned: list[Turned]
    edge: bool = True
    more: bool = False


class Lockout(Protocol):
    """The console's own wait after wrong passwords (firmware.console.lockout), kept on the disk."""

    def waiting(self) -> tuple[int, float]:
        """Return the wrong tries in a row, and until when nobody may try, 0 for now."""

    def forgive(self) -> None:
        """Begin anew. Raises OSError."""


class BanMethods:
    """What can be asked of the doors."""

    def __init__(self, bans: Bans, users: Users, console: Lockout, audit: Audit, clock: Clock) -> None:
        self._bans, self._users, self._console, self._audit, self._clock = bans, users, console, audit, clock

    @method("ban.list", Role.SUPERVISOR)
    def table(self) -> BanTable:
        """Return who is kept out at the edge, at sign-in and at the console, and which telephones were turned away."""
        seen, now_s = self._bans.now(), self._clock.wall_s()
        found = [
            Ban(one.address, "sip", one.why, one.since_s, one.until_s)
            for one in (seen.banned if seen else ()) if one.until_s > now_s
        ]
        found += [
            Ban(one.name or one.address, "sign-in", "passwords", one.last_s, one.until_s, one.wrong)
            for one in self._users.held_off()
        ]  # fmt: skip
        tries, until_s = self._console.waiting()
        if until_s:
            found.append(Ban(CONSOLE, "console", "passwords", 0.0, until_s, tries))
        return BanTable(found, list(seen.turned) if seen else [], seen is not None, bool(seen and seen.more))

    @method("ban.lift", Role.ADMIN)
    async def lift(self, session: Asker, subject: Subject) -> BanTable:
        """Let an address, a user by name, or the console in again at once; a flood is stopped as long as it lasts."""
        seen = self._bans.now()
        kept_out = {one.address: one.why for one in (seen.banned if seen else ())}
        lifted = self._users.let_try(subject)
        if subject == CONSOLE and self._console.waiting()[1]:
            try:
                self._console.forgive()
            except OSError as error:
                raise NoStorage(f"the console's wait cannot be ended: {error}") from error
            lifted = True
        if kept_out.get(subject) == "passwords" or (seen is not None and seen.more):
            lifted |= await self._bans.lift(subject)
        if not lifted and subject in kept_out:
            raise Refused(f"{subject} sends too much: it is listened to again half a minute after that ends")
        if not lifted:
            raise NotFound(f"{subject} is not banned")
        self._audit.note(Entry(self._clock.wall_s(), "ban.lifted", "", session.who, session.address, subject))
        await self._audit.kept()
        return self.table()
