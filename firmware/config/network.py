"""Whether addresses, host names and port ranges of a configuration are what they are meant to be."""

import ipaddress
import re
from collections.abc import Iterator

from drivers.link.address import is_address
from firmware.config.schema import Config
from firmware.errors import Problem

PORTS_A_LEG = 2  # RTP and RTCP (RFC 3550 §11: RTP on the even one)
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"^(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")


def check(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with RTP's ports and media addresses."""
    yield from _rtp(config)
    for index, media in enumerate(config.sip.media_addresses):
        yield from _media_address(f"sip.media_addresses[{index}]", media.network, media.address)


def _rtp(config: Config) -> Iterator[Problem]:
    first, last = config.sip.rtp_first, config.sip.rtp_last
    if first % 2:
        yield Problem("sip.rtp_first", first, "an even port is right", "even")
    if not last % 2:
        yield Problem("sip.rtp_last", last, "an odd port is right: RTP takes ports in pairs, the even one first", "odd")
    if last <= first:
        yield Problem("sip.rtp_last", last, f"a port above rtp_first, {first}, is right", "above", {"least": first + 1})
        return
    legs = sum(not one.group for one in config.extensions) + sum(trunk.channels for trunk in config.trunks)
    if last - first + 1 < PORTS_A_LEG * legs:
        rule = f"at least {first + PORTS_A_LEG * legs - 1} is right: {legs} calls at once need {PORTS_A_LEG} ports each"
        least = first + PORTS_A_LEG * legs - 1
        yield Problem("sip.rtp_last", last, rule, "ports", {"least": least, "calls": legs})


def _media_address(path: str, network: str, address: str) -> Iterator[Problem]:
    try:
        beyond = ipaddress.ip_network(network)
    except ValueError as error:
        yield Problem(f"{path}.network", network, f"a network such as 192.168.0.0/16 is right ({error})", "network")
        return
    try:
        ours = ipaddress.ip_address(address)
    except ValueError:
        yield Problem(f"{path}.address", address, "an IP address is right", "address")
        return
    if ours.version != beyond.version:
        rule = f"an address of IP version {beyond.version} is right, as the network"
        yield Problem(f"{path}.address", address, rule, "ip-version", {"version": beyond.version})
    if ours.is_unspecified or ours.is_multicast:
        yield Problem(f"{path}.address", address, "an address that a peer can send to is right", "address")


def is_host(name: str) -> bool:
    """Tell whether a text is an IP address or a host name (RFC 1123 §2.1)."""
    # four groups of digits that are no address are a mistake, not a name
    return is_address(name) or (bool(_HOST.match(name)) and not re.fullmatch(r"[0-9.]+", name))
