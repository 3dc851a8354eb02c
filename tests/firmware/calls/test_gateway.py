"""The exchange's idea of the gateway: each event applied once, each order given until it is known to have arrived."""

import pytest

from drivers.link.messages import (
    KEPT_ORDERS,
    Ack,
    Finished,
    Hello,
    LineChanged,
    Provision,
    Provisioned,
    RegistrationChanged,
    Snapshot,
    StopPlay,
)
from firmware.calls.gateway import Gateway
from firmware.clock import Clock, VirtualLoop


class Wire:
    """A connection's way down that remembers."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)

    @property
    def ids(self):
        return [message.id for message in self.sent if not isinstance(message, Ack)]


@pytest.fixture
def gateway():
    loop = VirtualLoop()
    gateway = Gateway("x1", Clock(loop, offset_s=1000.0), known={"g1": 5})
    gateway.told, gateway.taken, gateway.agreed = [], [], []
    gateway.on_news = gateway.told.append
    gateway.on_taken = lambda epoch, seq, at_s: gateway.taken.append(seq)
    gateway.on_synchronised = gateway.agreed.append
    yield gateway
    loop.close()


def begin(gateway, epoch="g1", seq=5, channels=()):
    wire = Wire()
    gateway.begin(wire, Hello(epoch=epoch, last_seq=seq), Snapshot(seq=seq, channels=channels, lines={}, registered=()))
    return wire


def news(seq):
    return LineChanged(seq=seq, at_s=float(seq), line=1, state="idle")


def stop(gateway):
    order = StopPlay(id=gateway.next_id(), channel="c")
    gateway.send(order)
    return order


def test_what_is_on_disk_already_is_not_applied_again(gateway):
    begin(gateway, seq=7)
    for seq in (4, 5, 6, 6, 7):
        gateway.take(news(seq))
    assert gateway.taken == [6, 7]


def test_the_snapshot_is_believed_when_all_before_it_is_applied(gateway):
    begin(gateway, seq=7)
    gateway.take(news(6))
    assert not gateway.synchronised
    gateway.take(news(7))
    assert (gateway.synchronised, len(gateway.agreed)) == (True, 1)
    gateway.take(news(8))
    assert len(gateway.agreed) == 1


def test_where_nothing_is_left_to_be_told_the_snapshot_is_believed_at_once(gateway):
    begin(gateway, seq=5)
    assert gateway.synchronised


def test_another_epoch_begins_to_count_anew_and_is_told_of(gateway):
    anew = []
    gateway.on_anew.append(anew.append)
    begin(gateway)
    assert anew == []
    begin(gateway, "g2", 0)
    gateway.take(news(1))
    assert ([hello.epoch for hello in anew], gateway.taken) == (["g2"], [1])


def test_missing_events_are_named_and_the_rest_is_applied(gateway, caplog):
    begin(gateway)
    gateway.take(news(9))
    assert "gateway events 6 to 8 are missing" in caplog.text
    assert gateway.taken == [9]


def test_a_fault_in_one_event_does_not_stop_the_next(gateway, caplog):
    def fails(happening):
        gateway.told.append(happening)
        if happening.seq == 6:
            raise ZeroDivisionError("a fault")

    gateway.on_news = fails
    begin(gateway)
    gateway.take(news(6))
    gateway.take(news(7))
    assert ([happening.seq for happening in gateway.told], gateway.taken) == ([6, 7], [6, 7])
    assert "ZeroDivisionError" in caplog.text


def test_orders_are_given_again_over_a_new_connection_in_their_order(gateway):
    begin(gateway)
    given = [stop(gateway).id for _ in range(3)]
    gateway.end()
    given.append(stop(gateway).id)
    assert begin(gateway).ids == given


def test_what_an_order_brought_about_shows_that_all_before_it_arrived(gateway):
    begin(gateway)
    first, second, third = (stop(gateway) for _ in range(3))
    gateway.take(Finished(seq=6, at_s=1.0, channel="c", command=second.id, reason="stopped"))
    gateway.end()
    assert begin(gateway).ids == [third.id]
    assert first.id != third.id


def test_orders_to_a_gateway_that_is_no_more_are_forgotten(gateway):
    begin(gateway)
    stop(gateway)
    gateway.end()
    assert begin(gateway, "g2", 0).ids == []


def test_orders_given_before_the_first_connection_go_to_the_gateway_that_was_there_before(gateway):
    given = stop(gateway)
    assert begin(gateway).ids == [given.id]


def test_no_more_orders_are_kept_than_can_be_needed(gateway):
    ids = [stop(gateway).id for _ in range(KEPT_ORDERS + 10)]
    assert begin(gateway).ids == ids[10:]


def test_an_order_is_known_by_who_gave_it(gateway):
    assert gateway.is_mine(stop(gateway).id)
    assert not gateway.is_mine("x0.1")
    assert not gateway.is_mine("x11.1")


def test_events_of_an_earlier_gateway_are_not_acknowledged_to_this_one(gateway):
    wire = begin(gateway)
    gateway.acknowledge("g0", 99)
    gateway.acknowledge("g1", 5)
    assert wire.sent == [Ack(seq=5)]


def test_only_the_newest_configuration_counts_as_in_force(gateway):
    gateway.provision = lambda: Provision(
        id=gateway.next_id(), country="CN", lines=(), users=(), trunks=(), rtp_first=1, rtp_last=2
    )
    wire = begin(gateway)
    gateway.send_provision()
    older, newer = (order.id for order in wire.sent if isinstance(order, Provision))
    gateway.take(Provisioned(seq=6, at_s=1.0, command=older))
    assert not gateway.provisioned
    gateway.take(Provisioned(seq=7, at_s=1.0, command=newer, opermode="CHINA"))
    assert gateway.provisioned
    assert gateway.opermode == "CHINA"
    gateway.end()
    assert not gateway.provisioned


def test_lines_and_telephones_are_known_as_told(gateway):
    begin(gateway)
    gateway.take(LineChanged(seq=6, at_s=1.0, line=2, state="fault"))
    gateway.take(RegistrationChanged(seq=7, at_s=1.0, name="201", registered=True))
    assert (gateway.lines, gateway.registered) == ({2: "fault"}, {"201"})
    gateway.take(RegistrationChanged(seq=8, at_s=1.0, name="201", registered=False))
    assert gateway.registered == set()
