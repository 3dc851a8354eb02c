"""`config.*`: the configuration, asked for and replaced."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from firmware.clock import Clock
from firmware.config.changes import Difference, differences
from firmware.config.configuration import Change, Configuration, exported
from firmware.config.outline import Node, outline
from firmware.config.store import Revision
from firmware.config.trial import Trial
from firmware.control.methods import Asker, Role, method
from firmware.control.reason import Reason
from firmware.errors import Problem
from firmware.events import Bus, Event, Kind

RevisionNumber = Annotated[int, Meta(ge=1, le=999_999_999)]
Minutes = Annotated[int, Meta(ge=1, le=1440)]


class Shown(msgspec.Struct, frozen=True):
    """A revision and its configuration, without secrets."""

    revision: Revision
    config: dict[str, Any]


class Findings(msgspec.Struct, frozen=True):
    """What is wrong with a configuration; nothing when `problems` is empty."""

    problems: Sequence[Problem]


class ConfigMethods:
    """What can be asked of the configuration."""

    def __init__(self, configuration: Configuration, bus: Bus, clock: Clock) -> None:
        self._configuration, self._bus, self._clock = configuration, bus, clock

    @method("config.get", Role.SUPERVISOR)
    async def get(self, revision: RevisionNumber | None = None) -> Shown:
        """Return the configuration in force, or an earlier one."""
        if revision is None:
            about, config = self._configuration.revision, self._configuration.config
        else:
            about, config = await self._configuration.at(revision)
        return Shown(about, exported(config, secrets=False))

    @method("config.check", Role.SUPERVISOR)
    async def check(self, config: Any) -> Findings:
        """Say what is wrong with a configuration; nothing is changed."""
        return Findings(await self._configuration.check(config))

    @method("config.import", Role.ADMIN)
    async def import_(self, session: Asker, config: Any, why: Reason = "") -> Change:
        """Put a configuration in force, whole, or refuse it whole."""
        return await self._configuration.replace(config, who=session.who, why=why)

    @method("config.commit", Role.ADMIN)
    async def commit(
        self,
        session: Asker,
        config: Any,
        base: RevisionNumber,
        why: Reason = "",
        confirm_within_min: Minutes | None = None,
    ) -> Change:
        """Put a candidate made from revision `base` in force, if that still is; perhaps on trial until confirmed."""
        return await self._configuration.replace(
            config, who=session.who, why=why, base=base, confirm_within_min=confirm_within_min
        )

    @method("config.confirm", Role.ADMIN)
    async def confirm(self, session: Asker) -> Trial:
        """Keep the revision that is on trial, which is returned as it was."""
        trial = await self._configuration.confirm()
        data = {"revision": trial.revision, "who": session.who}
        self._bus.publish(Event(self._clock.wall_s(), Kind.CONFIG_CONFIRMED, data=data))
        return trial

    @method("config.compare", Role.SUPERVISOR)
    async def compare(self, config: Any) -> list[Difference]:
        """Say what a configuration would change; nothing is changed."""
        return await self._configuration.compare(config)

    @method("config.outline", Role.VIEWER)
    def outline(self) -> Node:
        """Return what may stand in a configuration: keys, kinds and rules, for whoever edits one."""
        return outline()

    @method("config.export", Role.ADMIN)
    def export(self, secrets: bool = False) -> dict[str, Any]:
        """Return the configuration in force as `config.import` takes it, with its secrets in clear or without."""
        return exported(self._configuration.config, secrets=secrets)

    @method("config.history", Role.SUPERVISOR)
    async def history(self) -> list[Revision]:
        """Return all revisions, newest first."""
        return await self._configuration.history()

    @method("config.differences", Role.SUPERVISOR)
    async def differences(self, revision: RevisionNumber, before: RevisionNumber | None = None) -> list[Difference]:
        """Say what a revision changed, against the one before it or the one named."""
        _, after = await self._configuration.at(revision)
        if before is None and revision == 1:
            return []
        _, earlier = await self._configuration.at(revision - 1 if before is None else before)
        return differences(earlier, after)

    @method("config.rollback", Role.ADMIN)
    async def rollback(self, session: Asker, revision: RevisionNumber, why: Reason = "") -> Change:
        """Put an earlier revision in force again, as a new one."""
        return await self._configuration.rollback(revision, who=session.who, why=why)
