"""A plain pjsua2 endpoint with a Core on it, for tests and for the programs that tests start and kill."""

import contextlib
import itertools
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator

import pjsua2 as pj

from native.media import Core, Happening, Leg, Timeslot
from tests.peers.ports import free_port


@contextlib.contextmanager
def silent_output() -> Iterator[None]:
    """Let nothing in this process, C code too, write to standard output meanwhile."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


class Room:
    """pjsua, running on 127.0.0.1, and the media core; to be used from one thread, closed at the end."""

    def __init__(self, clock_hz: int = 8000) -> None:
        self.endpoint = pj.Endpoint()
        with silent_output():  # libCreate logs before it can be told not to
            self.endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = 64
        config.medConfig.clockRate = config.medConfig.sndClockRate = clock_hz
        config.medConfig.channelCount = 1
        config.medConfig.audioFramePtime = 20
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.maxMediaPorts = 512
        config.logConfig.level = config.logConfig.consoleLevel = 1
        self.endpoint.libInit(config)
        self.sip_port = free_port()
        transport = pj.TransportConfig()
        transport.port = self.sip_port
        transport.boundAddress = transport.publicAddress = "127.0.0.1"
        self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.endpoint.libStart()
        self.core = Core()
        self.happenings: list[Happening] = []
        self._tokens = itertools.count(1)

    def start(self) -> None:
        """Start the core."""
        self.core.start()

    def close(self) -> None:
        """End the core, then pjsua."""
        self.core.stop()
        self.endpoint.libDestroy()

    def token(self) -> int:
        """Return a token no other leg has."""
        return next(self._tokens)

    def wire(self) -> "Wire":
        """Return two parties at the two ends of one line."""
        return Wire(self)

    def turn(self) -> None:
        """Let SIP and the happenings go on for a moment."""
        self.endpoint.libHandleEvents(5)
        self.happenings += self.core.poll()

    def wait(self, what: Callable[[], object], timeout_s: float = 10) -> None:
        """Turn until something is so; AssertionError with what happened when it never is."""
        deadline = time.monotonic() + timeout_s
        while not what():
            assert time.monotonic() < deadline, f"not within {timeout_s} s; happened: {self.happenings[-20:]}"
            self.turn()

    def wait_ticks(self, count: int) -> None:
        """Turn until the pump has done so many ticks more."""
        wanted = self.core.counters()["ticks"] + count
        self.wait(lambda: self.core.counters()["ticks"] >= wanted)

    def of(self, leg: Leg, kind: str) -> list[Happening]:
        """Return what happened on a leg of one kind."""
        return [happening for happening in self.happenings if (happening.token, happening.kind) == (leg.token, kind)]

    def wait_for(self, leg: Leg, kind: str, count: int = 1, timeout_s: float = 30) -> Happening:
        """Wait for so many happenings of a kind on a leg; return the last one."""
        self.wait(lambda: len(self.of(leg, kind)) >= count, timeout_s)
        return self.of(leg, kind)[count - 1]


class Wire:
    """A line with both its ends on the bridge, so what one leg plays is what the other hears, in A-law.

    Both ends are moved by the pump alone: however slow the machine, no sample is lost between them.
    """

    def __init__(self, room: Room) -> None:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with one, other:
            self.ends: list[Timeslot] = [room.core.timeslot(one.fileno()), room.core.timeslot(other.fileno())]
        self.near = room.core.leg(self.ends[0].slot, room.token())
        self.far = room.core.leg(self.ends[1].slot, room.token())

    def close(self) -> None:
        """Take both ends off the bridge."""
        self.near.close()
        self.far.close()
        for end in self.ends:
            end.close()
