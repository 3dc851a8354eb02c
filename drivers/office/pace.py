"""The office's clock: a timer of the kernel that becomes readable every 20 ms (timerfd_create(2))."""

import ctypes
import os
import struct
import time

PERIOD_NS = 20_000_000
_ABSOLUTE = 1  # TFD_TIMER_ABSTIME
_libc = ctypes.CDLL(None, use_errno=True)


class _Timespec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("it_interval", _Timespec), ("it_value", _Timespec))


class Pace:
    """Ticks of 20 ms that never drift: `fd` is readable when one or more are due."""

    def __init__(self) -> None:
        self.fd: int = _libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        first_ns = time.monotonic_ns() + PERIOD_NS
        setting = _Itimerspec(_Timespec(0, PERIOD_NS), _Timespec(*divmod(first_ns, 1_000_000_000)))
        if _libc.timerfd_settime(self.fd, _ABSOLUTE, ctypes.byref(setting), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def due(self) -> int:
        """Return how many ticks became due since the last call."""
        try:
            expirations: int = struct.unpack("Q", os.read(self.fd, 8))[0]
        except BlockingIOError:
            return 0
        return expirations

    def close(self) -> None:
        """Stop."""
        os.close(self.fd)
