"""The configuration in force, and the only way to another one: checked whole, kept on disk, then made known."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from firmware.config import check, extensions, factory
from firmware.config.changes import Difference, differences
from firmware.config.disk import Disk
from firmware.config.schema import Config, Extension, Mail, Webhook
from firmware.config.store import Revision, Store, problem_of
from firmware.config.trial import Trial, TrialFile
from firmware.config.trunk import Trunk
from firmware.config.vault import Vault, new_secret, new_signing_secret, without_secrets
from firmware.errors import BadConfig, BusyhourError, InUse, NotFound, Problem, Refused, Stale

log = logging.getLogger(__name__)
TRY_AGAIN_S = 30.0  # to go back from a trial, where the disk did not let us


class Change(msgspec.Struct, frozen=True):
    """A revision that came into force, what it changed, and until when it must be confirmed, if it must."""

    revision: Revision
    differences: list[Difference]
    trial: Trial | None = None


# Told of a change once it is on disk: the change, the configuration before, the configuration now
Listener = Callable[[Change, Config, Config], None]
# Carries out work that waits for the disk, off the event loop
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class Configuration:
    """The running configuration of a box and its revisions. `open` it before use, `close` it at the end.

    `now` tells the time, in any zone; `checks` are what the stages know of their own parts. `folder`, `disk`, `vault`
    and `run` are what candidates are kept with.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        wrong_with_sound: check.WrongWithSound,
        checks: Iterable[check.Check] = (),
        run: Run = asyncio.to_thread,
        disk: Disk | None = None,
    ) -> None:
        self.config = Config()
        self.revision = Revision(0)
        self.trial: Trial | None = None
        self.problems: list[Problem] = []  # what was found wrong on the disk when it was opened
        self.folder = folder
        self._now = now
        self._wrong_with_sound = wrong_with_sound
        self._checks = list(checks)
        self.run = run
        self.disk = disk or Disk()
        self._store = Store(folder / "revisions", self.disk)
        self._trials = TrialFile(folder / "trial.json", self.disk)
        self._trial_end: asyncio.TimerHandle | None = None
        self._going_back: asyncio.Task[None] | None = None
        self._listeners: list[Listener] = []
        self._one_at_a_time = asyncio.Lock()

    def open(self) -> None:
        """Take the newest revision that can be read; at the first start, the factory's.

        Raises Locked, NoStorage, and KeyLost. Waits for the disk: call it before the loop runs.
        """
        self._store.lock()
        try:
            numbers = self._store.numbers()
            self.vault = Vault.open(self.folder / "key", self.disk, new=not numbers)
            for number in reversed(numbers):
                if self._take(number):
                    self.trial = self._trials.read(self.revision.number)
                    return
            # Secrets and routes are lost with the disk's contents, but calls are answered and a backup can be imported
            why = "no revision can be read" if numbers else "first start"
            self.config = with_secrets(factory.build(), Config())
            self.revision = self._append(self.config, "factory", why)
        except BaseException:
            self.close()
            raise

    def _take(self, number: int) -> bool:
        try:
            self.revision, self.config = self._read(number)
        except BadConfig as error:
            for problem in error.problems:
                log.error("%s", problem)
            self.problems.extend(error.problems)
            return False
        return True

    def start(self) -> None:
        """Begin to keep the time of a trial that an earlier run has left. The loop must run."""
        if self.trial is not None:
            self._await_end(self.trial)

    def close(self) -> None:
        """Let another program write."""
        if self._trial_end is not None:
            self._trial_end.cancel()
        self._store.close()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Be told of every change; what is returned ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def check(self, document: Any) -> list[Problem]:
        """Return all that is wrong with a plain document; nothing is changed."""
        try:
            await self.run(lambda: with_secrets(self._load(document), self.config))
        except BadConfig as error:
            return error.problems
        return []

    async def replace(
        self, document: Any, *, who: str, why: str, base: int | None = None, confirm_within_min: int | None = None
    ) -> Change:
        """Put a plain document in force, whole, as a new revision.

        Secrets it leaves out are kept, or made; a trunk's is kept for its host alone. `base` is the revision it was
        made from, if that matters. With `confirm_within_min` it is on trial: unless `confirm` is called in time, the
        present one comes back by itself. Raises Refused, BadConfig and NoStorage; the running one is untouched then.
        """

        def make() -> Config:
            if self.trial is not None:
                raise Refused(f"revision {self.trial.revision} is on trial: confirm it or roll it back first")
            if base not in (None, self.revision.number):
                by = f", by {self.revision.who}" if self.revision.who else ""
                raise Stale(f"revision {self.revision.number} came into force meanwhile{by}; yours began at {base}")
            return with_secrets(self._load(document), self.config)

        return await self._commit(make, who, why, confirm_within_min)

    async def confirm(self) -> Trial:
        """Keep the revision that is on trial. Raises NotFound, NoStorage."""
        async with self._one_at_a_time:
            if (trial := self.trial) is None:
                raise NotFound("no revision is on trial; there is nothing to confirm")
            await self.run(self._trials.clear)
            self._set_trial(None)
            return trial

    async def rollback(self, number: int, *, who: str, why: str = "") -> Change:
        """Put an earlier revision in force again, as a new one; a trial is over then.

        Raises NotFound, BadConfig, NoStorage.
        """

        def again() -> Config:
            _, config = self._read(number)
            return self._load(msgspec.to_builtins(config))

        return await self._commit(again, who, f"rollback to {number}" + (f": {why}" if why else ""))

    async def compare(self, document: Any) -> list[Difference]:
        """Return what a plain document would change. Raises BadConfig when its shape is wrong."""

        def work() -> list[Difference]:
            return differences(self.config, with_secrets(check.shaped(document), self.config))

        found: list[Difference] = await self.run(work)
        return found

    async def history(self) -> list[Revision]:
        """Return all revisions, newest first; a broken one says so."""
        return list(await self.run(lambda: [self._store.read(number)[0] for number in reversed(self._store.numbers())]))

    async def at(self, number: int) -> tuple[Revision, Config]:
        """Return an earlier revision. Raises NotFound, and BadConfig when it is broken."""
        found: tuple[Revision, Config] = await self.run(lambda: self._read(number))
        return found

    def digest(self, text: str) -> str:
        """Return a keyed hash of a text, by the key that the secrets are sealed with."""
        return self.vault.digest(text)

    def secret_of(self, number: str) -> str:
        """Return an extension's secret in clear. Raises NotFound."""
        entry = extensions.find(self.config, number)
        if entry is None:
            raise NotFound(f"there is no extension {number}")
        if entry.group:
            raise NotFound(f"extension {number} has no secret: it lives at the PBX of trunk group {entry.group}")
        return entry.secret

    async def while_unused(
        self, used_by: Callable[[Config], list[Problem]], work: Callable[[], Awaitable[None]]
    ) -> None:
        """Carry out work on what no revision in force, or on trial, may need; none comes into force meanwhile.

        `used_by` says where a configuration needs it. Raises InUse with those places.
        """
        async with self._one_at_a_time:
            places = used_by(self.config)
            if (trial := self.trial) is not None:
                _, before = await self.run(lambda: self._read(trial.back_to))
                where = f"revision {trial.back_to}: "
                places += [msgspec.structs.replace(place, path=where + place.path) for place in used_by(before)]
            if places:
                raise InUse(places)
            await work()

    async def _commit(
        self, make: Callable[[], Config], who: str, why: str, trial_min: int | None = None, ending: Trial | None = None
    ) -> Change:
        # Whoever asked may go away meanwhile: what is being written comes into force all the same
        return await asyncio.shield(asyncio.ensure_future(self._commit_alone(make, who, why, trial_min, ending)))

    async def _commit_alone(
        self, make: Callable[[], Config], who: str, why: str, trial_min: int | None, ending: Trial | None
    ) -> Change:
        def work() -> tuple[Config, Revision, Trial | None]:
            config = make()
            if self.trial is None:
                self._trials.clear()  # one whose revision never came could else be taken for this revision's
            trial = self._begin_trial(who, trial_min) if trial_min is not None else None
            return config, self._append(config, who, why), trial

        async with self._one_at_a_time:
            if ending is not None and self.trial != ending:
                raise Refused("the trial is over")
            before = self.config
            config, revision, trial = await self.run(work)
            self.config, self.revision = config, revision
            self._set_trial(trial)
            change = Change(revision, differences(before, config), trial)
            for listener in tuple(self._listeners):
                listener(change, before, config)
            return change

    def _begin_trial(self, who: str, minutes: int) -> Trial:
        deadline_s = self._now().timestamp() + minutes * 60
        trial = Trial(self._store.next_number(), self.revision.number, who, minutes, deadline_s)
        self._trials.write(trial)
        return trial

    def _set_trial(self, trial: Trial | None) -> None:
        if self._trial_end is not None:
            self._trial_end.cancel()
            self._trial_end = None
        self.trial = trial
        if trial is not None:
            self._await_end(trial)

    def _await_end(self, trial: Trial, least_s: float = 0.0) -> None:
        def end() -> None:
            self._going_back = asyncio.ensure_future(self._go_back(trial))

        wait_s = max(least_s, trial.left_s(self._now().timestamp()))
        self._trial_end = asyncio.get_running_loop().call_later(wait_s, end)

    async def _go_back(self, trial: Trial) -> None:
        """End a trial that nobody has confirmed; where that fails, try again until it works or somebody else acts."""
        log.warning("revision %d was not confirmed: back to %d", trial.revision, trial.back_to)
        why = f"not confirmed within {trial.minutes} min: back to {trial.back_to}"
        try:
            # As at a start, only its shape must be right: it was in force before
            await self._commit(lambda: self._read(trial.back_to)[1], trial.who, why, ending=trial)
        except BusyhourError as error:
            if self.trial == trial:
                log.error("revision %d is still in force: %s", trial.revision, error)
                self._await_end(trial, TRY_AGAIN_S)

    def _append(self, config: Config, who: str, why: str) -> Revision:
        document = self.vault.seal(msgspec.to_builtins(config))
        when = self._now().astimezone(ZoneInfo(config.box.timezone)).isoformat(timespec="seconds")
        return self._store.append(document, who=who, when=when, why=why)

    def _load(self, document: Any) -> Config:
        return check.load(document, self._wrong_with_sound, self._checks)

    def _read(self, number: int) -> tuple[Revision, Config]:
        revision, document = self._store.read(number)
        if revision.broken:
            raise BadConfig([problem_of(revision)])
        # Only its shape and place must be right: a prompt file that was deleted since is no reason to stay down
        where = f"revision {number}: "
        config = check.shaped(self.vault.unseal(document), where)
        if found := [msgspec.structs.replace(problem, path=where + problem.path) for problem in check.place(config)]:
            raise BadConfig(found)
        return revision, config


def exported(config: Config, *, secrets: bool) -> dict[str, Any]:
    """Return a configuration as a plain document that `replace` takes back, with its secrets in clear or without."""
    document: dict[str, Any] = _whole_numbers(msgspec.to_builtins(config))
    return document if secrets else without_secrets(document)


def _whole_numbers(value: Any) -> Any:
    """Write 20.0 as 20, as somebody would who wrote the file by hand."""
    if isinstance(value, dict):
        return {key: _whole_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def with_secrets(config: Config, former: Config) -> Config:
    """Return a configuration whose missing secrets are the former one's, or new.

    Raises BadConfig where a trunk's former secret would be shown to another host than the one it was given for.
    """
    kept = {extension.number: extension.secret for extension in former.extensions}
    trunks = {(trunk.name, trunk.username): trunk for trunk in former.trunks if trunk.username and trunk.secret}
    strangers: list[Problem] = []

    def of_extension(one: Extension) -> Extension:
        if one.secret or one.group:  # the telephones of a PBX are its own
            return one
        return msgspec.structs.replace(one, secret=kept.get(one.number) or new_secret())

    def of_trunk(index: int, one: Trunk) -> Trunk:
        before = trunks.get((one.name, one.username))
        if one.secret or before is None:
            return one
        if before.host.lower() != one.host.lower():
            right = (
                f"the secret for {one.host} is right here; the one known is for {before.host}. "
                "Leave out username too if there is none"
            )
            facts = {"host": one.host, "other": before.host}
            strangers.append(Problem(f"trunks[{index}].secret", "", right, "secret-of-another", facts))
        return msgspec.structs.replace(one, secret=before.secret)

    def of_mail(one: Mail) -> Mail:
        before = former.mail
        if one.secret or not before.secret or one.username != before.username:
            return one
        if before.host.lower() != one.host.lower():
            right = f"the secret for {one.host} is right here; the one known is for {before.host}"
            facts = {"host": one.host, "other": before.host}
            strangers.append(Problem("mail.secret", "", right, "secret-of-another", facts))
        return msgspec.structs.replace(one, secret=before.secret)

    signing = {hook.name: hook.secret for hook in former.webhooks}

    def of_hook(one: Webhook) -> Webhook:
        made = one.secret or signing.get(one.name) or new_signing_secret()
        return msgspec.structs.replace(one, secret=made)

    mail, webhooks = of_mail(config.mail), [of_hook(one) for one in config.webhooks]
    telephones = [of_extension(one) for one in config.extensions]
    kept_trunks = [of_trunk(index, one) for index, one in enumerate(config.trunks)]
    backup = msgspec.structs.replace(config.backup, secret=config.backup.secret or former.backup.secret)
    if backup.at and not backup.secret:
        right = "a passphrase of 8 characters or more is right with `at`"
        strangers.append(Problem("backup.secret", "", right, "passphrase"))
    if strangers:
        raise BadConfig(strangers)
    return msgspec.structs.replace(
        config, extensions=telephones, trunks=kept_trunks, backup=backup, mail=mail, webhooks=webhooks
    )
