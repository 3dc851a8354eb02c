"""Whether trunks are what they are meant to be: from where each calls, and how their calls are told apart.

Whoever calls from a trunk's address needs no password, so what such an address may be is checked most closely.
"""

import ipaddress
from collections.abc import Iterable, Iterator

from cryptography.x509 import load_pem_x509_certificates

from drivers.link.address import is_address
from firmware import numbers
from firmware.config.network import is_host
from firmware.config.profiles import settings
from firmware.config.schema import Box, Config
from firmware.config.trunk import Trunk
from firmware.errors import Problem

WIDEST = {4: 8, 6: 16}  # of a trunk's networks, the shortest prefix by IP version: no carrier has more

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def check(config: Config) -> Iterator[Problem]:
    """Yield what is wrong with the trunks, whatever machine they are for."""
    for index, trunk in enumerate(config.trunks):
        path = f"trunks[{index}]"
        if not is_host(trunk.host):
            yield Problem(f"{path}.host", trunk.host, "a host name or an IP address is right", "host")
        if trunk.domain and not is_host(trunk.domain):
            yield Problem(f"{path}.domain", trunk.domain, "a domain name is right, or nothing", "domain")
        if settings(trunk).register and not trunk.username:
            yield Problem(
                f"{path}.username", trunk.username, "a user name is right where the trunk registers", "user-name"
            )
        if trunk.secret and not (trunk.username or trunk.auth_name):
            yield Problem(
                f"{path}.username", trunk.username, "a user name is right where there is a secret", "user-name"
            )
        yield from _secured(trunk, path)
        for place, address in enumerate(trunk.addresses):
            yield from _address(f"{path}.addresses[{place}]", address)
    yield from _shared(config)


def beside_us(config: Config, ours: Iterable[str]) -> Iterator[Problem]:
    """Yield every source of a trunk that has one of this machine's addresses, `ours`, among its own.

    A network that has the box in it has the telephones beside the box in it too, and all that anybody plugs in there.
    """
    own = [ipaddress.ip_network(address) for address in ours]
    for index, trunk in enumerate(config.trunks):
        for path, text, source in _sources(trunk, f"trunks[{index}]"):
            for address in own:
                if _overlap(source, address):
                    right = (
                        f"the other side's addresses without this box's own, {address.network_address}, are right: "
                        "who calls from there needs no password"
                    )
                    yield Problem(path, text, right, "beside-us", {"address": str(address.network_address)})
                    break


def called(trunk: Trunk, box: Box) -> set[str]:
    """Return whom a trunk's calls are for: its numbers as carriers may write them, and the user it registers as."""
    found = {way for one in trunk.numbers for way in numbers.ways_to_write(one, box.country, box.area_code)}
    if settings(trunk).register and trunk.username:
        found.add(numbers.compact(trunk.username) or trunk.username)
    return found


def _secured(trunk: Trunk, path: str) -> Iterator[Problem]:
    """Yield why nobody could tell whether it is the carrier who is met by TLS."""
    if trunk.authority.strip():
        try:
            load_pem_x509_certificates(trunk.authority.encode())
        except ValueError:
            yield Problem(
                f"{path}.authority", trunk.authority[:40],
                "certificates as PEM are right, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----", "pem",
            )  # fmt: skip
    elif settings(trunk).transport == "tls" and is_address(trunk.host):
        rule = "a host name is right with TLS, or an authority: public certificates are made out to names"
        yield Problem(f"{path}.host", trunk.host, rule, "tls-name")


def _address(path: str, address: str) -> Iterator[Problem]:
    try:
        network = ipaddress.ip_network(address)
    except ValueError as error:
        yield Problem(path, address, f"an address or a network such as 203.0.113.0/28 is right ({error})", "network")
        return
    if network.prefixlen < WIDEST[network.version]:
        rule = f"/{WIDEST[network.version]} at the widest is right: who calls from there needs no password"
        yield Problem(path, address, rule, "too-wide", {"widest": WIDEST[network.version]})


def _shared(config: Config) -> Iterator[Problem]:
    """Yield every address from which a call could be of either of two trunks."""
    earlier: list[tuple[Trunk, Network | str]] = []
    for index, trunk in enumerate(config.trunks):
        sources = list(_sources(trunk, f"trunks[{index}]"))
        for path, text, source in sources:
            for other, known in earlier:
                if _overlap(source, known) and (why := _mistaken(other, trunk, config.box)):
                    rule = f"an address of one trunk alone is right; calls from it could also be trunk {other.name}'s"
                    yield Problem(path, text, f"{rule}, since {why}", "shared", {"other": other.name})
                    break
        earlier.extend((trunk, source) for _, _, source in sources)


def _mistaken(one: Trunk, other: Trunk, box: Box) -> str:
    """Return why calls from an address of both trunks cannot be told apart, or "" where they can."""
    of_one, of_other = called(one, box), called(other, box)
    for trunk, known in ((one, of_one), (other, of_other)):
        if not known:
            return f"trunk {trunk.name} has neither numbers nor a user name it registers as, by which to know its calls"
    both = sorted(of_one & of_other)
    return f"both are called by {both[0]}" if both else ""


def _sources(trunk: Trunk, path: str) -> Iterator[tuple[str, str, Network | str]]:
    """Yield from where a trunk calls: its place in the configuration, as written, and as a network or a host's name."""
    written = [(f"{path}.addresses[{place}]", text) for place, text in enumerate(trunk.addresses)]
    for place, text in written or [(f"{path}.host", trunk.host)]:
        try:
            yield place, text, ipaddress.ip_network(text)
        except ValueError:
            yield place, text, text.lower()


def _overlap(one: Network | str, other: Network | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one.version == other.version and one.overlaps(other)
