"""Ports that nothing uses, for peers and boxes of the tests; and whether a program listens at its socket yet."""

import os
import socket
import subprocess
import time
from pathlib import Path

# Above what a box's gateway takes for its media, below the kernel's own ephemeral range
RANGES_BEGIN, RANGES_END = 24000, 32000
_next_range = RANGES_BEGIN + os.getpid() * 514 % (RANGES_END - RANGES_BEGIN)
# Below what a gateway takes, and below the ephemeral range: nobody's connection out gets one of these meanwhile
PORTS_BEGIN, PORTS_END = 10000, 19900
_next_port = PORTS_BEGIN + os.getpid() * 1237 % (PORTS_END - PORTS_BEGIN)


def free_port(address: str = "127.0.0.1", *, next_too: bool = False) -> int:
    """Return a port free for both UDP and TCP at an address, perhaps with the next one free for TCP.

    It is another one every time, and in every process.
    """
    global _next_port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(PORTS_END - PORTS_BEGIN):
        port = _next_port
        _next_port = port + 2 if port + 2 < PORTS_END else PORTS_BEGIN
        with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind((address, port))
                udp.bind((address, port))
                if next_too:
                    with socket.socket(family, socket.SOCK_STREAM) as beside:
                        beside.bind((address, port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise RuntimeError(f"no port free at {address}")


def free_range(size: int, address: str = "127.0.0.1") -> int:
    """Return the first of `size` consecutive UDP ports, even, all free now.

    It is another one every time, and in every process: whoever asked before may not have bound theirs yet.
    """
    global _next_range
    for _ in range(2 * (RANGES_END - RANGES_BEGIN) // size):
        first = _next_range if _next_range + size <= RANGES_END else RANGES_BEGIN
        _next_range = first + size + size % 2
        held: list[socket.socket] = []
        try:
            for port in range(first, first + size):
                probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                held.append(probe)
                probe.bind((address, port))
            return first
        except OSError:
            continue
        finally:
            for probe in held:
                probe.close()
    raise RuntimeError(f"no {size} free UDP ports in a row")


def wait_listening(path: Path, program: subprocess.Popen[bytes] | subprocess.Popen[str], timeout_s: float = 20) -> None:
    """Wait until a program just started listens at its Unix socket: the file is there a moment before.

    AssertionError when the program ends, or takes longer.
    """
    deadline = time.monotonic() + timeout_s
    while not _listens(path):
        assert program.poll() is None, f"it ended with {program.returncode} before it listened at {path}"
        assert time.monotonic() < deadline, f"it does not listen at {path} within {timeout_s} s"
        time.sleep(0.02)


def _listens(path: Path) -> bool:
    """Ask the kernel, not the program: a connection would mean something to it (proc(5), __SO_ACCEPTCON)."""
    rows = (line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:])
    return any(row[3] == "00010000" and row[7:] == [str(path)] for row in rows)
