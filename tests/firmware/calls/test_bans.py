"""The edge's bans by way of the gateway: told with its counters, lifted by an order that is answered."""

import pytest

from drivers.link.messages import Banned, LiftBan
from firmware.errors import NotFound, Unavailable
from tests.firmware.test_exchange import ask

GUESSER = Banned("192.0.2.7", "passwords", 1000.0, 9e9)


def subjects(box):
    return [one.subject for one in ask(box, "ban.list").bans]


def test_an_address_that_the_edge_bans_is_known_and_lifted_by_the_gateway(box):
    box.gateway.banned = (GUESSER,)
    box.gateway.tell_stats()
    box.settle()
    assert subjects(box) == ["192.0.2.7"]
    assert ask(box, "status").banned == 1
    assert ask(box, "ban.lift", subject="192.0.2.7").bans == []
    assert [order.address for order in box.gateway.orders if isinstance(order, LiftBan)] == ["192.0.2.7"]
    assert ask(box, "status").banned == 0
    with pytest.raises(NotFound, match=r"192\.0\.2\.7 is not banned"):
        ask(box, "ban.lift", subject="192.0.2.7")


def test_without_a_gateway_nobody_knows_and_nothing_can_be_lifted(box):
    box.gateway.banned = (GUESSER,)
    box.gateway.tell_stats()
    box.settle()
    box.gateway.accepts = False
    box.gateway.hang_up_on_exchange()
    box.settle()
    told = ask(box, "ban.list")
    assert (told.bans, told.edge) == ([], False)
    with pytest.raises(Unavailable):
        box.wait(box.exchange.bans.lift("192.0.2.7"))
