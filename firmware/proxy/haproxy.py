"""Makes ready what HAProxy runs on: its configuration, checked by itself, and a certificate."""

import re
import resource
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from drivers.link.address import Address, expand
from drivers.link.entrances import Entrance, Way
from firmware.certificate.store import Store
from firmware.errors import Unavailable

TEMPLATE = Path(__file__).with_name("haproxy.cfg")
PROGRAM = "haproxy"
CONNECTIONS = 4000  # at once, of all kinds
OTHER_FILES = 200  # beside two for each connection
HANDSHAKES = 400  # a second; each costs 0.2 ms with P-256, 1 ms with RSA of 2048 bits
WEB_CONNECTIONS = 400
WEB_EACH = 100  # of one address: an office behind one; its telephones count with its browsers
SIP_CONNECTIONS = 1500  # by each entrance
SIP_EACH = 300


def prepare(home: Path, https: Address, entrances: Sequence[Entrance]) -> list[str]:
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
    for folder in (configuration.parent, home / "run"):  # its own control socket is in the second
        folder.mkdir(parents=True, exist_ok=True)
    configuration.write_text(render(home, store.path, https, entrances))
    configuration.chmod(0o600)
    words = [program, "-c", "-q", "-f", str(configuration)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    if checked.returncode:
        said = [line for line in checked.stderr.splitlines() if "ALERT" in line] or checked.stderr.splitlines()
        raise Unavailable(f"haproxy refuses {configuration}: {said[0] if said else 'it does not say why'}")
    return [program, "-db", "-f", str(configuration)]  # with -q it would not say which port somebody else has


def find() -> str | None:
    """Return where the program is, None where it is not installed."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path="/usr/sbin:/usr/local/sbin")


def render(home: Path, certificate: Path, https: Address, entrances: Sequence[Entrance]) -> str:
    """Return HAProxy's configuration: the page at `https`, and telephones by every entrance."""
    browsers = [one for one in entrances if one.way is Way.WSS]
    streams = [one for one in entrances if one.way is not Way.WSS]
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    words = {
        "HOME": str(home),
        "MOST": str(max(100, min(CONNECTIONS, (files - OTHER_FILES) // 2))),
        "HANDSHAKES": str(HANDSHAKES),
        "WEB_MOST": str(WEB_CONNECTIONS),
        "WEB_EACH": str(WEB_EACH),
        "WEB_BINDS": "\n    ".join(
            f"bind {one.host}:{one.port} ssl crt {certificate} alpn h2,http/1.1" for one in expand(https)
        ),
        "TO_TELEPHONES": "\n".join(_to_telephones(one) for one in browsers),
        "TELEPHONES": "\n".join([*(_entrance(one, certificate) for one in streams), *map(_behind, entrances)]),
    }
    return re.sub("@([A-Z_]+)@", lambda match: words[match[1]], TEMPLATE.read_text())


def _to_telephones(entrance: Entrance) -> str:
    here = f"{{ dst {entrance.outside.host} }}"
    return f"    use_backend {entrance.name} if telephone websocket {here}"


def _entrance(entrance: Entrance, certificate: Path) -> str:
    """Return who may come in by TCP or TLS, and how many of them."""
    tls = f" ssl crt {certificate}" if entrance.way is Way.TLS else ""
    return f"""
frontend {entrance.name}
    mode tcp
    maxconn {SIP_CONNECTIONS}
    bind {entrance.outside.host}:{entrance.outside.port}{tls}
    tcp-request connection track-sc0 src table sources
    tcp-request connection reject if {{ sc0_conn_cur(sources) gt {SIP_EACH} }}
    tcp-request inspect-delay 10s
    tcp-request content accept if {{ req.len gt 0 }}
    tcp-request content reject
    default_backend {entrance.name}"""


def _behind(entrance: Entrance) -> str:
    """Return where the edge is met by an entrance."""
    # Version 1, in words: Kamailio 5.6 reads the ports of version 2 in the wrong byte order
    mode = "http" if entrance.way is Way.WSS else "tcp"
    return f"""
backend {entrance.name}
    mode {mode}
    timeout tunnel 3700s
    server edge {entrance.inside} send-proxy"""
