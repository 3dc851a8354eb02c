"""Makes ready what HAProxy runs on: its configuration, checked by itself, and a certificate."""

import re
import resource
import shutil
import subprocess
from pathlib import Path

from drivers.link.address import Address
from firmware.certificate.store import Store
from firmware.errors import Unavailable

TEMPLATE = Path(__file__).with_name("haproxy.cfg")
PROGRAM = "haproxy"
CONNECTIONS = 4000  # at once, of all kinds
OTHER_FILES = 200  # beside two for each connection
HANDSHAKES = 400  # a second; each costs 0.2 ms with P-256, 1 ms with RSA of 2048 bits
WEB_CONNECTIONS = 400
WEB_EACH = 100  # of one address: an office behind one


def prepare(home: Path, https: Address) -> list[str]:
    """Write the proxy's configuration into $home/proxy and return its command line.

    Raises Unavailable when the program is missing or does not like what it is told; NoStorage, KeyLost.
    """
    program = find()
    if program is None:
        raise Unavailable("haproxy is not installed: apt-get install haproxy")
    if re.search(r'["\\?@\s\x00-\x1f]', str(home)):
        raise Unavailable(f'BUSYHOUR_HOME is {str(home)!r}: it must be a path without spaces and any of " \\ ? @')
    store = Store(home)
    store.ensure()
    configuration = home / "proxy/haproxy.cfg"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(render(home, store.path, https))
    configuration.chmod(0o600)
    words = [program, "-c", "-q", "-f", str(configuration)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    if checked.returncode:
        said = [line for line in checked.stderr.splitlines() if "ALERT" in line] or checked.stderr.splitlines()
        raise Unavailable(f"haproxy refuses {configuration}: {said[0] if said else 'it does not say why'}")
    return [program, "-db", "-q", "-f", str(configuration)]


def find() -> str | None:
    """Return where the program is, None where it is not installed."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin:/usr/local/sbin")


def render(home: Path, certificate: Path, https: Address) -> str:
    """Return HAProxy's configuration."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    words = {
        "HOME": str(home),
        "MOST": str(max(100, min(CONNECTIONS, (files - OTHER_FILES) // 2))),
        "HANDSHAKES": str(HANDSHAKES),
        "WEB_MOST": str(WEB_CONNECTIONS),
        "WEB_EACH": str(WEB_EACH),
        "WEB_BINDS": _bind(https, certificate, "alpn h2,http/1.1"),
    }
    return re.sub("@([A-Z_]+)@", lambda match: words[match[1]], TEMPLATE.read_text())


def _bind(address: Address, certificate: Path, more: str) -> str:
    both = " v4v6" if address.host == "::" else ""
    return f"bind {address.host}:{address.port}{both} ssl crt {certificate} {more}"
