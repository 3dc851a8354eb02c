"""A simulated E1 with bits for each timeslot: two ends, what happens between them a datagram each."""

import os
import socket
import struct

from drivers.boards.base import Board, CasWire, LineWatcher
from drivers.link.errors import WrongState

SLOTS = (*range(1, 16), *range(17, 32))
ALARM = 0x80


class LocalCas(CasWire):
    """One end; bits come by one socket as (slot, bits), sound by one for each slot."""

    def __init__(self, number: int, bits: socket.socket, slots: dict[int, socket.socket]) -> None:
        super().__init__(number, bits.fileno(), tuple(slots))
        self.wire, self.sockets = bits, slots
        self.received = dict.fromkeys(slots, 0b1101)
        self.sent: dict[int, int] = {}
        self.alarmed: set[int] = set()      # at the other end, who hears nothing of what is sent
        self.closed = False

    def changed(self) -> set[int]:
        found = set()
        while True:
            try:
                message = self.wire.recv(2)
            except BlockingIOError:
                return found
            if not message:
                raise OSError("the far end closed it")
            slot, bits = struct.unpack("BB", message)
            self.received[slot] = bits
            found.add(slot)

    def bits(self, slot: int) -> int | None:
        bits = self.received[slot]
        return None if bits & ALARM else bits

    def send(self, slot: int, bits: int) -> None:
        self.sent[slot] = bits
        self.wire.send(struct.pack("BB", slot, bits | (ALARM if slot in self.alarmed else 0)))

    def open(self, slot: int) -> int:
        return self.sockets[slot].fileno()

    def close(self) -> None:
        self.closed = True

    def descriptors(self) -> dict[int, int]:
        """Return what another process needs of it: 0 for the bits."""
        return {0: self.wire.fileno()} | {slot: end.fileno() for slot, end in self.sockets.items()}

    def end(self) -> None:
        """Close all sockets."""
        for one in (self.wire, *self.sockets.values()):
            one.close()


def local_cas(slots: tuple[int, ...] = SLOTS, number: int = 1) -> tuple[LocalCas, LocalCas]:
    """Return both ends."""
    pairs = {slot: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for slot in (0, *slots)}
    for pair in pairs.values():
        for end in pair:
            os.set_blocking(end.fileno(), False)
    ends = [LocalCas(number, pairs[0][end], {slot: pairs[slot][end] for slot in slots}) for end in (0, 1)]
    return ends[0], ends[1]


class CasBoard(Board):
    """A board with such spans and no lines."""

    subject = "local"

    def __init__(self, spans: dict[int, CasWire]) -> None:
        self.spans = spans

    async def start(self, watcher: LineWatcher) -> None:
        """There is nothing to watch."""

    def open_cas(self, number: int) -> CasWire:
        if number not in self.spans:
            raise WrongState(f"span {number} is not there; spans are {sorted(self.spans)}")
        return self.spans[number]

    async def close(self) -> None:
        """There is nothing to close."""
