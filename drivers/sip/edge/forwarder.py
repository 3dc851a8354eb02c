"""TLS to carriers: `python -m drivers.sip.edge.forwarder` becomes an HAProxy that takes it from the edge by TCP.

The gateway writes its configuration when trunks change; the supervisor then starts it again. Connections to carriers
end by that and are made anew with the next message: talks go on.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from drivers.link.address import Address, is_address
from drivers.link.errors import DriverError
from drivers.sip.edge.forwards import Forward

TEMPLATE = Path(__file__).with_name("forwarder.cfg")
CONFIGURATION = "edge/forwarder.cfg"
EX_CONFIG = 78  # sysexits.h: starting again would not help
FILES = 4096


class CannotForward(DriverError):
    """HAProxy cannot run as things are; the text names what to change."""

    code = "cannot-forward"


def write(home: Path, forwards: Sequence[Forward], resolved: Mapping[str, Sequence[str]]) -> None:
    """Keep in $home/edge what the forwarder runs by, where it has changed; nothing is there when no carrier wants TLS.

    `resolved` has the addresses of each trunk's host by trunk name. Raises OSError when it cannot be written.
    """
    path = home / CONFIGURATION
    if not forwards:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in forwards:
        authority = path.with_name(one.authority_name)
        if one.authority and not authority.exists():
            _put(authority, one.authority + "\n")
    text = render(home, forwards, resolved)
    if not path.exists() or path.read_text() != text:
        _put(path, text)


def _put(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    fresh.replace(path)


def render(home: Path, forwards: Sequence[Forward], resolved: Mapping[str, Sequence[str]]) -> str:
    """Return HAProxy's configuration: one entrance on the loopback for each carrier."""
    words = {"HOME": str(home), "CARRIERS": "\n".join(_carrier(home, one, resolved) for one in forwards)}
    return re.sub("@([A-Z_]+)@", lambda match: words[match[1]], TEMPLATE.read_text())


def _carrier(home: Path, forward: Forward, resolved: Mapping[str, Sequence[str]]) -> str:
    authority = home / "edge" / forward.authority_name if forward.authority else "@system-ca"
    named = "" if is_address(forward.host) else f" verifyhost {forward.host} sni str({forward.host})"
    servers = [
        f"    server carrier-{number} {Address(address, forward.port)}"
        f" ssl verify required ca-file {authority}{named}"
        for number, address in enumerate(resolved.get(forward.trunks[0], ()), 1)
    ]
    balance = "    balance first\n" if servers else ""
    name = f"trunk-{forward.trunks[0]}"
    return f"\nlisten {name}\n    bind {forward.inside}\n{balance}" + "\n".join(servers)


def prepare(home: Path) -> list[str]:
    """Return HAProxy's command line. Raises CannotForward where the program is missing or refuses its configuration."""
    program = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        raise CannotForward("haproxy is not installed: apt-get install haproxy")
    configuration = home / CONFIGURATION
    words = [program, "-c", "-q", "-f", str(configuration)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    if checked.returncode:
        said = [line for line in checked.stderr.splitlines() if "ALERT" in line] or checked.stderr.splitlines()
        raise CannotForward(f"haproxy refuses {configuration}: {said[0] if said else 'it does not say why'}")
    return [program, "-db", "-q", "-f", str(configuration)]


def main() -> None:
    """Exec HAProxy; exits with 78 and one line on standard error when it cannot run."""
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    try:
        command = prepare(home)
    except DriverError as error:
        print(f"busyhour forwarder: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, FILES), most))
    (home / "run/forwarder.sock").unlink(missing_ok=True)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - it takes this process's place, under the same supervisor


if __name__ == "__main__":
    main()
