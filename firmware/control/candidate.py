"""`candidate.*`: the configuration as somebody is editing it, entry by entry, until it is committed or discarded."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from firmware.clock import Clock
from firmware.config.candidate import Candidates, Review
from firmware.config.check import shaped
from firmware.config.configuration import Change, Configuration
from firmware.config.numbering import IDENTITIES
from firmware.config.schema import Config
from firmware.config.trial import Trial
from firmware.config.vault import secrets_of, without_secrets
from firmware.control.config import Findings, Minutes, RevisionNumber
from firmware.control.methods import Asker, Role, method
from firmware.control.reason import Reason
from firmware.emergency import emergency_numbers
from firmware.errors import NotFound

Noun = Annotated[str, Meta(max_length=32)]
Key = Annotated[str, Meta(max_length=64)]  # an entry's name or number


class Standing(msgspec.Struct, frozen=True):
    """How far somebody's edits are: how many, from which revision, and which is in force.

    `trial` is the one there is, whoever began it; `at_s` the exchange's time, against which its deadline is read.
    """

    changes: int
    base: int
    revision: int
    at_s: float
    trial: Trial | None
    timezone: str


class Draft(msgspec.Struct, frozen=True):
    """Somebody's candidate without secrets, or what is in force; `with_secret` are the paths of what has one."""

    base: int
    revision: int
    config: dict[str, Any]
    with_secret: list[str]
    emergency_numbers: list[str]


class CandidateMethods:
    """What can be asked of one's own candidate."""

    def __init__(self, configuration: Configuration, candidates: Candidates, clock: Clock) -> None:
        self._configuration, self._candidates, self._clock = configuration, candidates, clock

    @method("candidate.state", Role.SUPERVISOR)
    async def state(self, session: Asker) -> Standing:
        """Say how many changes wait to be committed, and whether a revision is on trial."""
        candidate, now = await self._candidates.get(session.who), self._configuration
        changed = await self._candidates.changes(session.who)
        return Standing(
            len(changed), candidate.base, now.revision.number, self._clock.wall_s(), now.trial, now.config.box.timezone
        )

    @method("candidate.get", Role.SUPERVISOR)
    async def get(self, session: Asker) -> Draft:
        """Return the configuration as it would be with one's changes."""
        candidate = await self._candidates.get(session.who)
        kept, typed = secrets_of(self._configuration.config), secrets_of(shaped(candidate.document))
        with_secret = [
            f"{noun}[{name}]" if name else noun
            for (noun, name), secret in typed.items()
            if secret or kept.get((noun, name))
        ]
        config = without_secrets(candidate.document)
        now = self._configuration.revision.number
        return Draft(candidate.base, now, config, with_secret, emergency_numbers(config["box"]["country"]))

    @method("candidate.set", Role.ADMIN)
    async def set(self, session: Asker, noun: Noun, value: Any, name: Key = "", was: Any = None) -> Findings:
        """Put a noun, or an entry of its list, in one's candidate; `name` is the entry's until now, "" a new one.

        Returns what is still wrong elsewhere. `was` is what was seen there; if something else is there now, it is
        refused as changed-meanwhile.
        """
        _known(noun, entry=False)
        return Findings(await self._candidates.set(session.who, noun, name, value, was))

    @method("candidate.remove", Role.ADMIN)
    async def remove(self, session: Asker, noun: Noun, name: Key) -> None:
        """Take an entry out of one's candidate, if nothing else names it."""
        _known(noun)
        await self._candidates.remove(session.who, noun, name)

    @method("candidate.move", Role.ADMIN)
    async def move(self, session: Asker, noun: Noun, name: Key, way: Literal["up", "down"]) -> None:
        """Let an entry of one's candidate change places with its neighbour."""
        _known(noun)
        await self._candidates.move(session.who, noun, name, down=way == "down")

    @method("candidate.review", Role.SUPERVISOR)
    async def review(self, session: Asker) -> Review:
        """Say what one's candidate would change, what is against it, and what others changed meanwhile."""
        return await self._candidates.review(session.who)

    @method("candidate.rebase", Role.ADMIN)
    async def rebase(self, session: Asker) -> None:
        """Carry one's changes over to what is in force now; where both changed a value, one's own stays."""
        await self._candidates.rebase(session.who)

    @method("candidate.take", Role.ADMIN)
    async def take(self, session: Asker, revision: RevisionNumber) -> None:
        """Begin one's candidate as an earlier revision, if there are no changes yet."""
        await self._candidates.take(session.who, revision)

    @method("candidate.commit", Role.ADMIN)
    async def commit(self, session: Asker, why: Reason = "", confirm_within_min: Minutes | None = None) -> Change:
        """Put one's candidate in force; perhaps on trial until confirmed."""
        return await self._candidates.commit(session.who, why, confirm_within_min)

    @method("candidate.discard", Role.ADMIN)
    async def discard(self, session: Asker) -> None:
        """Forget one's changes."""
        await self._candidates.discard(session.who)


def _known(noun: str, *, entry: bool = True) -> None:
    right = list(IDENTITIES) if entry else [field.name for field in msgspec.structs.fields(Config)]
    if noun not in right:
        raise NotFound(f"there is no {noun}; there is {', '.join(right)}")
