"""`webhook.*`: who outside is told of what happens; kept in the configuration, each change a revision of it."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from firmware.config.configuration import Configuration, exported
from firmware.config.schema import HookedEvent, Webhook
from firmware.config.values import Name
from firmware.config.vault import new_signing_secret
from firmware.control.methods import Asker, Role, method
from firmware.errors import Exists
from firmware.outside.reach import Reach
from firmware.records.outbox import DeadLetter
from firmware.webhooks.webhooks import HookStatus, Webhooks

Url = Annotated[str, Meta(min_length=1, max_length=500)]
Events = Annotated[list[HookedEvent], Meta(min_length=1, max_length=20)]


class HookView(HookStatus, frozen=True, kw_only=True):
    """A webhook without its secret, and how it is with its receiver."""

    name: str
    url: str
    events: list[str]
    reach: str
    on: bool


class GivenSecret(msgspec.Struct, frozen=True):
    """A webhook and the secret its receiver verifies by: it is shown now and never again."""

    webhook: HookView
    secret: str


class Tested(msgspec.Struct, frozen=True):
    """Whether the receiver took a message, and what was wrong if it did not."""

    delivered: bool
    wrong: str


class Redelivered(msgspec.Struct, frozen=True):
    """How many dead letters are tried again."""

    letters: int


class WebhookMethods:
    """What can be asked of the webhooks."""

    def __init__(self, webhooks: Webhooks, configuration: Configuration) -> None:
        self._webhooks, self._configuration = webhooks, configuration

    @method("webhook.list", Role.ADMIN)
    async def table(self) -> list[HookView]:
        """Return all webhooks in the configuration's order."""
        statuses = await self._webhooks.statuses()
        return [_view(one, statuses[one.name]) for one in self._configuration.config.webhooks]

    @method("webhook.add", Role.ADMIN)
    async def add(
        self, session: Asker, name: Name, url: Url, events: Events, reach: Reach = "public"
    ) -> GivenSecret:
        """Tell a receiver of these events from now on; the answer holds the secret, this once."""
        if any(one.name == name for one in self._configuration.config.webhooks):
            raise Exists(f"there is a webhook {name} already")
        hook = Webhook(name=name, url=url, events=events, secret=new_signing_secret(), reach=reach)
        await self._commit(session, f"webhook {name} added", lambda hooks: [*hooks, msgspec.to_builtins(hook)])
        return GivenSecret(await self._one(name), hook.secret)

    @method("webhook.change", Role.ADMIN)
    async def change(
        self,
        session: Asker,
        name: Name,
        url: Url | None = None,
        events: Events | None = None,
        reach: Reach | None = None,
        on: bool | None = None,
    ) -> HookView:
        """Change what is given; the secret stays."""
        self._webhooks.setting(name)
        given = {"url": url, "events": events, "reach": reach, "on": on}
        await self._change(session, name, {key: one for key, one in given.items() if one is not None}, "changed")
        return await self._one(name)

    @method("webhook.secret", Role.ADMIN)
    async def secret(self, session: Asker, name: Name) -> GivenSecret:
        """Make a new secret in place of the one there is, which is void at once."""
        self._webhooks.setting(name)
        secret = new_signing_secret()
        await self._change(session, name, {"secret": secret}, "has a new secret")
        return GivenSecret(await self._one(name), secret)

    @method("webhook.remove", Role.ADMIN)
    async def remove(self, session: Asker, name: Name) -> None:
        """Tell a receiver nothing more; what it had not taken is forgotten."""
        self._webhooks.setting(name)
        await self._commit(
            session, f"webhook {name} removed", lambda hooks: [one for one in hooks if one["name"] != name]
        )

    @method("webhook.test", Role.ADMIN)
    async def test(self, name: Name) -> Tested:
        """Send a receiver a message of the type webhook.test now."""
        wrong = await self._webhooks.test(name)
        return Tested(not wrong, wrong)

    @method("webhook.dead", Role.ADMIN)
    async def dead(
        self, name: Name, limit: Annotated[int, Meta(ge=1, le=500)] = 50
    ) -> list[DeadLetter]:
        """Return what a receiver would not take, newest first."""
        return await self._webhooks.dead(name, limit)

    @method("webhook.redeliver", Role.ADMIN)
    async def redeliver(
        self, name: Name, ids: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(max_length=1000)] | None = None
    ) -> Redelivered:
        """Try dead letters again, all of them when none is named."""
        return Redelivered(await self._webhooks.redeliver(name, ids or []))

    async def _change(self, session: Asker, name: str, changes: dict[str, Any], what: str) -> None:
        def changed(hooks: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [one | changes if one["name"] == name else one for one in hooks]

        await self._commit(session, f"webhook {name} {what}", changed)

    async def _commit(
        self, session: Asker, why: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
    ) -> None:
        base = self._configuration.revision.number
        document = exported(self._configuration.config, secrets=True)
        document["webhooks"] = change(document["webhooks"])
        await self._configuration.replace(document, who=session.who, why=why, base=base)
        await self._webhooks.settled()

    async def _one(self, name: str) -> HookView:
        return _view(self._webhooks.setting(name), (await self._webhooks.statuses())[name])


def _view(hook: Webhook, status: HookStatus) -> HookView:
    return HookView(
        **msgspec.structs.asdict(status), name=hook.name, url=hook.url, events=list(hook.events), reach=hook.reach,
        on=hook.on,
    )  # fmt: skip
