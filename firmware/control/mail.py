"""`mail.*`: alarms by mail."""

import msgspec

from firmware.control.methods import Role, method
from firmware.mail.mailer import Mailer


class Sent(msgspec.Struct, frozen=True):
    """To whom a mail was sent."""

    recipients: tuple[str, ...]


class MailMethods:
    """What can be asked of the mail."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    @method("mail.test", Role.ADMIN)
    async def test(self) -> Sent:
        """Send all recipients a mail now; the refusal says what is wrong with the server or the settings."""
        return Sent(await self._mailer.test())
