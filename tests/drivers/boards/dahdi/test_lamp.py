"""The lamp of a telephone for which messages wait: asked of the driver by DAHDI's own numbers."""

import fcntl
import re
import struct
from pathlib import Path

import pytest

from drivers.boards.dahdi import device

HEADER = Path(".build/dahdi/usr/include/dahdi/user.h")
INT_BYTES, CODE, WRITE, READ = 4, 0xDA, 1 << 30, 2 << 30


def number_of(name: str) -> int:
    """Return an ioctl's number as the header has it; its argument is an int, or a struct of one."""
    found = re.search(rf"#define {name}\s+_(IOWR|IOW)\(DAHDI_CODE, (\d+), ", HEADER.read_text())
    assert found, name
    return (READ if found[1] == "IOWR" else 0) | WRITE | INT_BYTES << 16 | CODE << 8 | int(found[2])


def test_the_driver_is_told_what_lamp_it_is_and_how_it_shall_be(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(fcntl, "ioctl", lambda fd, what, said: asked.append((fd, what, *struct.unpack("i", said))))
    device.light(7, True)
    device.light(7, False)
    (kind,) = re.findall(r"#define DAHDI_VMWI_HVAC\s+\(1 << (\d)\)", HEADER.read_text())
    config, lamp = number_of("DAHDI_VMWI_CONFIG"), number_of("DAHDI_VMWI")
    assert asked == [(7, config, 1 << int(kind)), (7, lamp, 1), (7, config, 1 << int(kind)), (7, lamp, 0)]
