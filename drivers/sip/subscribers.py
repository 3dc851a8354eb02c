"""What the edge must know of users and trunks, written into the tables that Kamailio reads (schema.sql).

The file is in WAL mode, so that a telephone's registration never waits for a commit of the configuration.
"""

import ipaddress
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from drivers.link.messages import SipTrunk, SipUser

SCHEMA = Path(__file__).with_name("schema.sql")
TRUNKS_GROUP = 1


class Peer:
    """An address (with its mask, and a port or 0 for any) that a trunk's requests come from."""

    def __init__(self, text: str) -> None:
        """Raise ValueError unless text is an address, a network in CIDR, or IPv4:PORT."""
        host, colon, port = text.rpartition(":")
        if colon and host.count(".") == 3 and "/" not in text:
            self.network, self.port = ipaddress.ip_network(host), int(port)
        else:
            self.network, self.port = ipaddress.ip_network(text, strict=False), 0


def peers(trunk: SipTrunk, resolved: Sequence[str]) -> list[Peer]:
    """Return where a trunk's requests come from: its `addresses`, else what its host name resolved to."""
    found = []
    for text in trunk.addresses or resolved:
        try:
            found.append(Peer(text))
        except ValueError:
            continue  # the configuration's own check has told the person; one bad entry must not lose the others
    return found


def write(
    path: Path, realm: str, users: Iterable[SipUser], trunks: Sequence[SipTrunk], resolved: Mapping[str, Sequence[str]]
) -> bool:
    """Put users and trunks in the place of what was there, in one transaction; return whether anything changed.

    `resolved` has the addresses of each trunk's host by trunk name. Raises sqlite3.Error when it cannot be written.
    """
    subscribers = sorted((user.number, user.ha1) for user in users)
    addresses = sorted(
        (str(peer.network.network_address), peer.network.prefixlen, peer.port, trunk.name)
        for trunk in trunks
        for peer in peers(trunk, resolved.get(trunk.name, ()))
    )
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
                "SELECT ip_addr, mask, port, tag FROM address WHERE grp = ? ORDER BY 1, 2, 3, 4", (TRUNKS_GROUP,)
            ).fetchall(),
            database.execute("SELECT key_value FROM settings WHERE key_name = 'realm'").fetchall(),
        )
        if held == (subscribers, addresses, [(realm,)]):
            database.execute("ROLLBACK")
            return False
        database.execute("DELETE FROM subscriber")
        database.executemany("INSERT INTO subscriber (username, ha1) VALUES (?, ?)", subscribers)
        database.execute("DELETE FROM address WHERE grp = ?", (TRUNKS_GROUP,))
        database.executemany(
            "INSERT INTO address (grp, ip_addr, mask, port, tag) VALUES (1, ?, ?, ?, ?)", addresses
        )
        database.execute("INSERT OR REPLACE INTO settings (key_name, key_value) VALUES ('realm', ?)", (realm,))
        database.execute("COMMIT")
    return True
