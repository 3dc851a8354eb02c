"""`python -m firmware.proxy` writes HAProxy's configuration and becomes HAProxy."""

import os
import resource
import sys
from pathlib import Path

from drivers.link.address import parse
from drivers.link.entrances import entrances
from drivers.link.errors import DriverError
from firmware.errors import BusyhourError
from firmware.proxy import haproxy

EX_CONFIG = 78  # sysexits.h: starting again would not help


def main() -> None:
    """Read the environment and exec HAProxy; exits with 78 and one line on standard error when it cannot run."""
    try:
        home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
        https = parse("BUSYHOUR_HTTPS", os.environ.get("BUSYHOUR_HTTPS", ""))
        sip, sips = (parse(name, os.environ.get(name, "")) for name in ("BUSYHOUR_SIP", "BUSYHOUR_SIPS"))
        inside = parse("BUSYHOUR_EDGE", os.environ.get("BUSYHOUR_EDGE", ""))
        command = haproxy.prepare(home, https, entrances(sip, sips, https, inside.port))
    except (BusyhourError, DriverError, OSError) as error:
        print(f"busyhour proxy: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    (home / "run/proxy.sock").unlink(missing_ok=True)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - it takes this process's place, under the same supervisor


if __name__ == "__main__":
    main()
