"""`python -m firmware.supervisor`: the whole box in the foreground, until SIGTERM or SIGINT."""

import os
import sys

from firmware.supervisor import setting
from firmware.supervisor.programs import CONSOLE, PROGRAMS, set_up
from firmware.supervisor.setting import EX_CONFIG, CannotStart
from firmware.supervisor.supervisor import Supervisor, end_leftovers, say


def main() -> int:
    """Check, start, watch; return 0 when ended as told, 78 when the box cannot run as things are."""
    os.umask(0o077)  # callers' numbers and voices, and the telephones' secrets: every program inherits it
    try:
        told = setting.read()
        setting.check_packages()
        with setting.take_home(told.home):
            end_leftovers(told.home)
            setting.check_ports(told)
            return Supervisor(told, (CONSOLE, *PROGRAMS) if told.console else PROGRAMS, set_up).run()
    except CannotStart as error:
        say(str(error))
        return EX_CONFIG


if __name__ == "__main__":
    sys.exit(main())
