"""All webhooks: one worker for each that the configuration has."""

import asyncio
from collections.abc import Callable
from random import Random

import msgspec

from drivers.link.messages import Wrong
from firmware.alarms import Alarms
from firmware.clock import Clock
from firmware.config.schema import Webhook
from firmware.errors import BusyhourError, NotFound, Unavailable
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.outside.outside import Outside
from firmware.records.outbox import DeadLetter, Outbox
from firmware.webhooks.hook import Hook
from firmware.webhooks.message import message_id, told_at
from firmware.webhooks.signature import headers

BY = "webhooks"
REDELIVERED = 1000  # at most at a time


class HookStatus(msgspec.Struct, frozen=True):
    """How it is with a receiver. Times are Unix seconds, 0 for never; `failing` is why the last try failed."""

    delivered_s: float
    failing: str
    failures: int
    next_s: float
    dead: int


class Webhooks:
    """Starts and ends workers as the configuration says. Without an outside nobody is told anything."""

    def __init__(
        self,
        outside: Outside | None,
        *,
        outbox: Outbox,
        bus: Bus,
        clock: Clock,
        chance: Random,
        alarms: Alarms,
        hooks: Callable[[], list[Webhook]],
    ) -> None:
        self._outside, self._outbox, self._bus, self._clock, self._chance = outside, outbox, bus, clock, chance
        self._alarms, self._settings = alarms, hooks
        self._hooks: dict[str, tuple[Hook, asyncio.Task[None]]] = {}
        bus.subscribe(self._follow)

    def start(self) -> None:
        """Begin to tell."""
        self.configured()

    def close(self) -> None:
        """Tell nothing more; what is left is told by the next exchange."""
        for _, task in self._hooks.values():
            task.cancel()
        self._hooks.clear()

    def configured(self) -> None:
        """Go by the configuration as it is now."""
        if self._outside is None:
            return
        wanted = {setting.name: setting for setting in self._settings()}
        for name in [name for name in self._hooks if name not in wanted]:
            self._hooks.pop(name)[1].cancel()
            self._outbox.forget(name)
            self._alarm(name, None)
        for name, setting in wanted.items():
            if name not in self._hooks:
                hook = Hook(
                    setting, outbox=self._outbox, outside=self._outside, clock=self._clock, chance=self._chance,
                    alarm=self._alarm,
                )  # fmt: skip
                self._hooks[name] = (hook, asyncio.get_running_loop().create_task(hook.run()))
            elif self._hooks[name][0].setting != setting:
                self._hooks[name][0].change(setting)

    async def settled(self) -> None:
        """Return when every hook has begun, on disk: from then on nothing that happens is lost to it."""
        for hook, _ in tuple(self._hooks.values()):
            await hook.begun.wait()
        await self._outbox.committed()

    def setting(self, name: str) -> Webhook:
        """Return a webhook of the configuration. Raises NotFound."""
        for setting in self._settings():
            if setting.name == name:
                return setting
        raise NotFound(f"there is no webhook {name!r}")

    async def statuses(self) -> dict[str, HookStatus]:
        """Return how it is with each receiver. Raises Unavailable when the records cannot be read."""
        dead = await self._outbox.counts()
        found = {}
        for setting in self._settings():
            hook = self._hooks.get(setting.name)
            told = (0.0, "", 0, 0.0) if hook is None else (
                hook[0].delivered_s, hook[0].failing, hook[0].failures, hook[0].next_s
            )  # fmt: skip
            found[setting.name] = HookStatus(*told, dead=dead.get(setting.name, 0))
        return found

    async def test(self, name: str) -> str:
        """Send a receiver a message of the type webhook.test now; return what is wrong, "" if it took it."""
        setting = self.setting(name)
        if self._outside is None:
            raise Unavailable("this exchange has no way outside")
        now_s = self._clock.wall_s()
        told = {"type": "webhook.test", "timestamp": told_at(now_s), "sequence": 0, "data": {"webhook": name}}
        body = msgspec.json.encode(told)
        signed = headers(setting.secret, message_id(f"test {name} {now_s!r}"), now_s, body)
        try:
            reply = await self._outside.post(setting.url, body, signed, setting.reach)
        except BusyhourError as error:
            return str(error)
        return "" if 200 <= reply.status < 300 else f"the receiver answers {reply.status} {reply.text[:100]}".rstrip()

    async def dead(self, name: str, limit: int = 50) -> list[DeadLetter]:
        """Return what a receiver would not take, newest first. Raises NotFound, Unavailable."""
        self.setting(name)
        return await self._outbox.dead(name, limit)

    async def redeliver(self, name: str, ids: list[int]) -> int:
        """Try dead letters again, all of them when none is named; return how many. Raises NotFound, NoStorage."""
        letters = await self.dead(name, REDELIVERED)
        wanted = [letter.id for letter in letters if not ids or letter.id in ids]
        if missing := set(ids) - set(wanted):
            raise NotFound(f"webhook {name} has no dead letter {min(missing)}")
        self._outbox.again(wanted, self._clock.wall_s())
        await self._outbox.committed()
        if name in self._hooks:
            self._hooks[name][0].hurry()
        return len(wanted)

    def _follow(self, event: Event) -> None:
        for hook, _ in self._hooks.values():
            if event.kind.value in hook.setting.events:
                hook.wake()

    def _alarm(self, name: str, wrong: Wrong | None) -> None:
        if (self._alarms.get(AlarmName.WEBHOOK_FAILING, name) is not None) != (wrong is not None):
            data = alarm_data(AlarmName.WEBHOOK_FAILING, name, raised=wrong is not None, wrong=wrong, by=BY)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))
