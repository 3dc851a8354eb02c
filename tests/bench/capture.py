"""What the kernel saw on the loopback: packets with its own time stamps, by tcpdump, and what follows from them."""

import re
import struct
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

ETHERNET, IPV4, UDP, RTP = 14, 20, 8, 12
HEADERS = ETHERNET + IPV4 + UDP + RTP
CALL_ID = re.compile(rb"\r\nCall-ID: *(\S+)\r\n", re.IGNORECASE)
SDP_PORT = re.compile(rb"\r\nm=audio (\d+) ")
VOICE = (0, 8)  # payload types of u-law and A-law (RFC 3551 §6)
# Bytes that A-law and u-law write for the faintest samples: about -60 dBm0 and below.
FAINT = bytes([*range(0xD0, 0xDC), *range(0x50, 0x5C), *range(0xF4, 0x100), *range(0x74, 0x80)])
WRITTEN_S = 1.3  # the kernel gives tcpdump what it has once a second

# One record of a pcap file with nanoseconds (pcap-savefile(5)) that holds the headers of an RTP packet.
RECORD = np.dtype([
    ("seconds", "<u4"), ("nanoseconds", "<u4"), ("captured", "<u4"), ("length", "<u4"),
    ("macs", "V12"), ("ethertype", ">u2"),
    ("ip", "V9"), ("protocol", "u1"), ("checksum", "V2"), ("source", ">u4"), ("target", ">u4"),
    ("source_port", ">u2"), ("target_port", ">u2"), ("udp", "V4"),
    ("version", "u1"), ("payload_type", "u1"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4"),
])


class Packet(NamedTuple):
    """One UDP packet: when, between which ports, what."""

    at_s: float
    source_port: int
    target_port: int
    payload: bytes


class Capture:
    """Writes matching packets of the loopback to `path` while it is open, so many bytes of each."""

    def __init__(self, path: Path, expression: str, bytes_each: int = HEADERS) -> None:
        self.path = path
        self.lost = 0  # packets the kernel had no room for
        self._words = [
            "tcpdump", "-i", "lo", "-B", "65536", "-s", str(bytes_each), "-Z", "root", "-Q", "in",
            "--time-stamp-precision=nano", "-w", str(path), expression,
        ]

    def __enter__(self) -> Self:
        """Begin; returns when the kernel captures."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        while "listening on" not in (line := self._process.stderr.readline()):
            if not line:
                raise RuntimeError("tcpdump did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; the file is whole afterwards."""
        time.sleep(WRITTEN_S)
        self._process.terminate()
        try:
            _, said = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        lost = re.search(r"(\d+) packets dropped by kernel", said)
        self.lost = int(lost[1]) if lost else 0

    def packets(self) -> Iterator[Packet]:
        """Yield the UDP packets, oldest first."""
        data = self.path.read_bytes()
        for position in self._positions(data):
            seconds, nanoseconds, size, _ = struct.unpack_from("<IIII", data, position)
            frame = data[position + 16 : position + 16 + size]
            if frame[12:14] != b"\x08\x00" or frame[23] != 17:
                continue
            source, target = struct.unpack_from(">HH", frame, ETHERNET + IPV4)
            yield Packet(seconds + nanoseconds / 1e9, source, target, frame[ETHERNET + IPV4 + UDP :])

    def rtp(self, from_s: float, to_s: float) -> npt.NDArray[Any]:
        """Return the headers of the voice packets seen between two moments of Unix time, as RECORDs, oldest first."""
        data = self.path.read_bytes()
        starts = np.array(
            [at for at in self._positions(data) if struct.unpack_from("<I", data, at + 8)[0] >= HEADERS], dtype=np.int64
        )
        raw = np.frombuffer(data, dtype=np.uint8)
        rows: npt.NDArray[Any] = raw[starts[:, None] + np.arange(RECORD.itemsize)].view(RECORD)[:, 0]
        at_s = times_s(rows)
        voice = (rows["version"] >> 6 == 2) & np.isin(rows["payload_type"] & 0x7F, VOICE)
        kept: npt.NDArray[Any] = rows[(rows["protocol"] == 17) & voice & (at_s >= from_s) & (at_s < to_s)]
        return kept

    @staticmethod
    def _positions(data: bytes) -> Iterator[int]:
        position = 24
        while position + 16 <= len(data):
            (size,) = struct.unpack_from("<I", data, position + 8)
            if position + 16 + size <= len(data):
                yield position
            position += 16 + size


def times_s(rows: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return when each packet was seen, in Unix time."""
    return rows["seconds"].astype(np.float64) + rows["nanoseconds"] / 1e9


def evenness(rows: npt.NDArray[Any], duration_s: float) -> dict[str, float]:
    """Return how whole and even these voice packets of 20 ms are, flow by flow, over a window that lasted so long.

    `missing` are gaps in the sequence numbers; `short_flows` have less than 98% of the packets the window has room for.
    """
    if not len(rows):
        return {"flows": 0, "packets": 0, "missing": 0, "short_flows": 0}
    flow = (rows["source_port"].astype(np.int64) << 16) | rows["target_port"]
    order = np.argsort(flow, kind="stable")
    flow, at_s, sequence = flow[order], times_s(rows)[order], rows["sequence"][order].astype(np.int32)
    together = flow[1:] == flow[:-1]
    gaps_ms = 1000 * np.diff(at_s)[together]
    steps = np.diff(sequence)[together].astype(np.int16)  # wraps as the numbers do
    _, counts = np.unique(flow, return_counts=True)
    result: dict[str, float] = {
        "flows": len(counts), "packets": len(rows), "missing": int(np.maximum(steps.astype(np.int32) - 1, 0).sum()),
        "disordered": int((steps <= 0).sum()), "short_flows": int((counts < 0.98 * 50 * duration_s).sum()),
    }
    if len(gaps_ms):
        p50, p99, p999 = np.percentile(gaps_ms, [50, 99, 99.9])
        result |= {
            "gap_p50_ms": round(float(p50), 2), "gap_p99_ms": round(float(p99), 2),
            "gap_p999_ms": round(float(p999), 2), "gap_max_ms": round(float(gaps_ms.max()), 2),
        }
    return result


def first_sample_ms(capture: Capture, sip_port: int) -> list[float]:
    """Return, for each INVITE sent to `sip_port`, how long its caller waited for the first audible packet, in ms.

    sipp's callers share one port: whose voice a packet is says the port it comes from, which the answer's SDP names.
    The voice may be there before the answer, which has the edge to pass.
    """
    invited: dict[bytes, float] = {}
    waiting: dict[int, deque[float]] = {}  # by the port their voice will come from: when they called
    for packet in capture.packets():
        call = CALL_ID.search(packet.payload)
        if call is None:
            continue
        if packet.target_port == sip_port and packet.payload.startswith(b"INVITE "):
            invited.setdefault(call[1], packet.at_s)
        elif packet.source_port == sip_port and (port := SDP_PORT.search(packet.payload)) and call[1] in invited:
            waiting.setdefault(int(port[1]), deque()).append(invited.pop(call[1]))
    waits: list[float] = []
    for packet in capture.packets():
        calls = waiting.get(packet.source_port)
        if calls and packet.at_s > calls[0] and audible(packet.payload):
            waits.append((packet.at_s - calls.popleft()) * 1000)
    return waits


def audible(packet: bytes) -> bool:
    """Tell whether an RTP packet of A-law or u-law has a sample above the faintest."""
    return packet[:1] == b"\x80" and packet[RTP:].translate(None, FAINT) != b""
