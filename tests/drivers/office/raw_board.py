"""The plainest board there can be, on the real sockets of a real office: to see what crosses them, and nothing else."""

import contextlib
import json
import select
import socket
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.audio import Samples, decode_alaw, encode_alaw

SILENCE = bytes([0xD5]) * 160


class RawBoard:
    """Answers each block with one, keeps all blocks, states and arrival times."""

    def __init__(self, home: Path) -> None:
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(str(home / "run" / "board.sock"))
        self.messages: list[tuple[float, dict[str, Any]]] = []
        self.blocks: dict[int, list[bytes]] = defaultdict(list)
        self.arrived_s: dict[int, list[float]] = defaultdict(list)
        self.audio: dict[int, socket.socket] = {}
        self._saying: dict[int, bytes] = defaultdict(bytes)
        self._half = b""
        self._descriptors: list[int] = []
        self.closed = False
        while not self.audio or len(self.audio) < len(self.messages[0][1]["lines"]):
            self._read()

    def loop(self, line: int, closed: bool) -> None:
        """Go off-hook or on-hook."""
        self.send({"type": "loop", "line": line, "closed": closed})

    def send(self, message: object) -> None:
        self.wire.sendall(json.dumps(message).encode() + b"\n")

    def say(self, line: int, samples: Samples) -> None:
        """Say samples, from the next block on."""
        self._saying[line] += encode_alaw(samples)

    def run(self, duration_s: float) -> None:
        """Live so long."""
        end_s = time.monotonic() + duration_s
        while (left_s := end_s - time.monotonic()) > 0:
            ready, _, _ = select.select([self.wire, *self.audio.values()], [], [], left_s)
            for line, audio in self.audio.items():
                if audio in ready:
                    self._exchange(line, audio)
            if self.wire in ready:
                self._read()
                if self.closed:
                    return

    def heard(self, line: int) -> Samples:
        """Return all samples of a line."""
        return decode_alaw(b"".join(self.blocks[line])).astype(float)

    def states(self, line: int, what: str) -> list[tuple[float, Any]]:
        """Return what was told of a line's ring, battery or polarity, with the time."""
        return [(at_s, said[what]) for at_s, said in self.messages if said.get("line") == line and what in said]

    def close(self) -> None:
        for end in (self.wire, *self.audio.values()):
            end.close()

    def _exchange(self, line: int, audio: socket.socket) -> None:
        block = audio.recv(4096)
        if not block:  # the office parted from us; the wire will say so
            return
        self.blocks[line].append(block)
        self.arrived_s[line].append(time.monotonic())
        with contextlib.suppress(BrokenPipeError, BlockingIOError):  # the office has parted from us, or is late
            audio.send(self._saying[line][:160].ljust(160, SILENCE[:1]))
        self._saying[line] = self._saying[line][160:]

    def _read(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self.wire, 65536, 8)
        self._descriptors += descriptors
        self.closed = not data
        *whole, self._half = (self._half + data).split(b"\n")
        for line in whole:
            message = json.loads(line)
            self.messages.append((time.monotonic(), message))
            if message["type"] == "audio":
                self.audio[message["line"]] = socket.socket(fileno=self._descriptors.pop(0))


def gaps_ms(arrived_s: list[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the times between arrivals."""
    return np.diff(np.array(arrived_s)) * 1000
