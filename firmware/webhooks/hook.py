"""One webhook: tells its receiver all it asked for, in order, and knows how it is with that receiver.

At least once: what was sent and not noted is sent again, with the same id. A receiver that does not answer is asked
again after ever longer pauses, up to LONGEST_S, and everything waits in order behind; others have workers of their own.
A message is given up, and kept as a dead letter, when it is older than a day, or when a receiver that answers refuses
it again and again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from random import Random

from drivers.link.messages import Fact, Wrong
from firmware.clock import Clock
from firmware.config.schema import Webhook
from firmware.details import sentence
from firmware.errors import BusyhourError, Unavailable
from firmware.outside.outside import Outside, wrong_of
from firmware.records.outbox import DeadLetter, Outbox
from firmware.webhooks.message import Message, message_of
from firmware.webhooks.signature import headers

log = logging.getLogger(__name__)
SETTLE_S = 0.3       # an event is on disk so long after it happened
LOOK_S = 30.0        # at least so often, should a disk have taken longer
FIRST_S, LONGEST_S = 5.0, 900.0
GIVEN_UP_S = 86400.0  # older messages are not tried again by themselves
REFUSALS = 5         # by a receiver that answers: it will not take this one
ANOTHER_TIME = (408, 425, 429)  # of 4xx: not about this message
FAILURES_TOLD = 3    # in a row, about half a minute: then it is an alarm


class Hook:
    """The worker of one webhook. `failing` is why the last try failed, "" when it did not."""

    def __init__(
        self,
        setting: Webhook,
        *,
        outbox: Outbox,
        outside: Outside,
        clock: Clock,
        chance: Random,
        alarm: Callable[[str, Wrong | None], None],
    ) -> None:
        """`alarm` is told the name, and what is wrong (None when nothing is)."""
        self.setting = setting
        self._outbox, self._outside, self._clock, self._chance, self._alarm = outbox, outside, clock, chance, alarm
        self._wake = asyncio.Event()
        self._resume = asyncio.Event()
        self.begun = asyncio.Event()
        self._told = 0
        self.failures = 0
        self.failing = ""
        self.delivered_s = 0.0
        self.next_s = 0.0

    def wake(self) -> None:
        """Look for what is to be told."""
        self._wake.set()

    def change(self, setting: Webhook) -> None:
        """Go by another setting from now on; a receiver that failed is tried at once."""
        self.setting = setting
        self.hurry()

    def hurry(self) -> None:
        """Try now, whatever pause there is."""
        self._resume.set()
        self._wake.set()

    async def run(self) -> None:
        """Tell all there is to tell, until cancelled."""
        while True:
            self._wake.clear()
            try:
                if not self.begun.is_set():
                    self._told = await self._outbox.begin(self.setting.name)
                    self.begun.set()
                if self.setting.on:
                    await self._tell_all()
            except Unavailable as error:  # the records; they have their own alarm
                log.warning("webhook %s: %s", self.setting.name, error)
            except Exception:
                log.exception("webhook %s", self.setting.name)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):  # wait_for may swallow an end that comes with the waking
                    await self._wake.wait()
            await asyncio.sleep(SETTLE_S)

    async def _tell_all(self) -> None:
        while self.setting.on:
            await self._try_again()
            found, looked = await self._outbox.next(self._told, self.setting.events)
            for numbered in found:
                if not await self._deliver(message_of(numbered)):
                    return
                self._note(numbered.number)
            if looked != self._told:
                self._note(looked)
            if not found:
                return

    def _note(self, number: int) -> None:
        self._told = number
        self._outbox.tell(self.setting.name, number)

    async def _deliver(self, message: Message) -> bool:
        """Return when the receiver has it or it is a dead letter; False when the hook was switched off meanwhile."""
        refusals = 0
        while True:
            refused, why = await self._send(message.id, message.body)
            if not why:
                return True
            refusals += refused
            now_s = self._clock.wall_s()
            if refusals >= REFUSALS or now_s - message.at_s > GIVEN_UP_S:
                self._bury(message, why)
                await self._outbox.committed()
                await self._outbox.prune(self.setting.name)
                return True
            await self._pause()
            if not self.setting.on:
                return False

    async def _try_again(self) -> None:
        """Send dead letters that somebody asked to send again. Refused ones rest; for silence the others wait, too."""
        for letter in await self._outbox.wanted_again(self.setting.name):
            refused, why = await self._send(letter.message, letter.body.encode())
            if refused:
                self._outbox.rest(letter, self._clock.wall_s(), why)
            elif why:
                break
            else:
                self._outbox.delivered([letter.id])
        await self._outbox.committed()

    async def _send(self, message: str, body: bytes) -> tuple[bool, str]:
        """Return whether the receiver refused this message, and why it failed, "" if it did not."""
        setting, now_s = self.setting, self._clock.wall_s()
        try:
            reply = await self._outside.post(
                setting.url, body, headers(setting.secret, message, now_s, body), setting.reach
            )
        except BusyhourError as error:
            return False, self._failed(str(error), wrong_of(error))
        if 200 <= reply.status < 300:
            self.failures, self.failing, self.delivered_s, self.next_s = 0, "", self._clock.wall_s(), 0.0
            self._alarm(setting.name, None)
            return False, ""
        answer: dict[str, Fact] = {"status": reply.status, "text": reply.text[:100]}
        why = self._failed(sentence("answers", answer, "en").rstrip(), Wrong("answers", answer))
        return 400 <= reply.status < 500 and reply.status not in ANOTHER_TIME, why

    def _failed(self, why: str, wrong: Wrong) -> str:
        self.failures += 1
        self.failing = why
        log.warning("webhook %s: %s", self.setting.name, why)
        if self.failures >= FAILURES_TOLD:
            self._alarm(self.setting.name, wrong)
        return why

    async def _pause(self) -> None:
        """Wait for the longer the more often it failed in a row, and not just as long as others."""
        longest_s = min(FIRST_S * 2 ** min(self.failures - 1, 20), LONGEST_S)
        pause_s = longest_s * (0.75 + 0.25 * self._chance.random())
        self.next_s = self._clock.wall_s() + pause_s
        self._resume.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._resume.wait()

    def _bury(self, message: Message, why: str) -> None:
        log.error("webhook %s: %s is given up: %s", self.setting.name, message.id, why)
        self._outbox.bury(
            DeadLetter(
                0, self.setting.name, message.id, message.kind, message.body.decode(), message.at_s,
                self._clock.wall_s(), why,
            )
        )  # fmt: skip
