"""Ports that nothing uses, for peers and boxes of the tests."""

import socket


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port free for both UDP and TCP at an address."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind((address, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((address, port))
            except OSError:
                continue
            return port


def free_range(size: int, address: str = "127.0.0.1") -> int:
    """Return the first of `size` consecutive UDP ports, even, all free now, below the kernel's own ephemeral range."""
    for first in range(20000, 32000 - size, size):
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
