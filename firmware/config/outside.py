"""Whether mail and webhooks can work, and go nowhere that they should not."""

import base64
import binascii
from collections.abc import Iterator

from firmware.config.network import is_host
from firmware.config.schema import Config, Mail
from firmware.errors import Problem
from firmware.outside import url
from firmware.outside.reach import wrong_with

SECRET = "whsec_"  # noqa: S105 - what one begins with
LEAST_BYTES, MOST_BYTES = 24, 64  # of a secret (Standard Webhooks, "Signature scheme")


def check(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with them."""
    if config.mail.host:
        yield from _mail(config.mail)
    for index, hook in enumerate(config.webhooks):
        path = f"webhooks[{index}]"
        try:
            where = url.read(hook.url, hook.reach)
        except ValueError as error:
            yield Problem(f"{path}.url", hook.url, str(error), "url")
        else:
            if not is_host(where.host):
                yield Problem(f"{path}.url", hook.url, "a URL with a host name or an IP address is right", "url")
            elif (why := wrong_with(where.host, hook.reach, ())) and "no address" not in why:
                yield Problem(f"{path}.url", hook.url, f"a receiver that may be reached is right: {why}", "unreached")
        if hook.secret and not _fits(hook.secret):
            rule = f"{SECRET} and {LEAST_BYTES} to {MOST_BYTES} bytes as base64 are right"
            yield Problem(f"{path}.secret", "", rule, "signing-secret")
        for place, event in enumerate(hook.events):
            if event in hook.events[:place]:
                yield Problem(f"{path}.events[{place}]", event, "each event once is right", "listed-twice")


def _mail(mail: Mail) -> Iterator[Problem]:
    if not is_host(mail.host):
        yield Problem("mail.host", mail.host, "a host name or an IP address is right", "host")
    if not mail.sender:
        yield Problem("mail.sender", mail.sender, "a mail address is right where there is a host", "mail-address")
    if not mail.recipients:
        yield Problem("mail.recipients", [], "at least one recipient is right where there is a host", "missing")
    if mail.secret and not mail.username:
        yield Problem("mail.username", mail.username, "a user name is right where there is a secret", "user-name")
    if mail.secret and mail.security == "none":
        rule = "starttls or tls is right where there is a secret"
        yield Problem("mail.security", mail.security, rule, "in-the-clear")


def _fits(secret: str) -> bool:
    try:
        return LEAST_BYTES <= len(base64.b64decode(secret.removeprefix(SECRET), validate=True)) <= MOST_BYTES
    except binascii.Error:
        return False
