"""A box of stand-in programs under the real supervisor: `python -m tests.peers.stand_ins NAME=BEHAVIOUR...`.

A behaviour is what the program does: `serve` answers and runs until told to end; `stubborn` never ends by itself;
`family` has a child of its own; `fail` ends with 1; `config` ends with 78, and so does `spoilt` as long as
$BUSYHOUR_HOME/spoilt is there; `last` serves once others have started four times; `talk` writes its log full; `tied`
serves and is tied to what $BUSYHOUR_HOME/tie says; `rests` too, and rests while that is nothing. With `,optional`
behind it the box is ready without it.
Each writes its start, pid and order of end into $BUSYHOUR_HOME/told.
"""

import os
import sys
from collections.abc import Hashable

from firmware.supervisor import setting
from firmware.supervisor.program import Plan, python
from firmware.supervisor.setting import EX_CONFIG, CannotStart, Setting
from firmware.supervisor.supervisor import Supervisor, end_leftovers, say

PROGRAM = """
import os, signal, subprocess, sys, time
name, behaviour = sys.argv[1:]
told = os.environ["BUSYHOUR_HOME"] + "/told"
def tell(text):
    with open(told, "a") as file:
        file.write(text + "\\n")
def end(number, frame):
    tell(f"end {name}")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if behaviour == "stubborn" else end)
tell(f"start {name} {os.getpid()}")
if behaviour == "fail":
    sys.exit("this program cannot work")
if behaviour == "config":
    print(f"{name}: the port is taken", file=sys.stderr)
    sys.exit(78)
if behaviour == "spoilt" and os.path.exists(os.environ["BUSYHOUR_HOME"] + "/spoilt"):
    print(f"{name}: the key is missing", file=sys.stderr)
    sys.exit(78)
if behaviour == "family":
    child = subprocess.Popen(["sleep", "1000"])
    tell(f"child {name} {child.pid}")
if behaviour == "last":
    while open(told).read().count("start") < 5:
        time.sleep(0.02)
if behaviour == "talk":
    for _ in range(70):
        print("x" * 99999, flush=True)
open(os.environ["BUSYHOUR_HOME"] + f"/{name}.up", "w").close()
while True:
    signal.pause()
"""


def plan(name: str, behaviour: str) -> Plan:
    """Return a program of that behaviour; it answers once it has begun to serve."""

    def answers(told: Setting) -> bool:
        return (told.home / f"{name}.up").exists()

    def tie(told: Setting) -> Hashable:
        path = told.home / "tie"
        return path.read_text() if path.exists() else ""

    behaviour, _, optional = behaviour.partition(",")
    command = (*python()[:1], "-c", PROGRAM, name, behaviour)
    tied = tie if behaviour in ("tied", "rests") else None
    wanted = (lambda setting: bool(tie(setting))) if behaviour == "rests" else (lambda setting: True)
    return Plan(
        name, command, answers, stop_s=1, tied_to=tied, again_s=4, needed=optional != "optional", wanted=wanted
    )  # fmt: skip


def main() -> int:
    """Run them as firmware.supervisor does its own."""
    try:
        told = setting.read()
        with setting.take_home(told.home):
            end_leftovers(told.home)
            setting.check_ports(told)
            for word in sys.argv[1:]:
                (told.home / f"{word.partition('=')[0]}.up").unlink(missing_ok=True)
            return Supervisor(told, [plan(*word.split("=")) for word in sys.argv[1:]]).run()
    except CannotStart as error:
        say(str(error))
        return EX_CONFIG


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
