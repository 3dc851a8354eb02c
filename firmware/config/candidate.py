"""Configurations being edited: one for each person, on the disk until it is committed or discarded.

A candidate is a whole plain document, right in its shape though perhaps not yet in its sense, and the revision it was
begun from. It outlives the page, the browser and the exchange. Its secrets are sealed as those of a revision.
"""

import asyncio
import copy
import hashlib
import logging
from pathlib import Path
from typing import Any

import msgspec

from firmware.config import check
from firmware.config.changes import Difference, differences
from firmware.config.configuration import Change, Configuration, exported
from firmware.config.edit import place_of, removed, with_entry, within
from firmware.config.merge import Merged, merge
from firmware.config.numbering import named
from firmware.config.schema import Config
from firmware.config.vault import secrets_of
from firmware.errors import BadConfig, ChangedMeanwhile, InUse, KeyLost, NotFound, Problem, Refused

log = logging.getLogger(__name__)


class Candidate(msgspec.Struct, frozen=True):
    """Somebody's document made from revision `base`."""

    who: str
    base: int
    document: dict[str, Any]


class Review(msgspec.Struct, frozen=True):
    """A candidate before it is committed.

    `differences` are against the revision it was begun from, `problems` all that keeps it from being committed. When
    another revision came into force meanwhile, `meanwhile` is what that changed, and `conflicts` are the paths that
    both changed: rebased, the candidate's value stays.
    """

    base: int
    revision: int
    differences: list[Difference]
    problems: list[Problem]
    meanwhile: list[Difference]
    conflicts: list[str]


class Candidates:
    """Everybody's candidates. What writes raises NoStorage when the disk does not take it, and changes nothing then."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._folder = configuration.folder / "candidates"
        self._known: dict[str, Candidate | None] = {}  # as read or written last
        self._changes: dict[str, list[Difference]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def get(self, who: str) -> Candidate:
        """Return somebody's candidate, with the secrets typed into it; who has none sees what is in force."""
        if who not in self._known:
            self._known[who] = await self._configuration.run(lambda: self._read(who))
        return self._known[who] or self._in_force(who)

    async def changes(self, who: str) -> list[Difference]:
        """Return what somebody's candidate changes since the revision it was begun from."""
        candidate = await self.get(who)
        if who not in self._changes:
            self._changes[who] = await self._changed(candidate) if self._known[who] else []
        return self._changes[who]

    async def set(self, who: str, noun: str, name: str, value: Any, was: Any) -> list[Problem]:
        """Put a noun, or an entry of its list, in somebody's candidate, and return what is still wrong elsewhere.

        `name` is the entry's name until now, "" for a new one; a new name is written wherever the former one stood.
        `was` is what the editor saw there. Raises ChangedMeanwhile when something else is there now, Exists, NotFound,
        and BadConfig with all that is wrong within the entry itself.
        """
        async with self._one_at_a_time:
            candidate = await self.get(who)
            document = copy.deepcopy(candidate.document)
            if was is not None and within(document, noun, name) != was:
                raise ChangedMeanwhile("this was changed meanwhile in another window; what is there now is shown")
            where = with_entry(document, noun, name, value, secrets_of(self._configuration.config))
            found = await self._configuration.check(document)
            here = [one for one in found if one.path == where or one.path.startswith((f"{where}.", f"{where}["))]
            if here:
                raise BadConfig(here)
            await self._keep(who, candidate.base, document)
            return found

    async def remove(self, who: str, noun: str, name: str) -> None:
        """Take an entry out of somebody's candidate. Raises NotFound, and InUse with the places that name it."""
        async with self._one_at_a_time:
            candidate = await self.get(who)
            document = removed(candidate.document, noun, name)
            before = {(one.path, one.code) for one in await self._problems(candidate.document)}
            new = [one for one in await self._problems(document) if (one.path, one.code) not in before]
            if new:
                raise InUse(new)
            await self._keep(who, candidate.base, document)

    async def move(self, who: str, noun: str, name: str, *, down: bool) -> None:
        """Let an entry change places with its neighbour; of some nouns the first that fits counts. Raises NotFound."""
        async with self._one_at_a_time:
            candidate = await self.get(who)
            document = copy.deepcopy(candidate.document)
            entries = document[noun]
            place = place_of(entries, noun, name)
            other = place + (1 if down else -1)
            if 0 <= other < len(entries):
                entries[place], entries[other] = entries[other], entries[place]
                await self._keep(who, candidate.base, document)

    async def review(self, who: str) -> Review:
        """Return what somebody's candidate would change, and what is against it."""
        candidate, now = await self.get(who), self._configuration.revision.number
        changed = await self.changes(who)
        problems = await self._problems(candidate.document) if changed else []
        if not changed or candidate.base == now:
            return Review(candidate.base, now, changed, problems, [], [])
        meanwhile = differences(await self._base(candidate), self._configuration.config)
        return Review(candidate.base, now, changed, problems, meanwhile, (await self._rebased(candidate)).conflicts)

    async def rebase(self, who: str) -> None:
        """Carry somebody's changes over to what is in force now; where both changed a value, theirs stays."""
        async with self._one_at_a_time:
            candidate = await self.get(who)
            now = self._configuration.revision.number
            await self._keep(who, now, (await self._rebased(candidate)).document)

    async def take(self, who: str, revision: int) -> None:
        """Begin a candidate as an earlier revision. Raises NotFound, BadConfig; Refused if there are changes."""
        async with self._one_at_a_time:
            if await self.changes(who):
                raise Refused("there are changes already: commit or discard them first")
            _, config = await self._configuration.at(revision)
            await self._keep(who, self._configuration.revision.number, exported(config, secrets=True))

    async def commit(self, who: str, why: str, confirm_within_min: int | None) -> Change:
        """Put somebody's candidate in force; it is over then. Raises NotFound, and what Configuration.replace does."""
        async with self._one_at_a_time:
            candidate = await self.get(who)
            if not await self.changes(who):
                raise NotFound("there are no changes; there is nothing to commit")
            change = await self._configuration.replace(
                candidate.document, who=who, why=why, base=candidate.base, confirm_within_min=confirm_within_min
            )
            await self._forget(who)
            return change

    async def discard(self, who: str) -> None:
        """Forget somebody's candidate."""
        async with self._one_at_a_time:
            await self._forget(who)

    def _in_force(self, who: str) -> Candidate:
        document = exported(self._configuration.config, secrets=False)
        return Candidate(who, self._configuration.revision.number, document)

    async def _base(self, candidate: Candidate) -> Config:
        if candidate.base == self._configuration.revision.number:
            return self._configuration.config
        return (await self._configuration.at(candidate.base))[1]

    async def _changed(self, candidate: Candidate) -> list[Difference]:
        """Return the changes; a secret that is left out is the one it was."""
        base = exported(await self._base(candidate), secrets=True)
        own = secrets_of(check.shaped(candidate.document))
        for (noun, name), secret in secrets_of(check.shaped(base)).items():
            if secret and not own.get((noun, name)):
                (base[noun][place_of(base[noun], noun, name)] if name else base[noun])["secret"] = ""
        return differences(check.shaped(base), check.shaped(candidate.document))

    async def _rebased(self, candidate: Candidate) -> Merged:
        base = exported(await self._base(candidate), secrets=False)
        return merge(base, candidate.document, exported(self._configuration.config, secrets=False))

    async def _problems(self, document: dict[str, Any]) -> list[Problem]:
        """Return all that is wrong, its paths with the names of entries."""
        found = await self._configuration.check(document)
        return [msgspec.structs.replace(one, path=named(document, one.path)) for one in found]

    async def _keep(self, who: str, base: int, document: dict[str, Any]) -> None:
        """Keep a document, every default written out; one that changes nothing is no candidate."""
        filled = exported(check.shaped(document), secrets=True)
        candidate = Candidate(who, base, _bare(filled))
        changed = await self._changed(candidate)
        if not changed:
            await self._forget(who)
            return
        sealed = msgspec.structs.replace(candidate, document=self._configuration.vault.seal(candidate.document))
        await self._configuration.run(lambda: self._write(who, msgspec.json.encode(sealed)))
        self._known[who], self._changes[who] = candidate, changed

    async def _forget(self, who: str) -> None:
        await self._configuration.run(lambda: self._configuration.disk.remove(self._path(who)))
        self._known[who], self._changes[who] = None, []

    def _path(self, who: str) -> Path:
        return self._folder / f"{hashlib.sha256(who.encode()).hexdigest()[:32]}.json"

    def _write(self, who: str, data: bytes) -> None:
        self._configuration.disk.make_folder(self._folder)
        self._configuration.disk.replace(self._path(who), data)

    def _read(self, who: str) -> Candidate | None:
        try:
            found = msgspec.json.decode(self._path(who).read_bytes(), type=Candidate)
            document = self._configuration.vault.unseal(found.document)
            check.shaped(document)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, BadConfig, KeyLost) as error:
            # of an earlier release, or spoiled: what is in force is not touched by it, and the file is left to look at
            log.error("the candidate of %s cannot be read, so there is none: %s", who, error)
            return None
        return msgspec.structs.replace(found, document=document)


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without the secrets that are "": they are not known here."""
    return {
        noun: [_known_secret(entry) for entry in value] if isinstance(value, list) else _known_secret(value)
        for noun, value in document.items()
    }


def _known_secret(entry: Any) -> Any:
    if isinstance(entry, dict) and entry.get("secret") == "":
        return {key: value for key, value in entry.items() if key != "secret"}
    return entry
