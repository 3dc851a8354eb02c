"""Spans made of memory, as DAHDI's own dahdi_dynamic_loc makes them: made and unmade while the machine runs."""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from drivers.boards.dahdi import device

SPAN = struct.Struct("20s40siii")   # struct dahdi_dynamic_span: driver, address, channels, timing, number
CREATE, DESTROY = (way << 30 | SPAN.size << 16 | 0xDA << 8 | number for way, number in ((3, 80), (1, 81)))


@contextmanager
def local_span(address: str, channels: int) -> Iterator[int]:
    """Let there be a span, whose number is yielded: KEY:0 and KEY:1 are joined, KEY:2:0 hears what KEY:0 says."""
    wanted = bytearray(SPAN.pack(b"loc", address.encode(), channels, 0, 0))
    control = os.open(device.CONTROL, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(control, CREATE, wanted)
        try:
            yield SPAN.unpack(wanted)[-1]
        finally:
            fcntl.ioctl(control, DESTROY, bytes(wanted))
    finally:
        os.close(control)
