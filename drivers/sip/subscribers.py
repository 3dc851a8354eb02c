"""What the edge must know of users and trunks, written into the tables that Kamailio reads (schema.sql).

The file is in WAL mode, so that a telephone's registration never waits for a commit of the configuration.
"""

import ipaddress
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from drivers.link.messages import SipTrunk, SipUser
from drivers.sip.edge.forwards import Forward, forward_of

SCHEMA = Path(__file__).with_name("schema.sql")
TRUNKS_GROUP, TLS_GROUP = 1, 3

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def sources(trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]]) -> dict[Network, list[str]]:
    """Return whose requests come from where: by network, the narrowest first, the names of all trunks it belongs to.

    A trunk's networks are its `addresses`, else what its host name resolved to. A network within another trunk's wider
    one is also that one's. Names stand in the trunks' order.
    """
    own = {trunk.name: list(_networks(trunk.addresses or resolved.get(trunk.name, ()))) for trunk in trunks}
    every = sorted({one for found in own.values() for one in found}, key=lambda one: (-one.prefixlen, str(one)))
    return {
        network: [name for name, found in own.items() if any(_within(network, wider) for wider in found)]
        for network in every
    }


def _networks(texts: Iterable[str]) -> Iterator[Network]:
    for text in texts:
        try:
            yield ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue  # the configuration's own check has told the person; one bad entry must not lose the others


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and outer.prefixlen <= inner.prefixlen and inner.overlaps(outer)


def _destinations(
    trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]], forwards: Sequence[Forward]
) -> Iterator[tuple[int, str]]:
    """Yield where each trunk, numbered from 1, is asked whether it is there."""
    for number, trunk in enumerate(trunks, 1):
        if trunk.manner.keep_alive == "off":
            continue
        if (forward := forward_of(trunk, forwards)) is not None:
            yield number, forward.uri
            continue
        for address in resolved.get(trunk.name, ()):
            host = f"[{address}]" if ":" in address else address
            yield number, f"sip:{host}:{trunk.port};transport={trunk.transport}"


def _addresses(
    trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]], forwards: Sequence[Forward]
) -> Iterator[tuple[int, str, int, str]]:
    """Yield whose requests come from where: group, address, prefix length, names. TLS has a group of its own."""
    plain = [trunk for trunk in trunks if trunk.transport != "tls"]
    secured = [trunk for trunk in trunks if trunk.transport == "tls"]
    for one in forwards:
        yield TRUNKS_GROUP, one.inside.host, 32, ",".join(one.trunks)
    for group, some in ((TRUNKS_GROUP, plain), (TLS_GROUP, secured)):
        for network, names in sources(some, resolved).items():
            yield group, str(network.network_address), network.prefixlen, ",".join(names)


def _ways(
    trunks: Sequence[SipTrunk], addresses: Iterable[tuple[int, str, int, str]], forwards: Sequence[Forward]
) -> Iterator[tuple[str, str]]:
    """Yield how carriers are reached that speak TLS: by `tls:HOST:PORT`, and by the `forward:NAMES` of their trunks."""
    for one in forwards:
        yield f"tls:{one.host}:{one.port}", one.uri
    known = {trunk.name: forward_of(trunk, forwards) for trunk in trunks}
    for names in sorted({names for _, _, _, names in addresses}):
        if (forward := known.get(names.partition(",")[0])) is not None:
            yield f"forward:{names}", forward.uri


def write(
    path: Path, realm: str, users: Iterable[SipUser], trunks: Sequence[SipTrunk],
    resolved: Mapping[str, Sequence[str]], forwards: Sequence[Forward] = (),
) -> bool:  # fmt: skip
    """Put users and trunks in the place of what was there, in one transaction; return whether anything changed.

    `resolved` has the addresses of each trunk's host by trunk name, `forwards` the ways to those that speak TLS.
    Raises sqlite3.Error when it cannot be written.
    """
    subscribers = sorted((user.number, user.ha1) for user in users)
    addresses = list(_addresses(trunks, resolved, forwards))
    settings = [("realm", realm), *sorted(_ways(trunks, addresses, forwards))]
    destinations = list(_destinations(trunks, resolved, forwards))
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as database:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.executescript(SCHEMA.read_text())
        database.execute("BEGIN IMMEDIATE")
        held = (
            database.execute("SELECT username, ha1 FROM subscriber ORDER BY 1, 2").fetchall(),
            database.execute(
                "SELECT grp, ip_addr, mask, tag FROM address WHERE grp IN (?, ?) ORDER BY id", (TRUNKS_GROUP, TLS_GROUP)
            ).fetchall(),
            database.execute("SELECT key_name, key_value FROM settings ORDER BY key_name <> 'realm', 1").fetchall(),
            database.execute("SELECT setid, destination FROM dispatcher ORDER BY id").fetchall(),
        )
        if held == (subscribers, addresses, settings, destinations):
            database.execute("ROLLBACK")
            return False
        database.execute("DELETE FROM subscriber")
        database.executemany("INSERT INTO subscriber (username, ha1) VALUES (?, ?)", subscribers)
        database.execute("DELETE FROM address WHERE grp IN (?, ?)", (TRUNKS_GROUP, TLS_GROUP))
        # In this order: the edge takes the first network that fits
        database.executemany("INSERT INTO address (grp, ip_addr, mask, tag) VALUES (?, ?, ?, ?)", addresses)
        database.execute("DELETE FROM settings")
        database.executemany("INSERT INTO settings (key_name, key_value) VALUES (?, ?)", settings)
        database.execute("DELETE FROM dispatcher")
        database.executemany("INSERT INTO dispatcher (setid, destination) VALUES (?, ?)", destinations)
        database.execute("COMMIT")
    return True
