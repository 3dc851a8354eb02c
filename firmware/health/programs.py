"""Whether all programs of the box run, by their supervisor's word, and the gateway by its connection."""

from collections.abc import Iterable, Iterator

from drivers.link.messages import Wrong
from firmware.events import AlarmName
from firmware.health.finding import Finding
from firmware.health.machine import Program

NAMES = (AlarmName.PROGRAM_LOST, AlarmName.GATEWAY_LOST)
STARTING_S = 30.0  # so long a program may take until it answers
SETTLED_S = 60.0   # so long it must have run until its death is forgotten
AWAY_S = 10.0      # the gateway: one that was restarted is back within two seconds


def look(programs: Iterable[Program], wall_s: float, connected: bool) -> Iterator[Finding]:
    """Yield what is found; one that died and is back at once is told for a minute."""
    for program in programs:
        if program.state in ("down", "failed"):
            told = Wrong("program-down" if program.state == "down" else "program-cannot")
            yield Finding(AlarmName.PROGRAM_LOST, program.name, told, over_s=SETTLED_S)
        elif program.died_s and abs(wall_s - program.died_s) < SETTLED_S:
            yield Finding(AlarmName.PROGRAM_LOST, program.name, Wrong("program-died"), over_s=SETTLED_S)
        else:
            silent = None if program.state == "up" else Wrong("program-silent")
            yield Finding(AlarmName.PROGRAM_LOST, program.name, silent, after_s=STARTING_S)
    away = None if connected else Wrong("not-connected")
    yield Finding(AlarmName.GATEWAY_LOST, "gateway", away, after_s=AWAY_S)
