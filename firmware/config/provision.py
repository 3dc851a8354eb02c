"""What the gateway must know of a configuration."""

import hashlib

from drivers.link import messages
from firmware.config.schema import Box, Config, Trunk
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
        ),
        trunks=tuple(_trunk(trunk, config.box) for trunk in config.trunks),
        rtp_first=config.sip.rtp_first,
        rtp_last=config.sip.rtp_last,
        media_addresses=tuple(
            messages.MediaAddress(media.network, media.address) for media in config.sip.media_addresses
        ),
        realm=config.sip.realm,
    )


def ha1(username: str, realm: str, secret: str) -> str:
    """Return HA1 of digest authentication, in hexadecimal (RFC 7616 §3.4.2, MD5 as RFC 3261 §22.4 has it)."""
    return hashlib.md5(f"{username}:{realm}:{secret}".encode(), usedforsecurity=False).hexdigest()


def _trunk(trunk: Trunk, box: Box) -> messages.SipTrunk:
    return messages.SipTrunk(
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        transport=trunk.transport,
        addresses=tuple(trunk.addresses),
        username=trunk.username,
        secret=trunk.secret,
        register=trunk.register,
        srtp=trunk.srtp,
        authority=trunk.authority,
        called=tuple(sorted(called(trunk, box))),
    )
