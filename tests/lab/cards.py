"""The lab's own cards, of tests/lab/card: put into the machine and taken out of it, their registers set by a test."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.boards.dahdi import device

MODULES = Path(".build/lab/modules")
LOADED = Path("/sys/module")
LOOKED_S = 2.2      # dahdi_dynamic looks each second
LET_GO_S = 10.0     # of channels whose sound the gateway's pump still has
ECHO = ("echo", "dahdi_echocan_oslec")     # what a configuration by the box asks for


class Card:
    """One card, whose driver's parameters are its registers. `spans` are its numbers, in its own order."""

    def __init__(self, name: str, spans: tuple[int, ...]) -> None:
        self.spans = spans
        self._registers = LOADED / name / "parameters"

    def set(self, register: str, *values: int) -> None:
        """Write a register, a value for each of the spans or ports."""
        (self._registers / register).write_text(",".join(map(str, values)))

    def read(self, register: str) -> list[int]:
        """Read one."""
        return [int(value) for value in (self._registers / register).read_text().split(",")]

    def set_up_as(self, place: int) -> str:
        """Return how the kernel says that a span is set up: its name and framing, say."""
        return Path(f"{device.PROC}/{self.spans[place]}").read_text().splitlines()[0]


@contextmanager
def inserted(name: str) -> Iterator[Card]:
    """Have a card in the machine; nobody may have its channels open at the end."""
    before = device.spans()
    for module in (*ECHO, name):
        if not (LOADED / module).exists():
            subprocess.run(["/bin/busybox", "insmod", MODULES / f"{module}.ko"], check=True)
    try:
        yield Card(name, tuple(sorted(device.spans().keys() - before.keys())))
    finally:
        until_s = time.monotonic() + LET_GO_S
        while (LOADED / name / "refcnt").read_text() != "0\n" and time.monotonic() < until_s:
            time.sleep(0.1)
        subprocess.run(["/bin/busybox", "rmmod", name], check=True)
        _settle({number for number, span in before.items() if not span.alarms})


def _settle(well: set[int]) -> None:
    """Wait until spans of memory are as well as they were: without a card the kernel finds itself another clock.

    Until then they hear nothing of each other, and of a second of that they tell by an alarm when they look next.
    """
    until_s = time.monotonic() + LET_GO_S
    well_s = time.monotonic()
    while time.monotonic() < until_s and time.monotonic() - well_s < LOOKED_S:
        time.sleep(0.1)
        spans = device.spans()
        if any(spans[number].alarms for number in well):
            well_s = time.monotonic()


def configured(path: Path, *lines: str) -> None:
    """Let dahdi_cfg carry lines out."""
    path.write_text("\n".join([*lines, "loadzone=cn", "defaultzone=cn", ""]))
    subprocess.run(["dahdi_cfg", "-c", os.fspath(path)], check=True)
