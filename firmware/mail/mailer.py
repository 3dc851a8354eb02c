"""Tells people of alarms by mail: what happens within a short while is one mail, and none is lost with the exchange."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from drivers.link.messages import Wrong
from firmware.alarms import Alarms, Severity
from firmware.clock import Clock
from firmware.config.schema import Config, Mail
from firmware.config.values import Language
from firmware.errors import BusyhourError, Refused, Unavailable
from firmware.events import AlarmName, Bus, Event, Kind, alarm_data
from firmware.mail.letter import ORDER, severity_of, subject, text
from firmware.outside.outside import Forbidden, Letter, MailServer, Outside, Unreachable, wrong_of
from firmware.records.outbox import Outbox

log = logging.getLogger(__name__)
BY = WHO = "mail"
LOOK_S = 30.0
SETTLE_S = 0.3
FIRST_S, LONGEST_S = 10.0, 900.0
GIVEN_UP_S = 86400.0  # what a mail would tell a day late, the page tells better
FAILURES_TOLD = 3
MOST = 200  # events a mail
SEND_S = 8.0  # somebody waits for it


class NoMailServer(Refused):
    """The configuration names nobody who takes our mail on."""

    code = "no-mail-server"


class NotSent(Refused):
    """A letter was not taken on; `exactly` of the facts is the code of firmware.details that says why."""

    code = "mail-not-sent"


class Mailer:
    """One worker; it tells nothing as long as the configuration names no mail server."""

    def __init__(
        self, outside: Outside | None, *, outbox: Outbox, bus: Bus, clock: Clock, alarms: Alarms,
        config: Callable[[], Config],
    ) -> None:  # fmt: skip
        self._outside, self._outbox, self._bus, self._clock = outside, outbox, bus, clock
        self._alarms, self._config = alarms, config
        self._wake = asyncio.Event()
        self._failures = 0
        self._done: set[tuple[str, ...]] = set()  # who has the mail that others of the same could not be given
        bus.subscribe(self._follow)

    def configured(self) -> None:
        """Go by the configuration as it is now."""
        self._failures = 0
        self._wake.set()

    async def run(self) -> None:
        """Tell what there is to tell, until cancelled."""
        told: int | None = None
        while True:
            self._wake.clear()
            try:
                if self._config().mail.host:
                    told = await self._outbox.begin(WHO) if told is None else told
                    told = await self._tell(told)
                elif told is not None:
                    self._outbox.forget(WHO)
                    told = None
                    self._alarm(None)
            except Unavailable as error:  # the records; they have their own alarm
                log.warning("mail: %s", error)
            except Exception:
                log.exception("mail")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            await asyncio.sleep(SETTLE_S)

    async def _tell(self, told: int) -> int:
        """Send what happened since `told`, all together, and return up to which event all is told."""
        found, looked = await self._outbox.next(told, [Kind.ALARM.value], 1)
        if found:
            await asyncio.sleep(self._config().mail.gather_s)
            found, looked = await self._outbox.next(told, [Kind.ALARM.value], MOST)
        events = [one.event for one in found if one.event.data["name"] != AlarmName.MAIL_FAILING]
        self._done.clear()
        while events and self._config().mail.host and (wrong := await self._send(events)):
            self._failures += 1
            if self._failures >= FAILURES_TOLD:
                self._alarm(wrong)
            if self._clock.wall_s() - events[-1].at_s > GIVEN_UP_S:
                log.error("mail: given up, %d alarms were told to nobody", len(events))
                break
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                pause_s = min(FIRST_S * 2 ** min(self._failures - 1, 20), LONGEST_S)
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()
        else:
            if events:
                self._failures = 0
                self._alarm(None)
        if looked != told:
            self._outbox.tell(WHO, looked)
        if len(found) == MOST:
            self._wake.set()
        return looked

    async def _send(self, events: Sequence[Event]) -> Wrong | None:
        """Send each recipient what concerns them; return what is wrong, None if nothing is."""
        wrong = None
        for language, severity, addresses in self._groups():
            concerned = [one for one in events if ORDER.index(severity_of(one)) <= ORDER.index(Severity(severity))]
            if not concerned or addresses in self._done:
                continue
            box = self._config().box
            zone = self._clock.zone
            try:
                head, body = subject(concerned, box.name, language), text(concerned, box.name, zone, language)
                await self._hand_over(addresses, head, body)
                self._done.add(addresses)
            except BusyhourError as error:
                wrong = wrong_of(error)
                log.warning("mail: %s", error)
        return wrong

    async def test(self) -> tuple[str, ...]:
        """Send all recipients a mail now, and return them. Raises Refused, Unreachable, Forbidden."""
        self._need_server()
        told: list[str] = []
        name = self._config().box.name
        for language, _, addresses in self._groups():
            zh = language == "zh"
            head = f"[{name}] 测试邮件" if zh else f"[{name}] test mail"
            body = "邮件告警已可用。\n" if zh else "Mail about alarms works.\n"
            await self._hand_over(addresses, head, body)
            told.extend(addresses)
        return tuple(told)

    async def send(self, address: str, head: str, body: str, html: str = "") -> None:
        """Send one person a letter now. Raises NoMailServer, and NotSent where the server does not take it."""
        self._need_server()
        try:
            async with asyncio.timeout(SEND_S):
                await self._hand_over((address,), head, body, html)
        except TimeoutError as error:
            silent = Unreachable("silent", host=self._config().mail.host, wait_s=f"{SEND_S:g}")
            raise _not_sent(silent) from error
        except Unreachable as error:
            raise _not_sent(error) from error
        except Forbidden as error:
            raise NotSent(f"the mail was not sent: {error}", why=str(error)) from error

    def _need_server(self) -> None:
        if not self._config().mail.host:
            raise NoMailServer("the configuration names no mail server: mail.host")

    async def _hand_over(self, addresses: tuple[str, ...], head: str, body: str, html: str = "") -> None:
        if self._outside is None:
            raise Unavailable("this exchange has no way outside")
        mail = self._config().mail
        await self._outside.mail(server_of(mail), Letter(mail.sender, addresses, head, body, html))

    def _groups(self) -> list[tuple[Language, str, tuple[str, ...]]]:
        """Return who gets the same: by language and severity."""
        config = self._config()
        groups: dict[tuple[Language, str], list[str]] = {}
        for one in config.mail.recipients:
            groups.setdefault((one.language or config.box.language, one.severity), []).append(one.address)
        return [(*key, tuple(addresses)) for key, addresses in groups.items()]

    def _follow(self, event: Event) -> None:
        if event.kind is Kind.ALARM and not self._failures:
            self._wake.set()

    def _alarm(self, wrong: Wrong | None) -> None:
        if (self._alarms.get(AlarmName.MAIL_FAILING, "mail") is not None) != (wrong is not None):
            data = alarm_data(AlarmName.MAIL_FAILING, "mail", raised=wrong is not None, wrong=wrong, by=BY)
            self._bus.publish(Event(self._clock.wall_s(), Kind.ALARM, data=data))


def _not_sent(error: Unreachable) -> NotSent:
    return NotSent(f"the mail was not sent: {error}", exactly=error.wrong.code, **error.wrong.facts)


def server_of(mail: Mail) -> MailServer:
    """Return who takes our mail on."""
    return MailServer(mail.host, mail.port, mail.security, mail.username, mail.secret, mail.reach)
