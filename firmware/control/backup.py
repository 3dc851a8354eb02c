"""`backup.*`: the box saved, and put back."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from firmware.backup.backups import Backups, Overview
from firmware.backup.job import Job
from firmware.config.configuration import Change, Configuration
from firmware.control.methods import Asker, Role, method

FileName = Annotated[str, Meta(min_length=1, max_length=1000, description="the name of a backup, or a whole path")]
Target = Annotated[
    str, Meta(pattern=r"^(/[^\x00-\x1f]{0,1000})?\Z", description="the whole path of a file or folder, or nothing")
]
Passphrase = Annotated[str, Meta(max_length=200, description="up to 200 characters; nothing: the configuration's")]
NewPassphrase = Annotated[
    str, Meta(pattern=r"^(.{8,200})?\Z", description="8 to 200 characters; nothing: the configuration's")
]


class Place(msgspec.Struct, frozen=True):
    """Where a backup lies."""

    path: str


class BackupMethods:
    """What can be asked of the backups. Making, checking and unpacking go on after the answer: `backup.list` tells."""

    def __init__(self, backups: Backups, configuration: Configuration) -> None:
        self._backups, self._configuration = backups, configuration

    @method("backup.list", Role.ADMIN)
    async def overview(self) -> Overview:
        """Return the backups there are, the schedule and how it went, and what is under way."""
        return await self._backups.overview()

    @method("backup.make", Role.ADMIN)
    def make(self, session: Asker, to: Target = "", passphrase: NewPassphrase = "", recordings: bool = False) -> Job:
        """Begin to make a backup, where backups are made unless told otherwise."""
        return self._backups.make(session.who, session.address, to, passphrase, recordings=recordings)

    @method("backup.verify", Role.ADMIN)
    def verify(self, session: Asker, file: FileName, passphrase: Passphrase = "") -> Job:
        """Begin to check all of a backup, changing nothing."""
        return self._backups.verify(session.who, session.address, file, passphrase)

    @method("backup.stage", Role.ADMIN)
    def stage(self, session: Asker, file: FileName, passphrase: Passphrase = "") -> Job:
        """Begin to unpack a backup beside what is there; it is checked whole, and changes nothing yet."""
        return self._backups.stage(session.who, session.address, file, passphrase)

    @method("backup.drop", Role.ADMIN)
    async def drop(self) -> None:
        """Forget what was unpacked."""
        await self._backups.drop()

    @method("backup.restore", Role.ADMIN)
    async def restore(self, session: Asker, replace: bool = False) -> None:
        """Put what was unpacked in the place of what is there, which is kept aside; calls end, the exchange restarts.

        A box that has been used needs `replace`.
        """
        await self._backups.restore(session.who, session.address, replace=replace)

    @method("backup.path", Role.ADMIN)
    def path(self, name: FileName) -> Place:
        """Return where a backup lies, for whoever hands it out."""
        return Place(str(self._backups.path(Path(name).name)))

    @method("backup.schedule", Role.ADMIN)
    async def schedule(
        self, session: Asker, at: str, days: int, folder: str, keep: int, recordings: bool, passphrase: str = ""
    ) -> Change:
        """Change when and where backups are made; a passphrase left out stays what it is."""
        backup = {
            "at": at, "days": days, "folder": folder, "keep": keep, "recordings": recordings, "secret": passphrase,
        }  # fmt: skip
        document = msgspec.to_builtins(self._configuration.config) | {"backup": backup}
        return await self._configuration.replace(document, who=session.who, why="when backups are made")
