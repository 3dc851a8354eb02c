"""The box's programs, in the order in which they end; and how each shows that it does its work."""

import json
import socket
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from drivers.link.address import Address, local_addresses
from firmware.supervisor.clock import Steps
from firmware.supervisor.program import Plan, python
from firmware.supervisor.setting import Setting

ANSWER_S = 0.3
STEPS = Steps()
HASH_S = 10.0  # a password is hashed, perhaps on a busy machine


def edge_answers(setting: Setting) -> bool:
    """Whether Kamailio answers OPTIONS (RFC 3261 §11)."""
    server = setting.sip.near
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.settimeout(ANSWER_S)
        try:
            probe.connect((server.host, server.port))
            own = Address(*probe.getsockname()[:2])
            probe.send(
                f"OPTIONS sip:{server} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{time.monotonic_ns()}\r\n"
                f"From: <sip:supervisor@{own}>;tag=1\r\nTo: <sip:{server}>\r\n"
                f"Call-ID: {time.monotonic_ns()}@supervisor\r\nCSeq: 1 OPTIONS\r\n"
                "Max-Forwards: 1\r\nContent-Length: 0\r\n\r\n".encode()
            )
            return probe.recv(4096).startswith(b"SIP/2.0 ")
        except OSError:
            return False


def office_answers(setting: Setting) -> bool:
    """Whether the office listens for orders."""
    return _connects(setting.home / "run/office.sock")


def gateway_answers(setting: Setting) -> bool:
    """Whether the exchange has the gateway, and the gateway and the edge the exchange's configuration."""
    gateway = _status(setting).get("gateway", {})
    return bool(gateway.get("connected") and gateway.get("provisioned"))


def exchange_answers(setting: Setting) -> bool:
    """Whether the exchange tells its status."""
    return bool(_status(setting))


def web_answers(setting: Setting) -> bool:
    """Whether the web page comes, or asks to sign in."""
    server = setting.web.near
    try:
        with socket.create_connection((server.host, server.port), ANSWER_S) as page:
            page.settimeout(2.0)
            page.sendall(f"GET / HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n".encode())
            return page.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.1 30", b"HTTP/1.1 401"))
    except OSError:
        return False


def proxy_answers(setting: Setting) -> bool:
    """Whether the proxy listens."""
    return _connects(setting.home / "run/proxy.sock")


def forwarder_answers(setting: Setting) -> bool:
    """Whether what speaks TLS to carriers listens."""
    return _connects(setting.home / "run/forwarder.sock")


def set_up(setting: Setting) -> str:
    """Return how to sign in for the first time, with a password made just now; "" once somebody has."""
    made = _ask(setting, "user.set_up", HASH_S)
    if not made.get("password"):
        return ""
    return f"busyhour set-up: sign in as {made['name']} with {made['password']} at http://{setting.web.near}/"


def addresses(setting: Setting) -> Hashable:
    """Return what an edge that listens everywhere depends on: this machine's addresses."""
    listens = (setting.sip, setting.sips, setting.https)
    return tuple(local_addresses(4) + local_addresses(6)) if any(one.everywhere for one in listens) else ()


def carriers(setting: Setting) -> bytes:
    """Return what the forwarder runs by, nothing where no trunk wants TLS."""
    try:
        return (setting.home / "edge/forwarder.cfg").read_bytes()
    except OSError:
        return b""


def edge_depends(setting: Setting) -> Hashable:
    """Return what the edge depends on; None while its folder is being replaced.

    That are addresses, the clock, by which it knows how long a telephone is there, and the folder whose databases it
    has open: a restored backup brings another one.
    """
    try:
        folder = (setting.home / "edge").stat().st_ino
    except OSError:
        return None
    return addresses(setting), STEPS.count(), folder


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(ANSWER_S)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _status(setting: Setting) -> dict[str, Any]:
    return _ask(setting, "status", ANSWER_S)


def _ask(setting: Setting, method: str, answer_s: float) -> dict[str, Any]:
    """Return what the exchange answers to a method without parameters, empty when it does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.settimeout(answer_s)
        answer = b""
        try:
            control.connect(str(setting.home / "run/exchange.sock"))
            control.sendall(json.dumps({"id": 1, "method": method}).encode() + b"\n")
            while not answer.endswith(b"\n"):
                part = control.recv(65536)
                if not part:
                    return {}
                answer += part
            result = json.loads(answer).get("result")
        except (OSError, ValueError):
            return {}
        return result if isinstance(result, dict) else {}


# A call is ended by the gateway, noted by the exchange, told to the telephone by the edge, perhaps through the proxy:
# hence this order.
PROGRAMS = (
    Plan("web", python("webui"), web_answers, stop_s=4),
    Plan("gateway", python("drivers"), gateway_answers),
    Plan("exchange", python("firmware"), exchange_answers),
    Plan("edge", python("drivers.sip.edge"), edge_answers, stop_s=3, tied_to=edge_depends, clears_up=True),
    Plan("proxy", python("firmware.proxy"), proxy_answers, stop_s=2, tied_to=addresses),
    Plan(
        "forwarder",
        python("drivers.sip.edge.forwarder"),
        forwarder_answers,
        stop_s=2,
        tied_to=carriers,
        needed=False,
        wanted=lambda setting: bool(carriers(setting)),
    ),
    Plan("office", python("drivers.office"), office_answers, stop_s=2),
)
# Not needed: a port that is missing or unplugged keeps nobody from telephoning. Waiting for it is work, too.
CONSOLE = Plan("console", python("firmware.console"), lambda setting: True, stop_s=2, needed=False)
