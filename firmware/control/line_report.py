"""`line.report`, `line.mail_report`: what the last test of a line found, for somebody who sees no page of ours."""

import msgspec

from firmware.clock import Clock
from firmware.config.configuration import Configuration
from firmware.config.schema import MailAddress
from firmware.config.values import Language
from firmware.control.line import Number
from firmware.control.methods import Asker, Role, method
from firmware.lines.linetests import LineTests
from firmware.mail.line_report import LineReport, report
from firmware.mail.mailer import Mailer
from firmware.records.audit import Audit, Entry


class Mailed(msgspec.Struct, frozen=True):
    """Which report was sent to whom."""

    line: int
    address: str
    title: str


class LineReportMethods:
    """What can be asked of the reports of lines."""

    def __init__(
        self, configuration: Configuration, tests: LineTests, mailer: Mailer, audit: Audit, clock: Clock
    ) -> None:
        self._configuration, self._tests, self._mailer = configuration, tests, mailer
        self._audit, self._clock = audit, clock

    @method("line.report", Role.SUPERVISOR)
    def report(self, number: Number, language: Language | None = None) -> LineReport:
        """Return the report of a line's last test as text and as HTML; in the box's language unless told otherwise."""
        return report(
            number, self._tests.last.get(number), self._configuration.config, self._clock.zone, language
        )

    @method("line.mail_report", Role.ADMIN)
    async def mail(
        self, session: Asker, number: Number, address: MailAddress, language: Language | None = None
    ) -> Mailed:
        """Send the report of a line's last test by the box's mail server; the refusal says what is wrong with it."""
        made = self.report(number, language)
        await self._mailer.send(address, made.title, made.text, made.html)
        self._audit.note(
            Entry(self._clock.wall_s(), "line.report_mailed", f"line:{number}", session.who, session.address, address)
        )
        await self._audit.kept()
        return Mailed(number, address, made.title)
