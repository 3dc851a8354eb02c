"""What the gateway must know of a configuration."""

import hashlib
from collections.abc import Iterator

from drivers.link import messages
from firmware.config.dialling import whole
from firmware.config.profiles import manner, settings
from firmware.config.schema import Box, Config
from firmware.config.spans import Group, Span, channels, slots
from firmware.config.trunk import Trunk
from firmware.config.trunks import called


def provision(config: Config, command_id: str) -> messages.Provision:
    """Return the command that makes the gateway and its edge work by this configuration."""
    return messages.Provision(
        id=command_id,
        country=config.box.country,
        lines=tuple(sorted(line.number for line in config.lines)),
        users=tuple(
            messages.SipUser(one.number, ha1(one.number, config.sip.realm, one.secret), one.srtp)
            for one in config.extensions
            if not (one.port or one.group)
        ),
        trunks=tuple(_trunk(trunk, config.box) for trunk in config.trunks),
        rtp_first=config.sip.rtp_first,
        rtp_last=config.sip.rtp_last,
        media_addresses=tuple(
            messages.MediaAddress(media.network, media.address) for media in config.sip.media_addresses
        ),
        realm=config.sip.realm,
        isdn=tuple(_isdn(config)),
        r2=tuple(_r2(config)),
        spans=tuple(
            messages.SpanSetting(
                span.number, span.signalling, span.crc4, span.coding, span.clock,
                tuple(sorted(set(slots(span.channels)))),
            )
            for span in config.spans
        ),
        setups=tuple(
            messages.LineSetup(
                line.number, line.busy_tone, line.reversal, 60.0 * line.silence_minutes, line.never_answer,
                line.dialling, line.flash_ms, line.rx_gain_db, line.tx_gain_db,
            )
            for line in sorted(config.lines, key=lambda line: line.number)
        ),
        ports=tuple(
            messages.PortSetup(one.port, one.number, one.name, one.call_waiting)
            for one in config.extensions if one.port
        ),
        pbx=tuple(
            messages.PbxSetup(one.group, one.number, one.last or one.number) for one in config.extensions if one.group
        ),
        whole=tuple(whole(config)),
    )


def ha1(username: str, realm: str, secret: str) -> str:
    """Return HA1 of digest authentication, in hexadecimal (RFC 7616 §3.4.2, MD5 as RFC 3261 §22.4 has it)."""
    return hashlib.md5(f"{username}:{realm}:{secret}".encode(), usedforsecurity=False).hexdigest()


def _isdn(config: Config) -> Iterator[messages.IsdnTrunk]:
    """Yield each group's part of each span that is spoken to by ISDN."""
    for group, span, own in _parts(config, "pri"):
        yield messages.IsdnTrunk(
            group.name, span.number, span.pri.side, span.pri.variant, span.pri.overlap, span.did_digits, own,
            group.hunting, group.presentation == "withheld",
        )  # fmt: skip


def _r2(config: Config) -> Iterator[messages.R2Trunk]:
    """Yield each group's part of each span that is spoken to by MFC/R2."""
    for group, span, own in _parts(config, "r2"):
        yield messages.R2Trunk(
            group.name, span.number, span.r2.variant, called_digits=span.did_digits,
            calling_digits=span.r2.caller_digits, calling_first=span.r2.caller_first, category=span.r2.category,
            metering_ms=span.r2.metering_ms, double_answer=span.r2.double_answer, slots=own, hunting=group.hunting,
            withheld=group.presentation == "withheld",
        )  # fmt: skip


def _parts(config: Config, signalling: str) -> Iterator[tuple[Group, Span, tuple[int, ...]]]:
    """Yield each group with each span of that signalling that it has channels of, and which."""
    for group in config.groups:
        for span in config.spans:
            own = tuple(sorted(slot for number, slot in channels(group, config.spans) if number == span.number))
            if own and span.signalling == signalling:
                yield group, span, own


def _trunk(trunk: Trunk, box: Box) -> messages.SipTrunk:
    found = settings(trunk)
    return messages.SipTrunk(
        name=trunk.name,
        host=trunk.host,
        port=found.port,
        transport=found.transport,
        addresses=tuple(trunk.addresses),
        username=trunk.username,
        secret=trunk.secret,
        register=found.register,
        srtp=trunk.srtp,
        authority=trunk.authority,
        called=tuple(sorted(called(trunk, box))),
        manner=manner(found),
        domain=found.domain,
        auth_name=trunk.auth_name,
    )
