"""What the edge must know of users and trunks, written into the tables that Kamailio reads (schema.sql).

The file is in WAL mode, so that a telephone's registration never waits for a commit of the configuration.
"""

import ipaddress
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from drivers.link.messages import SipTrunk, SipUser

SCHEMA = Path(__file__).with_name("schema.sql")
TRUNKS_GROUP = 1

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
    trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, str]]:
    """Yield where each trunk, numbered from 1, is asked whether it is there."""
    for number, trunk in enumerate(trunks, 1):
        for address in resolved.get(trunk.name, ()):
            host = f"[{address}]" if ":" in address else address
            yield number, f"sip:{host}:{trunk.port};transport={trunk.transport}"


def write(
    path: Path, realm: str, users: Iterable[SipUser], trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]]
) -> bool:
    """Put users and trunks in the place of what was there, in one transaction; return whether anything changed.

    `resolved` has the addresses of each trunk's host by trunk name. Raises sqlite3.Error when it cannot be written.
    """
    subscribers = sorted((user.number, user.ha1) for user in users)
    addresses = [
        (str(network.network_address), network.prefixlen, ",".join(names))
        for network, names in sources(trunks, resolved).items()
    ]
    destinations = list(_destinations(trunks, resolved))
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
                "SELECT ip_addr, mask, tag FROM address WHERE grp = ? ORDER BY id", (TRUNKS_GROUP,)
            ).fetchall(),
            database.execute("SELECT key_value FROM settings WHERE key_name = 'realm'").fetchall(),
            database.execute("SELECT setid, destination FROM dispatcher ORDER BY id").fetchall(),
        )
        if held == (subscribers, addresses, [(realm,)], destinations):
            database.execute("ROLLBACK")
            return False
        database.execute("DELETE FROM subscriber")
        database.executemany("INSERT INTO subscriber (username, ha1) VALUES (?, ?)", subscribers)
        database.execute("DELETE FROM address WHERE grp = ?", (TRUNKS_GROUP,))
        # In this order: the edge takes the first network that fits
        database.executemany("INSERT INTO address (grp, ip_addr, mask, tag) VALUES (1, ?, ?, ?)", addresses)
        database.execute("INSERT OR REPLACE INTO settings (key_name, key_value) VALUES ('realm', ?)", (realm,))
        database.execute("DELETE FROM dispatcher")
        database.executemany("INSERT INTO dispatcher (setid, destination) VALUES (?, ?)", destinations)
        database.execute("COMMIT")
    return True
