"""Events kept until they are acknowledged."""

from drivers.link.framing import encode
from drivers.link.messages import Ringing
from drivers.link.outbox import Outbox


def event(seq: int) -> Ringing:
    return Ringing(seq=seq, at_s=1.0, channel="c")


def test_what_is_acknowledged_is_forgotten_and_the_rest_is_kept_in_order() -> None:
    outbox = Outbox()
    for seq in range(1, 6):
        assert outbox.add(event(seq)) == encode(event(seq))
    outbox.acknowledge(3)
    assert list(outbox) == [encode(event(4)), encode(event(5))]
    outbox.acknowledge(2)  # late
    assert len(outbox) == 2
    assert outbox.last_seq == 5


def test_an_outbox_that_is_full_lets_go_of_everything_and_counts_it() -> None:
    outbox = Outbox(limit=3)
    for seq in range(1, 4):
        outbox.add(event(seq))
    assert outbox.add(event(4)) is None
    assert (len(outbox), outbox.lost, outbox.last_seq) == (0, 4, 4)
    assert outbox.add(event(5)) is not None
    assert list(outbox) == [encode(event(5))]
