"""`python -m webui`: the web page of this box, on BUSYHOUR_WEB."""

import sys

from firmware.errors import BusyhourError
from webui.exchange import pictures, programs
from webui.feed import Feed
from webui.server import serve

EX_CONFIG = 78  # sysexits.h: starting again would not help


def main() -> int:
    """Return the exit status: 78 when the page cannot begin; gunicorn ends the process itself otherwise."""
    try:
        serve(Feed(pictures, programs))
    except BusyhourError as error:
        print(f"busyhour web: {error}", file=sys.stderr)
        return EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
