"""The edge on several interfaces and before NAT: each peer is spoken to from the address it knows, to where it is."""

import contextlib
import ctypes
import os
import re
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.drivers.sip.test_edge import SDP, call_extension, register
from tests.peers.edge import RunningEdge
from tests.peers.wire import Peer

CLONE_NEWNET = 0x40000000


class Network:
    """A box in a network of its own, joined to us by two cables: 10.77.1.0/24 and 10.77.2.0/24, .1 us, .2 the box."""

    def __init__(self) -> None:
        self.name = f"bh{os.getpid()}"

    def __enter__(self) -> "Network":
        self._ip("netns", "add", self.name)
        self._ip("-n", self.name, "link", "set", "lo", "up")
        for cable in (1, 2):
            ours, theirs = f"{self.name}a{cable}", f"{self.name}b{cable}"
            self._ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", self.name)
            self._ip("addr", "add", f"10.77.{cable}.1/24", "dev", ours)
            self._ip("link", "set", ours, "up")
            self._ip("-n", self.name, "addr", "add", f"10.77.{cable}.2/24", "dev", theirs)
            self._ip("-n", self.name, "link", "set", theirs, "up")
        return self

    def __exit__(self, *error: object) -> None:
        self._ip("netns", "del", self.name)

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Be in the box's namespace; sockets and programs made here stay there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as outside, open(f"/run/netns/{self.name}") as namespace:
            assert libc.setns(namespace.fileno(), CLONE_NEWNET) == 0
            try:
                yield
            finally:
                assert libc.setns(outside.fileno(), CLONE_NEWNET) == 0


def test_on_two_networks_each_telephone_sees_the_address_of_its_own() -> None:
    with Network() as network, contextlib.ExitStack() as stack:
        edge = RunningEdge("0.0.0.0")  # noqa: S104 - in a network of its own
        with network.inside():
            stack.enter_context(edge)
            gateway = stack.enter_context(Peer(edge.server, "127.0.0.1", port=edge.gateway[1]))
        for cable, number in ((1, "201"), (2, "202")):
            with Peer((f"10.77.{cable}.2", edge.port), f"10.77.{cable}.1") as phone:
                assert register(phone, number).status == 200
                call_extension(gateway, number)
                request = phone.expect("INVITE")
                own = f"10.77.{cable}.2:{edge.port}"
                assert request.source == (f"10.77.{cable}.2", edge.port)
                assert request.header("Via").startswith(f"SIP/2.0/UDP {own};")
                assert request.header("Record-Route").startswith(f"<sip:{own};")
                assert request.header("From").startswith(f"<sip:10086@{own}>")
                assert "127.0.0.1" not in request.text
                phone.answer(request, 200, body=SDP)
                answer = gateway.expect(200)
                routes = "\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route")))
                target = re.findall(r"<(.*?)>", answer.header("Contact"))[0]
                gateway.send(
                    gateway.request(
                        "BYE",
                        target,
                        user="10086",
                        call_id=request.header("Call-ID"),
                        cseq=2,
                        to_tag="answer",
                        more=routes,
                    )
                )
                bye = phone.expect("BYE")
                assert bye.source == (f"10.77.{cable}.2", edge.port)
                phone.answer(bye, 200)
                assert gateway.expect(200)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_telephone_behind_nat_is_reached_where_its_packets_come_from(tcp: bool) -> None:
    with (
        RunningEdge() as edge,
        Peer(edge.server, "127.0.0.1", port=edge.gateway[1]) as gateway,
        Peer(edge.server, "127.0.40.1", tcp=tcp) as phone,
    ):
        phone.via = "10.9.9.9:5060"
        phone.uri = "sip:x@10.9.9.9:5060" + (";transport=tcp" if tcp else "")
        assert register(phone, "201").status == 200
        call_extension(gateway, "201")
        request = phone.expect("INVITE")
        assert request.first.startswith("INVITE sip:201@10.9.9.9:5060")
        phone.answer(request, 200, body=SDP)
        answer = gateway.expect(200)
        routes = "\n".join(f"Route: {route}" for route in reversed(answer.headers("Record-Route")))
        target = re.findall(r"<(.*?)>", answer.header("Contact"))[0]
        for method, cseq in (("ACK", 1), ("INFO", 2)):
            gateway.send(
                gateway.request(
                    method,
                    target,
                    user="10086",
                    call_id=request.header("Call-ID"),
                    cseq=cseq,
                    to_tag="answer",
                    more=routes,
                    to=f"sip:201@127.0.0.1:{edge.port}",
                )
            )
            within = phone.expect(method)
            assert within.first.startswith(f"{method} sip:x@10.9.9.9:5060")


def test_a_telephone_that_listens_on_another_port_than_it_sends_from_is_reached_there() -> None:
    with (
        RunningEdge() as edge,
        Peer(edge.server, "127.0.0.1", port=edge.gateway[1]) as gateway,
        Peer(edge.server, "127.0.1.1") as sender,
        Peer(edge.server, "127.0.1.1") as listener,
    ):
        contact = f"sip:201@{listener.host}:{listener.port}"
        assert register(sender, "201", contact=contact).status == 200
        call_extension(gateway, "201")
        assert listener.expect("INVITE").first == f"INVITE {contact} SIP/2.0"


def test_a_registration_ends_with_its_time() -> None:
    with RunningEdge() as edge, Peer(edge.server, "127.0.1.1") as phone:
        assert "expires=60" in register(phone, "201", expires=1).header("Contact")
        assert "expires=3600" in register(phone, "202", expires=999999).header("Contact")


def test_an_address_that_is_not_ours_and_a_taken_port_are_named() -> None:
    edge = RunningEdge()
    try:
        with Peer(("127.0.0.1", 9), "127.0.0.1", port=edge.port):
            started = time.monotonic()
            message = refused(edge)
            assert f"BUSYHOUR_SIP is 127.0.0.1:{edge.port}" in message
            assert "another program has this port" in message
            assert time.monotonic() - started < 5
        edge.host = "192.0.2.77"
        assert "no such address" in refused(edge)
        edge.host = "localhost"
        assert "must be an address" in refused(edge)
    finally:
        edge.stop()


def refused(edge: RunningEdge) -> str:
    """Start an edge that cannot run; return what it says on standard error."""
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "drivers.sip.edge"],
        env=edge.environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 78, done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr
