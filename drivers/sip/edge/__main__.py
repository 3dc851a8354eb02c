"""Runs the edge: `python -m drivers.sip.edge` writes Kamailio's configuration and becomes Kamailio."""

import os
import resource
import sys
from pathlib import Path

from drivers.link.address import parse
from drivers.link.entrances import entrances
from drivers.link.errors import DriverError
from drivers.sip.edge import kamailio

EX_CONFIG = 78  # sysexits.h: starting again would not help
FILES = 8192  # a TCP connection is one in several of Kamailio's processes; the shell's 1024 would be too few


def main() -> None:
    """Read the environment and exec Kamailio; exits with 78 and one line on standard error when it cannot run."""
    try:
        home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
        outside = parse("BUSYHOUR_SIP", os.environ.get("BUSYHOUR_SIP") or "127.0.0.1:5060")
        gateway = parse("BUSYHOUR_GATEWAY_SIP", os.environ.get("BUSYHOUR_GATEWAY_SIP", ""))
        sips, https = (parse(name, os.environ.get(name, "")) for name in ("BUSYHOUR_SIPS", "BUSYHOUR_HTTPS"))
        inside = parse("BUSYHOUR_EDGE", os.environ.get("BUSYHOUR_EDGE", ""))
        command = kamailio.prepare(home, outside, gateway, entrances(outside, sips, https, inside.port))
    except DriverError as error:
        print(f"busyhour edge: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, FILES), most))
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - it takes this process's place, under the same supervisor


if __name__ == "__main__":
    main()
