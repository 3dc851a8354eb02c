"""What the kernel saw on the loopback: packets with its own time stamps, by tcpdump, and what follows from them."""

import re
import struct
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

ETHERNET, IPV4, UDP, RTP = 14, 20, 8, 12
# Bytes that A-law and u-law write for the faintest samples: about -60 dBm0 and below.
FAINT = bytes([*range(0xD0, 0xDC), *range(0x50, 0x5C), *range(0xF4, 0x100), *range(0x74, 0x80)])


class Packet(NamedTuple):
    """One UDP packet: when, between which ports, what."""

    at_s: float
    source_port: int
    target_port: int
    payload: bytes


class Capture:
    """Writes matching packets of the loopback to `path` while it is open."""

    def __init__(self, path: Path, expression: str, bytes_each: int = 96) -> None:
        self.path = path
        self._words = [
            "tcpdump", "-i", "lo", "-B", "65536", "-s", str(bytes_each), "-Z", "root", "--immediate-mode", "-Q", "in",
            "--time-stamp-precision=nano", "-U", "-w", str(path), expression,
        ]

    def __enter__(self) -> Self:
        """Begin; returns when the kernel captures."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        while "listening on" not in (line := self._process.stderr.readline()):
            if not line:
                raise RuntimeError("tcpdump did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; the file is whole afterwards."""
        time.sleep(0.2)  # tcpdump writes what it has when its poll returns
        self._process.terminate()
        _, said = self._process.communicate(timeout=30)
        lost = re.search(r"(\d+) packets dropped by kernel", said)
        self.lost = int(lost[1]) if lost else 0

    def packets(self) -> Iterator[Packet]:
        """Yield the UDP packets, oldest first (pcap with nanoseconds, pcap-savefile(5))."""
        data = self.path.read_bytes()
        position = 24
        while position + 16 <= len(data):
            seconds, nanoseconds, size, _ = struct.unpack_from("<IIII", data, position)
            position += 16
            frame = data[position : position + size]
            position += size
            if frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            source, target = struct.unpack_from(">HH", frame, ETHERNET + IPV4)
            yield Packet(seconds + nanoseconds / 1e9, source, target, frame[ETHERNET + IPV4 + UDP :])


def rtp_gaps(capture: Capture, first_port: int, last_port: int) -> dict[str, float]:
    """Return how evenly RTP came to the ports: gaps between packets of a flow in ms, and what was lost."""
    flows: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for packet in capture.packets():
        if first_port <= packet.target_port <= last_port and len(packet.payload) >= RTP and packet.payload[0] >> 6 == 2:
            (sequence,) = struct.unpack_from(">H", packet.payload, 2)
            if packet.payload[1] & 0x7F in (0, 8):
                flows[packet.source_port, packet.target_port].append((packet.at_s, sequence))
    gaps: list[float] = []
    missing = 0
    for flow in flows.values():
        for (before, first), (after, second) in zip(flow, flow[1:], strict=False):
            gaps.append((after - before) * 1000)
            missing += (second - first - 1) & 0xFFFF
    if not gaps:
        raise RuntimeError("no RTP was captured")
    p50, p99, p999 = np.percentile(gaps, [50, 99, 99.9])
    return {
        "flows": len(flows), "packets": len(gaps) + len(flows), "missing": missing, "not_captured": capture.lost,
        "gap_p50_ms": round(float(p50), 2), "gap_p99_ms": round(float(p99), 2), "gap_p999_ms": round(float(p999), 2),
        "gap_max_ms": round(max(gaps), 2),
    }


def first_sample_ms(capture: Capture, sip_port: int) -> list[float]:
    """Return, for each INVITE sent to `sip_port`, how long its caller waited for the first audible RTP packet, in ms."""
    invited: dict[int, float] = {}
    waits: list[float] = []
    for packet in capture.packets():
        if packet.target_port == sip_port and packet.payload.startswith(b"INVITE "):
            if port := re.search(rb"m=audio (\d+)", packet.payload):
                invited.setdefault(int(port[1]), packet.at_s)
        elif packet.target_port in invited and packet.payload[:1] == b"\x80" and packet.payload[RTP:].translate(None, FAINT):
            waits.append((packet.at_s - invited.pop(packet.target_port)) * 1000)
    return waits
