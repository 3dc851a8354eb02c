"""Which of our addresses a peer is shown."""

import pytest

from drivers.link.messages import MediaAddress
from drivers.sip.addresses import MediaAddresses

TABLE = (
    MediaAddress("0.0.0.0/0", "203.0.113.7"),
    MediaAddress("10.0.0.0/8", "10.0.0.1"),
    MediaAddress("10.1.0.0/16", "10.1.0.1"),
    MediaAddress("nonsense", "10.9.0.1"),
    MediaAddress("192.168.0.0/16", "nonsense"),
)


@pytest.mark.parametrize(
    ("peer", "ours"),
    [("10.1.2.3", "10.1.0.1"), ("10.2.2.3", "10.0.0.1"), ("8.8.8.8", "203.0.113.7"), ("192.168.1.1", "203.0.113.7")],
)
def test_the_longest_match_wins_and_nonsense_is_left_out(peer: str, ours: str) -> None:
    assert MediaAddresses(TABLE).towards(peer) == ours


@pytest.mark.parametrize("peer", ["", "not an address", "carrier.example"])
def test_an_unknown_peer_is_shown_what_the_default_route_uses(peer: str) -> None:
    assert MediaAddresses(TABLE).towards(peer) == "203.0.113.7"


@pytest.mark.parametrize(("peer", "ours"), [("127.0.0.5", "127.0.0.1"), ("::1", "::1")])
def test_without_a_table_the_kernels_route_decides(peer: str, ours: str) -> None:
    assert MediaAddresses().towards(peer) == ours


def test_a_peer_on_ipv6_is_shown_an_address_of_its_own_version() -> None:
    table = (*TABLE, MediaAddress("2001:db8::/32", "2001:db8::7"))
    assert MediaAddresses(table).towards("2001:db8::1") == "2001:db8::7"
    assert ":" in MediaAddresses(TABLE).towards("2001:db8::1")
